/*
 * One kernel for everything: TornadoVM 5.2 runs every prebuilt task of a TaskGraph with the code of
 * that graph's first task (PlanGraph). OpenClSource puts the files together, this one last, and in
 * front of them HEADER, the bytes before the data of TornadoVM's arrays, ELEMENTS, those that a
 * work-item quantizes, CHAIN_BYTES and CHAIN_BITS, the longest rows of a chain, and PORTABLE.
 */
#define DATA(type, pointer) ((__global type *)((pointer) + HEADER))

/*
 * a: bias of floats, sums of the weights of integers, parameters of a chain; b: thresholds;
 * c: multipliers; d: residual.
 */
__kernel void heluLayer(
    __global long *context, __constant uchar *constants, __local uchar *shared,
    __global int *atomics, __global uchar *x, __global uchar *w, __global uchar *a,
    __global uchar *b, __global uchar *c, __global uchar *d, __global uchar *y,
    __global uchar *batch, __global uchar *sizes) {
  __global const int *g = DATA(const int, sizes);
  if (g[MODE] == NOTHING) return;
  int samples = DATA(const int, batch)[0];
  if (g[MODE] == CHAIN) {
    int first = get_global_id(1) * ROWS;
    int all = samples * g[CHAIN_ROWS];
    if (first >= all) return;
    chain(
        first, all, g, DATA(const uchar, x), DATA(const ulong, w), DATA(const int, a),
        DATA(uchar, y));
    return;
  }
  int rows = samples * g[PIXELS];
  if (g[MODE] == QUANTIZE) {
    int first = get_global_id(1) * ELEMENTS;
    quantize(first, rows, g, DATA(const float, x), DATA(int, y));
    return;
  }
  int o = get_global_id(0) * 16;
  int row = get_global_id(1) * 4;
  if (row >= rows || o >= max(g[OUTPUTS], g[OUT_WORDS] * 64)) return;
  if (g[MODE] == FLOATS) {
    floats(
        row, rows, o, g, DATA(const float, x), DATA(const float, w), DATA(const float, a),
        DATA(const float, d), DATA(float, y));
  } else {
    integers(
        row, rows, o, g, DATA(const uchar, x), DATA(const uchar, w), DATA(const int, a),
        DATA(const int, b), DATA(const long, c), DATA(const int, d), DATA(uchar, y));
  }
}
