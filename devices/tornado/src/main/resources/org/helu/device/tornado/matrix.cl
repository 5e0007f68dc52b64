/*
 * Dense layers and convolutions for CPUs that OpenCL drives: TornadoVM's own code for them keeps
 * neither vectors nor rows in registers. A work-item computes four rows by sixteen outputs.
 *
 * Weights are w [ceil(O/16),K,16], zeros beyond the last output. Sums are formed in the order of K,
 * each product and each sum rounded, as the reference kernels do; g holds the sizes, its last entry
 * the flags of MatrixKernels. HEADER is put in front: bytes before the data of TornadoVM's arrays.
 */
#pragma OPENCL FP_CONTRACT OFF

#define ARGUMENTS                                                                                 \
  __global long *context, __constant uchar *constants, __local uchar *shared,                      \
      __global int *atomics, __global uchar *px, __global uchar *pw, __global uchar *pbias,        \
      __global uchar *presidual, __global uchar *py, __global uchar *pbatch, __global uchar *pg

#define DATA(type, pointer) ((__global type *)((pointer) + HEADER))

static void put(
    float16 sum, int o, int outputs, size_t row, __global const float *bias,
    __global const float *residual, __global float *y, int flags) {
  float sums[16];
  vstore16(sum, 0, sums);
  int count = outputs - o < 16 ? outputs - o : 16;
  size_t at = row * outputs + o;
  for (int i = 0; i < count; i++) {
    float z = sums[i];
    if (flags & 1) z = z + bias[o + i];
    if (flags & 2) z = z + residual[at + i];
    if (flags & 4) z = z > 0.0f ? z : z == z ? 0.0f : z;
    y[at + i] = z;
  }
}

/* g: rows of a sample, K, O, flags */
__kernel void heluDenseC(ARGUMENTS) {
  __global const int *g = DATA(const int, pg);
  int rows = DATA(const int, pbatch)[0] * g[0];
  int terms = g[1];
  int outputs = g[2];
  int o = get_global_id(0) * 16;
  int row = get_global_id(1) * 4;
  if (row >= rows || o >= outputs) return;
  /* The last rows are read again where four reach beyond them. */
  int last = rows - 1;
  __global const float *x = DATA(const float, px);
  __global const float *x0 = x + (size_t) row * terms;
  __global const float *x1 = x + (size_t) min(row + 1, last) * terms;
  __global const float *x2 = x + (size_t) min(row + 2, last) * terms;
  __global const float *x3 = x + (size_t) min(row + 3, last) * terms;
  __global const float *w = DATA(const float, pw) + (size_t) o * terms;
  float16 s0 = 0.0f, s1 = 0.0f, s2 = 0.0f, s3 = 0.0f;
  for (int k = 0; k < terms; k++) {
    float16 v = vload16(k, w);
    s0 = s0 + x0[k] * v;
    s1 = s1 + x1[k] * v;
    s2 = s2 + x2[k] * v;
    s3 = s3 + x3[k] * v;
  }
  __global const float *bias = DATA(const float, pbias);
  __global const float *residual = DATA(const float, presidual);
  __global float *y = DATA(float, py);
  put(s0, o, outputs, row, bias, residual, y, g[3]);
  if (row + 1 < rows) put(s1, o, outputs, row + 1, bias, residual, y, g[3]);
  if (row + 2 < rows) put(s2, o, outputs, row + 2, bias, residual, y, g[3]);
  if (row + 3 < rows) put(s3, o, outputs, row + 3, bias, residual, y, g[3]);
}

typedef struct {
  int sample, top, left;
} origin;

static origin origin_of(int row, int pixels, __global const int *g) {
  int pixel = row % pixels;
  origin result = {row / pixels, pixel / g[3] * g[6] - g[10], pixel % g[3] * g[7] - g[11]};
  return result;
}

/* Where a tap reads, or -1 outside of the image. */
static long tap(origin from, int kh, int kw, __global const int *g) {
  int ih = from.top + kh * g[8];
  int iw = from.left + kw * g[9];
  bool inside = ih >= 0 && ih < g[0] && iw >= 0 && iw < g[1];
  return inside ? (((long) from.sample * g[0] + ih) * g[1] + iw) * g[2] : -1;
}

/* g: as MatrixKernels.heluConv2d, then pixels, O, flags; K is kH, kW, C. A zero stands for what is
   outside of an image, which leaves each sum as it is. */
__kernel void heluConv2dC(ARGUMENTS) {
  __global const int *g = DATA(const int, pg);
  int pixels = g[14];
  int outputs = g[15];
  int rows = DATA(const int, pbatch)[0] * pixels;
  int o = get_global_id(0) * 16;
  int row = get_global_id(1) * 4;
  if (row >= rows || o >= outputs) return;
  int last = rows - 1;
  int channels = g[2];
  origin from0 = origin_of(row, pixels, g);
  origin from1 = origin_of(min(row + 1, last), pixels, g);
  origin from2 = origin_of(min(row + 2, last), pixels, g);
  origin from3 = origin_of(min(row + 3, last), pixels, g);
  __global const float *x = DATA(const float, px);
  __global const float *w = DATA(const float, pw) + (size_t) o * g[4] * g[5] * channels;
  float16 s0 = 0.0f, s1 = 0.0f, s2 = 0.0f, s3 = 0.0f;
  for (int kh = 0; kh < g[4]; kh++) {
    for (int kw = 0; kw < g[5]; kw++) {
      long at0 = tap(from0, kh, kw, g);
      long at1 = tap(from1, kh, kw, g);
      long at2 = tap(from2, kh, kw, g);
      long at3 = tap(from3, kh, kw, g);
      for (int c = 0; c < channels; c++) {
        float16 v = vload16(c, w);
        s0 = s0 + (at0 < 0 ? 0.0f : x[at0 + c]) * v;
        s1 = s1 + (at1 < 0 ? 0.0f : x[at1 + c]) * v;
        s2 = s2 + (at2 < 0 ? 0.0f : x[at2 + c]) * v;
        s3 = s3 + (at3 < 0 ? 0.0f : x[at3 + c]) * v;
      }
      w += channels * 16;
    }
  }
  __global const float *bias = DATA(const float, pbias);
  __global const float *residual = DATA(const float, presidual);
  __global float *y = DATA(float, py);
  put(s0, o, outputs, row, bias, residual, y, g[16]);
  if (row + 1 < rows) put(s1, o, outputs, row + 1, bias, residual, y, g[16]);
  if (row + 2 < rows) put(s2, o, outputs, row + 2, bias, residual, y, g[16]);
  if (row + 3 < rows) put(s3, o, outputs, row + 3, bias, residual, y, g[16]);
}
