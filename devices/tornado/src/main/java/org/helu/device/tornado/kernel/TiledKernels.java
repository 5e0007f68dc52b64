package org.helu.device.tornado.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Dense layers and convolutions for GPUs. A work-group of 16×16 items computes 64 rows by 64
 * outputs, each item 4×4 of them, 16 apart; sixteen terms at a time are kept in local memory, so
 * that each value is read from global memory once per work-group.
 *
 * <p>Sums are formed in the order of {@link MatrixKernels}, and terms outside of an image or beyond
 * the last one add a zero: the answers are the same, bit for bit, where weights and values are
 * finite. Launched with {@code ceil(outputs/64)*16 × ceil(rows/64)*16} items, in work-groups of
 * {@code 16×16}.
 */
public final class TiledKernels {
  /** Rows, and outputs, of a work-group. */
  public static final int TILE = 64;

  /** Items of a work-group in each direction. */
  public static final int ITEMS = 16;

  private TiledKernels() {}

  /** The left tile's row of 64 is one longer: items that write a column then use all banks. */
  private static final int PITCH = 65;

  private static void store(
      float sum,
      FloatArray bias,
      FloatArray residual,
      FloatArray y,
      int row,
      int o,
      int rows,
      int outputs,
      int flags) {
    if (row < rows && o < outputs) {
      int at = row * outputs + o;
      y.set(at, MatrixKernels.finish(sum, bias, residual, o, at, flags));
    }
  }

  private static float weight(FloatArray w, int term, int o, int terms, int outputs) {
    float v = 0f;
    if (term < terms && o < outputs) {
      v = w.get(term * outputs + o);
    }
    return v;
  }

  private static float term(FloatArray x, int row, int k, int rows, int terms) {
    float v = 0f;
    if (row < rows && k < terms) {
      v = x.get(row * terms + k);
    }
    return v;
  }

  /** {@code x [rows,K]}, {@code w [K,O]} (transposed) to {@code y [rows,O]}, per sample. */
  public static void heluDenseTiled(
      KernelContext context,
      FloatArray x,
      FloatArray w,
      FloatArray bias,
      FloatArray residual,
      FloatArray y,
      IntArray batch,
      int rows,
      int inputs,
      int outputs,
      int flags) {
    float[] left = context.allocateFloatLocalArray(16 * PITCH);
    float[] right = context.allocateFloatLocalArray(16 * 64);
    int column = context.localIdx;
    int row = context.localIdy;
    int item = row * 16 + column;
    int from = context.groupIdx * 64;
    int first = context.groupIdy * 64;
    int total = batch.get(0) * rows;
    // The same for a whole work-group, whose items wait for each other.
    int tiles = first < total ? (inputs + 15) / 16 : 0;
    float s00 = 0f;
    float s01 = 0f;
    float s02 = 0f;
    float s03 = 0f;
    float s10 = 0f;
    float s11 = 0f;
    float s12 = 0f;
    float s13 = 0f;
    float s20 = 0f;
    float s21 = 0f;
    float s22 = 0f;
    float s23 = 0f;
    float s30 = 0f;
    float s31 = 0f;
    float s32 = 0f;
    float s33 = 0f;
    for (int t = 0; t < tiles; t++) {
      int k0 = t * 16 + column;
      left[column * PITCH + row] = term(x, first + row, k0, total, inputs);
      left[column * PITCH + row + 16] = term(x, first + row + 16, k0, total, inputs);
      left[column * PITCH + row + 32] = term(x, first + row + 32, k0, total, inputs);
      left[column * PITCH + row + 48] = term(x, first + row + 48, k0, total, inputs);
      right[item] = weight(w, t * 16 + item / 64, from + item % 64, inputs, outputs);
      right[item + 256] = weight(w, t * 16 + item / 64 + 4, from + item % 64, inputs, outputs);
      right[item + 512] = weight(w, t * 16 + item / 64 + 8, from + item % 64, inputs, outputs);
      right[item + 768] = weight(w, t * 16 + item / 64 + 12, from + item % 64, inputs, outputs);
      context.localBarrier();
      for (int k = 0; k < 16; k++) {
        float a0 = left[k * PITCH + row];
        float a1 = left[k * PITCH + row + 16];
        float a2 = left[k * PITCH + row + 32];
        float a3 = left[k * PITCH + row + 48];
        float b0 = right[k * 64 + column];
        float b1 = right[k * 64 + column + 16];
        float b2 = right[k * 64 + column + 32];
        float b3 = right[k * 64 + column + 48];
        s00 = s00 + a0 * b0;
        s01 = s01 + a0 * b1;
        s02 = s02 + a0 * b2;
        s03 = s03 + a0 * b3;
        s10 = s10 + a1 * b0;
        s11 = s11 + a1 * b1;
        s12 = s12 + a1 * b2;
        s13 = s13 + a1 * b3;
        s20 = s20 + a2 * b0;
        s21 = s21 + a2 * b1;
        s22 = s22 + a2 * b2;
        s23 = s23 + a2 * b3;
        s30 = s30 + a3 * b0;
        s31 = s31 + a3 * b1;
        s32 = s32 + a3 * b2;
        s33 = s33 + a3 * b3;
      }
      context.localBarrier();
    }
    int o = from + column;
    store(s00, bias, residual, y, first + row, o, total, outputs, flags);
    store(s01, bias, residual, y, first + row, o + 16, total, outputs, flags);
    store(s02, bias, residual, y, first + row, o + 32, total, outputs, flags);
    store(s03, bias, residual, y, first + row, o + 48, total, outputs, flags);
    store(s10, bias, residual, y, first + row + 16, o, total, outputs, flags);
    store(s11, bias, residual, y, first + row + 16, o + 16, total, outputs, flags);
    store(s12, bias, residual, y, first + row + 16, o + 32, total, outputs, flags);
    store(s13, bias, residual, y, first + row + 16, o + 48, total, outputs, flags);
    store(s20, bias, residual, y, first + row + 32, o, total, outputs, flags);
    store(s21, bias, residual, y, first + row + 32, o + 16, total, outputs, flags);
    store(s22, bias, residual, y, first + row + 32, o + 32, total, outputs, flags);
    store(s23, bias, residual, y, first + row + 32, o + 48, total, outputs, flags);
    store(s30, bias, residual, y, first + row + 48, o, total, outputs, flags);
    store(s31, bias, residual, y, first + row + 48, o + 16, total, outputs, flags);
    store(s32, bias, residual, y, first + row + 48, o + 32, total, outputs, flags);
    store(s33, bias, residual, y, first + row + 48, o + 48, total, outputs, flags);
  }

  /** The value at {@code (top, left)} of an image whose sample starts at {@code base}, or 0. */
  private static float pixel(
      FloatArray x, IntArray g, int base, int top, int left, int c, int valid) {
    float v = 0f;
    if (valid != 0 && top >= 0 && top < g.get(0) && left >= 0 && left < g.get(1)) {
      v = x.get(((base + top) * g.get(1) + left) * g.get(2) + c);
    }
    return v;
  }

  /**
   * Convolution of one group as a matrix product whose rows are the output's pixels: {@code w
   * [kH,kW,C,O]}.
   *
   * @param g as {@link MatrixKernels#heluConv2d} has it
   * @param pixels outH × outW
   * @param terms kH × kW × C
   */
  public static void heluConv2dTiled(
      KernelContext context,
      FloatArray x,
      FloatArray w,
      FloatArray bias,
      FloatArray residual,
      FloatArray y,
      IntArray batch,
      IntArray g,
      int pixels,
      int outputs,
      int terms,
      int flags) {
    float[] left = context.allocateFloatLocalArray(16 * PITCH);
    float[] right = context.allocateFloatLocalArray(16 * 64);
    int column = context.localIdx;
    int row = context.localIdy;
    int item = row * 16 + column;
    int from = context.groupIdx * 64;
    int first = context.groupIdy * 64;
    int total = batch.get(0) * pixels;
    // The same for a whole work-group, whose items wait for each other.
    int tiles = first < total ? (terms + 15) / 16 : 0;
    // An item fetches the same four pixels' terms in every tile.
    int p0 = (first + row) % pixels;
    int n0 = (first + row) / pixels * g.get(0);
    int h0 = p0 / g.get(3) * g.get(6) - g.get(10);
    int v0 = p0 % g.get(3) * g.get(7) - g.get(11);
    int p1 = (first + row + 16) % pixels;
    int n1 = (first + row + 16) / pixels * g.get(0);
    int h1 = p1 / g.get(3) * g.get(6) - g.get(10);
    int v1 = p1 % g.get(3) * g.get(7) - g.get(11);
    int p2 = (first + row + 32) % pixels;
    int n2 = (first + row + 32) / pixels * g.get(0);
    int h2 = p2 / g.get(3) * g.get(6) - g.get(10);
    int v2 = p2 % g.get(3) * g.get(7) - g.get(11);
    int p3 = (first + row + 48) % pixels;
    int n3 = (first + row + 48) / pixels * g.get(0);
    int h3 = p3 / g.get(3) * g.get(6) - g.get(10);
    int v3 = p3 % g.get(3) * g.get(7) - g.get(11);
    float s00 = 0f;
    float s01 = 0f;
    float s02 = 0f;
    float s03 = 0f;
    float s10 = 0f;
    float s11 = 0f;
    float s12 = 0f;
    float s13 = 0f;
    float s20 = 0f;
    float s21 = 0f;
    float s22 = 0f;
    float s23 = 0f;
    float s30 = 0f;
    float s31 = 0f;
    float s32 = 0f;
    float s33 = 0f;
    for (int t = 0; t < tiles; t++) {
      int k0 = t * 16 + column;
      int c = k0 % g.get(2);
      int tap = k0 / g.get(2);
      int down = tap / g.get(5) * g.get(8);
      int across = tap % g.get(5) * g.get(9);
      int in0 = first + row < total && k0 < terms ? 1 : 0;
      left[column * PITCH + row] = pixel(x, g, n0, h0 + down, v0 + across, c, in0);
      int in1 = first + row + 16 < total && k0 < terms ? 1 : 0;
      left[column * PITCH + row + 16] = pixel(x, g, n1, h1 + down, v1 + across, c, in1);
      int in2 = first + row + 32 < total && k0 < terms ? 1 : 0;
      left[column * PITCH + row + 32] = pixel(x, g, n2, h2 + down, v2 + across, c, in2);
      int in3 = first + row + 48 < total && k0 < terms ? 1 : 0;
      left[column * PITCH + row + 48] = pixel(x, g, n3, h3 + down, v3 + across, c, in3);
      right[item] = weight(w, t * 16 + item / 64, from + item % 64, terms, outputs);
      right[item + 256] = weight(w, t * 16 + item / 64 + 4, from + item % 64, terms, outputs);
      right[item + 512] = weight(w, t * 16 + item / 64 + 8, from + item % 64, terms, outputs);
      right[item + 768] = weight(w, t * 16 + item / 64 + 12, from + item % 64, terms, outputs);
      context.localBarrier();
      for (int k = 0; k < 16; k++) {
        float a0 = left[k * PITCH + row];
        float a1 = left[k * PITCH + row + 16];
        float a2 = left[k * PITCH + row + 32];
        float a3 = left[k * PITCH + row + 48];
        float b0 = right[k * 64 + column];
        float b1 = right[k * 64 + column + 16];
        float b2 = right[k * 64 + column + 32];
        float b3 = right[k * 64 + column + 48];
        s00 = s00 + a0 * b0;
        s01 = s01 + a0 * b1;
        s02 = s02 + a0 * b2;
        s03 = s03 + a0 * b3;
        s10 = s10 + a1 * b0;
        s11 = s11 + a1 * b1;
        s12 = s12 + a1 * b2;
        s13 = s13 + a1 * b3;
        s20 = s20 + a2 * b0;
        s21 = s21 + a2 * b1;
        s22 = s22 + a2 * b2;
        s23 = s23 + a2 * b3;
        s30 = s30 + a3 * b0;
        s31 = s31 + a3 * b1;
        s32 = s32 + a3 * b2;
        s33 = s33 + a3 * b3;
      }
      context.localBarrier();
    }
    int o = from + column;
    store(s00, bias, residual, y, first + row, o, total, outputs, flags);
    store(s01, bias, residual, y, first + row, o + 16, total, outputs, flags);
    store(s02, bias, residual, y, first + row, o + 32, total, outputs, flags);
    store(s03, bias, residual, y, first + row, o + 48, total, outputs, flags);
    store(s10, bias, residual, y, first + row + 16, o, total, outputs, flags);
    store(s11, bias, residual, y, first + row + 16, o + 16, total, outputs, flags);
    store(s12, bias, residual, y, first + row + 16, o + 32, total, outputs, flags);
    store(s13, bias, residual, y, first + row + 16, o + 48, total, outputs, flags);
    store(s20, bias, residual, y, first + row + 32, o, total, outputs, flags);
    store(s21, bias, residual, y, first + row + 32, o + 16, total, outputs, flags);
    store(s22, bias, residual, y, first + row + 32, o + 32, total, outputs, flags);
    store(s23, bias, residual, y, first + row + 32, o + 48, total, outputs, flags);
    store(s30, bias, residual, y, first + row + 48, o, total, outputs, flags);
    store(s31, bias, residual, y, first + row + 48, o + 16, total, outputs, flags);
    store(s32, bias, residual, y, first + row + 48, o + 32, total, outputs, flags);
    store(s33, bias, residual, y, first + row + 48, o + 48, total, outputs, flags);
  }
}
