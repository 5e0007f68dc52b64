/*
 * Dense layers and convolutions for CPUs that OpenCL drives: TornadoVM's own code for them keeps
 * neither vectors nor rows in registers. A work-item computes four rows (sample and position) by
 * sixteen outputs. A dense layer is a convolution by one tap over an image of one line.
 */
#pragma OPENCL FP_CONTRACT OFF

/* Indices of g; OpenClSource writes it. */
enum {
  MODE, IN_H, IN_W, IN_C, OUT_W, K_H, K_W, STRIDE_H, STRIDE_W, DILATION_H, DILATION_W, PAD_TOP,
  PAD_LEFT, PIXELS, OUTPUTS,
  /* bits of float layers: 1 bias, 2 residual, 4 gate; of integer layers: kind of epilogue */
  FLAGS,
  STEP, ZERO, PAD, STEPS, HIGH, PER_CHANNEL, PLANES, WORDS, OUT_WORDS
};

/* Values of g[MODE]. */
enum { NOTHING, FLOATS, CODES, BIT_PLANES, QUANTIZE, CHAIN };

typedef struct {
  int sample, top, left;
} origin;

static origin origin_of(int row, __global const int *g) {
  int pixel = row % g[PIXELS];
  int top = pixel / g[OUT_W] * g[STRIDE_H] - g[PAD_TOP];
  int left = pixel % g[OUT_W] * g[STRIDE_W] - g[PAD_LEFT];
  origin result = {row / g[PIXELS], top, left};
  return result;
}

/* The pixel that a tap reads, or -1 outside of the image. */
static long tap(origin from, int kh, int kw, __global const int *g) {
  int ih = from.top + kh * g[DILATION_H];
  int iw = from.left + kw * g[DILATION_W];
  bool inside = ih >= 0 && ih < g[IN_H] && iw >= 0 && iw < g[IN_W];
  return inside ? ((long) from.sample * g[IN_H] + ih) * g[IN_W] + iw : -1;
}

/* Float layers. Sums are formed in the order of kH, kW, C, each product and each sum rounded, and
   taps outside of the image left out, as the reference kernels do. */

static float16 float_line(
    float16 sum, __global const float *x, __global const float *w, int channels) {
  for (int c = 0; c < channels; c++) sum = sum + x[c] * vload16(c, w);
  return sum;
}

static void put_floats(
    float16 sum, int o, size_t row, __global const int *g, __global const float *bias,
    __global const float *residual, __global float *y) {
  float sums[16];
  vstore16(sum, 0, sums);
  int flags = g[FLAGS];
  int count = min(g[OUTPUTS] - o, 16);
  size_t at = row * g[OUTPUTS] + o;
  for (int i = 0; i < count; i++) {
    float z = sums[i];
    if (flags & 1) z = z + bias[o + i];
    if (flags & 2) z = z + residual[at + i];
    if (flags & 4) z = z > 0.0f ? z : z == z ? 0.0f : z;
    y[at + i] = z;
  }
}

/* w [O/16,kH*kW*C,16] */
static void floats(
    int row, int rows, int o, __global const int *g, __global const float *x,
    __global const float *w, __global const float *bias, __global const float *residual,
    __global float *y) {
  int last = rows - 1;
  int channels = g[IN_C];
  origin from0 = origin_of(row, g);
  origin from1 = origin_of(min(row + 1, last), g);
  origin from2 = origin_of(min(row + 2, last), g);
  origin from3 = origin_of(min(row + 3, last), g);
  w += (size_t) o * g[K_H] * g[K_W] * channels;
  float16 s0 = 0.0f, s1 = 0.0f, s2 = 0.0f, s3 = 0.0f;
  for (int kh = 0; kh < g[K_H]; kh++) {
    for (int kw = 0; kw < g[K_W]; kw++) {
      long at0 = tap(from0, kh, kw, g);
      long at1 = tap(from1, kh, kw, g);
      long at2 = tap(from2, kh, kw, g);
      long at3 = tap(from3, kh, kw, g);
      __global const float *x0 = x + at0 * channels;
      __global const float *x1 = x + at1 * channels;
      __global const float *x2 = x + at2 * channels;
      __global const float *x3 = x + at3 * channels;
      if (at0 >= 0 && at1 >= 0 && at2 >= 0 && at3 >= 0) {
        for (int c = 0; c < channels; c++) {
          float16 v = vload16(c, w);
          s0 = s0 + x0[c] * v;
          s1 = s1 + x1[c] * v;
          s2 = s2 + x2[c] * v;
          s3 = s3 + x3[c] * v;
        }
      } else {
        if (at0 >= 0) s0 = float_line(s0, x0, w, channels);
        if (at1 >= 0) s1 = float_line(s1, x1, w, channels);
        if (at2 >= 0) s2 = float_line(s2, x2, w, channels);
        if (at3 >= 0) s3 = float_line(s3, x3, w, channels);
      }
      w += channels * 16;
    }
  }
  put_floats(s0, o, row, g, bias, residual, y);
  if (row + 1 < rows) put_floats(s1, o, row + 1, g, bias, residual, y);
  if (row + 2 < rows) put_floats(s2, o, row + 2, g, bias, residual, y);
  if (row + 3 < rows) put_floats(s3, o, row + 3, g, bias, residual, y);
}

/* Integer layers: a tap inside of the image adds step * sum(code * weight) - zero * sum(weight), one
   outside pad * sum(weight). */

static int16 tapped(int16 sum, long at, int16 products, int16 weights, __global const int *g) {
  return at < 0 ? sum + g[PAD] * weights : sum + g[STEP] * products - g[ZERO] * weights;
}

/*
 * As CodeFunctions.stored, sixteen sums at once. Parameters are [blocks,count,16], one block where
 * all channels share them; those of Requantize stand behind the divisor.
 */
static int16 stored(
    int16 z, int block, int16 added, __global const int *g, __global const int *thresholds,
    __global const long *multipliers) {
  int at = g[PER_CHANNEL] * block;
  if (g[FLAGS] == 1) {
    __global const int *own = thresholds + at * (g[STEPS] + 1) * 16;
    int16 value = vload16(0, own) * z;
    int16 code = 0;
    for (int t = 1; t <= g[STEPS]; t++) code -= value >= vload16(t, own);
    return code;
  }
  if (g[FLAGS] >= 2) {
    __global const long *own = multipliers + 1 + at * g[FLAGS] * 16;
    long8 low = convert_long8(z.lo) * vload8(0, own) + vload8(2, own);
    long8 high = convert_long8(z.hi) * vload8(1, own) + vload8(3, own);
    if (g[FLAGS] == 3) {
      low += convert_long8(added.lo) * vload8(4, own);
      high += convert_long8(added.hi) * vload8(5, own);
    }
    /* A shift rounds other than the division that is meant only where the result is 0 anyway. */
    int shift = 63 - clz(multipliers[0]);
    low = clamp(low >> shift, 0L, (long) g[HIGH]);
    high = clamp(high >> shift, 0L, (long) g[HIGH]);
    return (int16)(convert_int8(low), convert_int8(high));
  }
  return z;
}

/* The sixteen outputs as ints, or as bits of packed words. */
static void put_ints(
    int16 sum, int o, size_t row, __global const int *g, __global const int *thresholds,
    __global const long *multipliers, __global const int *residual, __global uchar *y) {
  /* The last word of packed outputs may be longer than there are outputs: its end is 0. */
  int count = clamp(g[OUTPUTS] - o, 0, 16);
  size_t at = row * g[OUTPUTS] + o;
  int values[16] = {0};
  if (g[FLAGS] == 3) {
    for (int i = 0; i < count; i++) values[i] = residual[at + i];
  }
  int16 codes = count == 0 ? (int16) 0
      : stored(sum, o / 16, vload16(0, values), g, thresholds, multipliers);
  if (g[OUT_WORDS] > 0) {
    ushort bits = lanes(-codes) & ((1 << count) - 1);
    ((__global ushort *) y)[row * g[OUT_WORDS] * 4 + o / 16] = bits;
  } else if (count == 16) {
    vstore16(codes, 0, (__global int *) y + at);
  } else {
    vstore16(codes, 0, values);
    for (int i = 0; i < count; i++) ((__global int *) y)[at + i] = values[i];
  }
}

/* The signed byte 0 to 3 of each lane. */
static int16 signed_byte(int16 packed, int i) { return packed << (24 - 8 * i) >> 24; }

/* Sums of one int a code; w [O/16,ceil(C/4),16], four signed bytes to an int. */
static void code_products(
    __global const int *x0, __global const int *x1, __global const int *x2,
    __global const int *x3, __global const int *w, int channels, int16 *p) {
  int16 p0 = 0, p1 = 0, p2 = 0, p3 = 0;
  int c = 0;
  for (; c + 4 <= channels; c += 4) {
    int16 packed = vload16(c / 4, w);
#pragma unroll
    for (int i = 0; i < 4; i++) {
      int16 v = signed_byte(packed, i);
      p0 += x0[c + i] * v;
      p1 += x1[c + i] * v;
      p2 += x2[c + i] * v;
      p3 += x3[c + i] * v;
    }
  }
  for (; c < channels; c++) {
    int16 v = signed_byte(vload16(c / 4, w), c % 4);
    p0 += x0[c] * v;
    p1 += x1[c] * v;
    p2 += x2[c] * v;
    p3 += x3[c] * v;
  }
  p[0] = p0;
  p[1] = p1;
  p[2] = p2;
  p[3] = p3;
}

/* Sums of bit planes x [planes,words] by bipolar weights w [O/16,words,16]: of each plane
   popcount(w) - popcount(x XOR w). */
static void plane_products(
    __global const ulong *x0, __global const ulong *x1, __global const ulong *x2,
    __global const ulong *x3, __global const ulong *w, int planes, int words, int16 positive,
    int16 *p) {
  p[0] = p[1] = p[2] = p[3] = ((1 << planes) - 1) * positive;
  for (int plane = 0; plane < planes; plane++) {
    ulong8 a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0;
    for (int first = 0; first < words; first += MOST_COUNTS) {
      ulong8 c0 = 0, c1 = 0, c2 = 0, c3 = 0, d0 = 0, d1 = 0, d2 = 0, d3 = 0;
      int last = min(first + MOST_COUNTS, words);
      for (int i = first; i < last; i++) {
        ulong8 low = vload8(2 * i, w);
        ulong8 high = vload8(2 * i + 1, w);
        int at = plane * words + i;
        c0 += counted(x0[at] ^ low);
        d0 += counted(x0[at] ^ high);
        c1 += counted(x1[at] ^ low);
        d1 += counted(x1[at] ^ high);
        c2 += counted(x2[at] ^ low);
        d2 += counted(x2[at] ^ high);
        c3 += counted(x3[at] ^ low);
        d3 += counted(x3[at] ^ high);
      }
      a0 += totals(c0);
      b0 += totals(d0);
      a1 += totals(c1);
      b1 += totals(d1);
      a2 += totals(c2);
      b2 += totals(d2);
      a3 += totals(c3);
      b3 += totals(d3);
    }
    int weight = 1 << plane;
    p[0] -= weight * narrowed(a0, b0);
    p[1] -= weight * narrowed(a1, b1);
    p[2] -= weight * narrowed(a2, b2);
    p[3] -= weight * narrowed(a3, b3);
  }
}

/* sums: of the weights [O/16,kH*kW,16] */
static void integers(
    int row, int rows, int o, __global const int *g, __global const uchar *x,
    __global const uchar *w, __global const int *sums, __global const int *thresholds,
    __global const long *multipliers, __global const int *residual, __global uchar *y) {
  bool packed = g[MODE] == BIT_PLANES;
  int taps = g[K_H] * g[K_W];
  size_t x_bytes = packed ? 8 * g[PLANES] * g[WORDS] : 4 * g[IN_C];
  size_t w_bytes = packed ? 128 * g[WORDS] : (g[IN_C] + 3) / 4 * 64;
  int last = rows - 1;
  origin from0 = origin_of(row, g);
  origin from1 = origin_of(min(row + 1, last), g);
  origin from2 = origin_of(min(row + 2, last), g);
  origin from3 = origin_of(min(row + 3, last), g);
  w += o / 16 * taps * w_bytes;
  sums += o * taps;
  int16 s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  int height = o < g[OUTPUTS] ? g[K_H] : 0;
  for (int kh = 0; kh < height; kh++) {
    for (int kw = 0; kw < g[K_W]; kw++) {
      long at0 = tap(from0, kh, kw, g);
      long at1 = tap(from1, kh, kw, g);
      long at2 = tap(from2, kh, kw, g);
      long at3 = tap(from3, kh, kw, g);
      /* What a tap outside reads does not count. */
      __global const uchar *x0 = x + max(at0, 0L) * x_bytes;
      __global const uchar *x1 = x + max(at1, 0L) * x_bytes;
      __global const uchar *x2 = x + max(at2, 0L) * x_bytes;
      __global const uchar *x3 = x + max(at3, 0L) * x_bytes;
      int16 weights = vload16(0, sums);
      int16 p[4];
      if (packed) {
        plane_products(
            (__global const ulong *) x0, (__global const ulong *) x1, (__global const ulong *) x2,
            (__global const ulong *) x3, (__global const ulong *) w, g[PLANES], g[WORDS],
            (weights + g[IN_C]) / 2, p);
      } else {
        code_products(
            (__global const int *) x0, (__global const int *) x1, (__global const int *) x2,
            (__global const int *) x3, (__global const int *) w, g[IN_C], p);
      }
      s0 = tapped(s0, at0, p[0], weights, g);
      s1 = tapped(s1, at1, p[1], weights, g);
      s2 = tapped(s2, at2, p[2], weights, g);
      s3 = tapped(s3, at3, p[3], weights, g);
      w += w_bytes;
      sums += 16;
    }
  }
  put_ints(s0, o, row, g, thresholds, multipliers, residual, y);
  if (row + 1 < rows) put_ints(s1, o, row + 1, g, thresholds, multipliers, residual, y);
  if (row + 2 < rows) put_ints(s2, o, row + 2, g, thresholds, multipliers, residual, y);
  if (row + 3 < rows) put_ints(s3, o, row + 3, g, thresholds, multipliers, residual, y);
}

static int16 quantized(float16 x, float scale, int zero, int high) {
  /* OpenCL grants float division 2.5 units in the last place. */
  float16 quotient = convert_float16(convert_double16(x) / (double) scale);
  float16 finite = select((float16) 0.0f, quotient, quotient == quotient);
  int16 code = convert_int16(rint(clamp(finite, -512.0f, 512.0f))) + zero;
  return clamp(code, 0, high);
}

/* As CodeKernels.heluQuantize: PIXELS elements a sample, STEP the bits of the scale. */
static void quantize(
    int first, int size, __global const int *g, __global const float *x, __global int *y) {
  float scale = as_float(g[STEP]);
  int last = min(first + ELEMENTS, size);
  int i = first;
  for (; i + 16 <= last; i += 16) {
    vstore16(quantized(vload16(0, x + i), scale, g[ZERO], g[HIGH]), 0, y + i);
  }
  for (; i < last; i++) {
    y[i] = quantized((float16) x[i], scale, g[ZERO], g[HIGH]).s0;
  }
}
