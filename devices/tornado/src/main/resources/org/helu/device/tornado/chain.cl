/*
 * A chain of dense layers with one-bit weights in one task, since a task costs as much as the
 * arithmetic of dozens of samples: a work-item takes eight rows through all of them, and keeps what
 * lies between two layers for itself.
 */
#define ROWS 8 /* loops over them are unrolled: sums of all rows then stay in registers */

/* Indices of g, which DenseChain writes; those of a layer count from where it starts. */
enum {
  CHAIN_ROWS = 1, CHAIN_INPUTS, CHAIN_SOURCE, CHAIN_SCALE, CHAIN_INVERSE, CHAIN_ZERO, CHAIN_HIGH,
  CHAIN_LAYERS, FIRST_LAYER
};
enum { L_INPUTS, L_OUTPUTS, L_WEIGHTS, L_PARAMETERS, L_STEP, L_END, LAYER_SIZE };

/* Where the codes of the first layer come from, and what a layer's sums become. */
enum { OF_BITS, OF_CODES, OF_FLOATS };
enum { TO_BITS, TO_SUMS, TO_FLOATS, TO_GATED_FLOATS };

/* Eight rows of bytes, four to an int, of those groups of four that are not zero in all rows. */
typedef struct {
  int count;
  ushort at[CHAIN_BYTES / 4];
  uint codes[CHAIN_BYTES / 4][ROWS];
} byte_rows;

static int16 clamped_codes(float16 rounded, int zero, int high) {
  return clamp(convert_int16(rounded) + zero, 0, high);
}

static void put_codes(int16 codes, int c, int r, byte_rows *rows) {
  uint4 packed = as_uint4(convert_uchar16(codes));
  rows->codes[c / 4][r] = packed.s0;
  rows->codes[c / 4 + 1][r] = packed.s1;
  rows->codes[c / 4 + 2][r] = packed.s2;
  rows->codes[c / 4 + 3][r] = packed.s3;
}

/*
 * Quantizes by a product instead of a quotient, whose error is less than a thousandth as long as it
 * is below 512; whether all were farther than that from a tie.
 */
static bool quickly_quantized(
    __global const float *x, int channels, int r, __global const int *g, byte_rows *rows) {
  float inverse = as_float(g[CHAIN_INVERSE]);
  int16 safe = -1;
  for (int c = 0; c + 16 <= channels; c += 16) {
    float16 quotient = vload16(0, x + c) * inverse;
    float16 rounded = rint(quotient);
    safe &= (fabs(quotient - rounded) < 0.499f) & (fabs(quotient) < 512.0f);
    put_codes(clamped_codes(rounded, g[CHAIN_ZERO], g[CHAIN_HIGH]), c, r, rows);
  }
  int8 eight = safe.lo & safe.hi;
  int4 four = eight.lo & eight.hi;
  int2 two = four.lo & four.hi;
  return two.x & two.y;
}

static void quantized_row(
    __global const float *x, int channels, int r, __global const int *g, byte_rows *rows) {
  float scale = as_float(g[CHAIN_SCALE]);
  bool done = g[CHAIN_INVERSE] != 0 && quickly_quantized(x, channels, r, g, rows);
  for (int c = done ? channels / 16 * 16 : 0; c < channels; c += 16) {
    float values[16];
    for (int i = 0; i < 16; i++) values[i] = x[min(c + i, channels - 1)];
    put_codes(quantized(vload16(0, values), scale, g[CHAIN_ZERO], g[CHAIN_HIGH]), c, r, rows);
  }
}

static void code_row(__global const int *x, int channels, int r, byte_rows *rows) {
  for (int c = 0; c < channels; c += 16) {
    int values[16];
    for (int i = 0; i < 16; i++) values[i] = x[min(c + i, channels - 1)];
    put_codes(vload16(0, values), c, r, rows);
  }
}

/* Drops groups of codes that are zero in all rows, as the margins of pictures are. */
static void drop_zeros(int channels, byte_rows *rows) {
  int count = 0;
  for (int p = 0; p < (channels + 3) / 4; p++) {
    uint8 codes = vload8(0, rows->codes[p]);
    vstore8(codes, 0, rows->codes[count]);
    rows->at[count] = p;
    uint4 some = codes.lo | codes.hi;
    count += ((some.x | some.y | some.z | some.w) != 0);
  }
  rows->count = count;
}

/* Sums of sixteen outputs of each row; w [C/4,16], four signs to an int. */
static void byte_sums(const byte_rows *rows, __global const int *w, int16 *sums) {
#pragma unroll
  for (int r = 0; r < ROWS; r++) sums[r] = 0;
  for (int first = 0; first < rows->count; first += MOST_PAIRS) {
    int last = min(first + MOST_PAIRS, rows->count);
    shorts32 pairs[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; r++) pairs[r] = (shorts32)(0);
    for (int p = first; p < last; p++) {
      int16 signs = vload16(rows->at[p], w);
#pragma unroll
      for (int r = 0; r < ROWS; r++) pairs[r] += signed_pairs(rows->codes[p][r], signs);
    }
#pragma unroll
    for (int r = 0; r < ROWS; r++) sums[r] += widened(pairs[r]);
  }
}

/* As byte_sums, of bits [ROWS,words] and w [words,16]: minus the bits that differ. */
static void bit_sums(const ulong *x, __global const ulong *w, int words, int16 *sums) {
#pragma unroll
  for (int r = 0; r < ROWS; r++) sums[r] = 0;
  for (int first = 0; first < words; first += MOST_COUNTS) {
    int last = min(first + MOST_COUNTS, words);
    ulong8 low[ROWS], high[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; r++) low[r] = high[r] = 0;
    for (int i = first; i < last; i++) {
      ulong8 w0 = vload8(2 * i, w);
      ulong8 w1 = vload8(2 * i + 1, w);
#pragma unroll
      for (int r = 0; r < ROWS; r++) {
        low[r] += counted(x[r * words + i] ^ w0);
        high[r] += counted(x[r * words + i] ^ w1);
      }
    }
#pragma unroll
    for (int r = 0; r < ROWS; r++) sums[r] -= narrowed(totals(low[r]), totals(high[r]));
  }
}

/* Stores the sums of sixteen outputs of a row behind the last layer. */
static void put_chain(
    int16 sums, __global const int *parameters, int end, int o, int outputs, size_t row,
    __global int *y) {
  float16 z = convert_float16(sums) * as_float16(vload16(1, parameters));
  z = z + as_float16(vload16(2, parameters));
  if (end == TO_GATED_FLOATS) z = select((float16) 0.0f, z, z > 0.0f || z != z);
  int values[16];
  vstore16(end == TO_SUMS ? sums : as_int16(z), 0, values);
  for (int i = 0; i < min(outputs - o, 16); i++) y[row * outputs + o + i] = values[i];
}

static void chain(
    int row, int rows, __global const int *g, __global const uchar *x, __global const ulong *w,
    __global const int *parameters, __global uchar *y) {
  byte_rows bytes;
  ulong bits[2][CHAIN_BITS / 64 * ROWS];
  int channels = g[CHAIN_INPUTS];
  int words = (channels + 63) / 64;
#pragma unroll
  for (int r = 0; r < ROWS; r++) {
    size_t from = min(row + r, rows - 1);
    if (g[CHAIN_SOURCE] == OF_FLOATS) {
      quantized_row((__global const float *) x + from * channels, channels, r, g, &bytes);
    } else if (g[CHAIN_SOURCE] == OF_CODES) {
      code_row((__global const int *) x + from * channels, channels, r, &bytes);
    } else {
      __global const ulong *own = (__global const ulong *) x + from * words;
      for (int i = 0; i < words; i++) bits[0][r * words + i] = own[i];
    }
  }
  if (g[CHAIN_SOURCE] != OF_BITS) drop_zeros(channels, &bytes);
  for (int n = 0; n < g[CHAIN_LAYERS]; n++) {
    __global const int *layer = g + FIRST_LAYER + n * LAYER_SIZE;
    bool of_bytes = n == 0 && g[CHAIN_SOURCE] != OF_BITS;
    int in_words = (layer[L_INPUTS] + 63) / 64;
    int out_words = (layer[L_OUTPUTS] + 63) / 64;
    const ulong *in = bits[n % 2];
    ulong *out = bits[(n + 1) % 2];
    for (int i = 0; i < out_words * ROWS; i++) out[i] = 0;
    for (int o = 0; o < layer[L_OUTPUTS]; o += 16) {
      __global const int *own = parameters + layer[L_PARAMETERS] + o * 3;
      __global const ulong *weights = w + layer[L_WEIGHTS];
      int16 sums[ROWS];
      if (of_bytes) {
        byte_sums(&bytes, (__global const int *) weights + o * ((channels + 3) / 4), sums);
      } else {
        bit_sums(in, weights + o * in_words, in_words, sums);
      }
      int16 offset = vload16(0, own);
#pragma unroll
      for (int r = 0; r < ROWS; r++) {
        int16 z = layer[L_STEP] * sums[r] + offset;
        if (layer[L_END] == TO_BITS) {
          ushort reached = lanes(vload16(1, own) * z >= vload16(2, own));
          out[r * out_words + o / 64] |= (ulong) reached << o % 64;
        } else if (row + r < rows) {
          put_chain(z, own, layer[L_END], o, layer[L_OUTPUTS], row + r, (__global int *) y);
        }
      }
    }
  }
  int last = FIRST_LAYER + (g[CHAIN_LAYERS] - 1) * LAYER_SIZE;
  if (g[last + L_END] == TO_BITS) {
    int out_words = (g[last + L_OUTPUTS] + 63) / 64;
    for (int r = 0; r < min(rows - row, ROWS); r++) {
      for (int i = 0; i < out_words; i++) {
        ulong word = bits[g[CHAIN_LAYERS] % 2][r * out_words + i];
        ((__global ulong *) y)[(size_t) (row + r) * out_words + i] = word;
      }
    }
  }
}
