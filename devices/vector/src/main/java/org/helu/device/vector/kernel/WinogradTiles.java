package org.helu.device.vector.kernel;

import static org.helu.device.vector.kernel.Simd.ADDRESS;
import static org.helu.device.vector.kernel.Simd.ALL;
import static org.helu.device.vector.kernel.Simd.BYTES;
import static org.helu.device.vector.kernel.Simd.FMA;
import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;
import static org.helu.device.vector.kernel.Simd.OFFSET;
import static org.helu.device.vector.kernel.Simd.SPECIES;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import org.helu.runtime.tensor.Tensor;

/**
 * Register blocks of {@link Winograd}'s products, {@code tiles} x {@code vectors}. Neighbouring
 * tiles lie a vector apart, so that a block reads all of its inputs from one address: unlike {@link
 * Tiles}, no row has an address of its own. Of blocks of 12 x 1, a sixth faster, C2 boxed the last
 * two rows in some processes.
 *
 * <p>As in {@link Tiles}, loops are written out and memory is checked once a call.
 */
final class WinogradTiles {
  /** The greatest of {@link #rows}. */
  static final int MOST_ROWS = 8;

  private static final int SHIFT = Integer.numberOfTrailingZeros(Simd.LANES);

  /** Whether there are registers for 16 sums and their operands. */
  private static final boolean TALL = Simd.MAX_VECTORS == 4;

  /** Whether 16 registers hold 12 sums and their operands: products take one more elsewhere. */
  private static final boolean SIX = !TALL && FMA;

  private WinogradTiles() {}

  /** Tiles of the block for panels of {@code vectors} vectors, 1 or 2. */
  static int rows(int vectors) {
    return vectors == 1 || TALL ? 8 : 4;
  }

  /**
   * Products of one number: {@code y[tile, column] = bias[column] + sum x[tile, k] w[k, column]}.
   *
   * @param w memory of the panel
   * @param panel byte offset of the panel: biases, then one row of columns per channel
   * @param m memory of everything else
   * @param x byte offset of the first tile's first vector of channels; the next tile's follows
   * @param channels whole vectors
   * @param taps byte offset of each channel from the first one
   * @param columnBytes from one vector of channels to the next
   * @param y byte offset of the first tile's outputs
   * @param rowBytes from one tile's outputs to the next
   * @param tiles how many; rounded up to whole blocks, which must exist
   */
  static void run(
      int vectors,
      MemorySegment w,
      long panel,
      MemorySegment m,
      long x,
      int channels,
      int[] taps,
      long columnBytes,
      long y,
      long rowBytes,
      int tiles) {
    int rows = rows(vectors);
    int whole = vectors == 2 && SIX ? tiles + 3 : (tiles + rows - 1) / rows * rows;
    Objects.checkFromIndexSize(panel, (1L + channels) * vectors * BYTES, w.byteSize());
    Objects.checkFromIndexSize(
        x, (channels / Simd.LANES - 1L) * columnBytes + whole * (long) BYTES, m.byteSize());
    Objects.checkFromIndexSize(y, whole * rowBytes, m.byteSize());
    long weights = (w.address() + panel) & ADDRESS;
    long inputs = (m.address() + x) & ADDRESS;
    long outputs = (m.address() + y) & ADDRESS;
    if (vectors == 2 && SIX) {
      for (int tile = 0; tile < tiles; ) {
        long from = inputs + tile * (long) BYTES;
        long to = outputs + tile * rowBytes;
        int left = tiles - tile;
        // 7 and 8 are two blocks of 4.
        if (left > 8 || left == 6 || left == 5) {
          run6x2(weights, from, taps, to, rowBytes);
          tile += 6;
        } else {
          run4x2(weights, from, taps, to, rowBytes);
          tile += 4;
        }
      }
      return;
    }
    for (int tile = 0; tile < tiles; tile += rows) {
      long from = inputs + tile * (long) BYTES;
      long to = outputs + tile * rowBytes;
      if (vectors == 1) {
        run8x1(weights, from, channels, columnBytes, to, rowBytes);
      } else if (TALL) {
        run8x2(weights, from, channels, columnBytes, to, rowBytes);
      } else {
        run4x2(weights, from, taps, to, rowBytes);
      }
    }
  }

  /** 8 tiles x 1 vector. */
  private static void run8x1(
      long weights, long x, int channels, long columnBytes, long y, long rowBytes) {
    FloatVector bias0 = FloatVector.fromMemorySegment(SPECIES, ALL, weights, LITTLE_ENDIAN);
    long rows = weights + 1L * BYTES;
    FloatVector s00 = bias0;
    FloatVector s10 = bias0;
    FloatVector s20 = bias0;
    FloatVector s30 = bias0;
    FloatVector s40 = bias0;
    FloatVector s50 = bias0;
    FloatVector s60 = bias0;
    FloatVector s70 = bias0;
    long inputs = x & ADDRESS;
    for (int k = 0; k < channels; k++) {
      long row = rows + k * (1L * BYTES);
      long at = inputs + ((k >> SHIFT) * columnBytes + (k & Simd.LANES - 1) * 4L & OFFSET);
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, ALL, row, LITTLE_ENDIAN);
      FloatVector a0 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at));
      s00 = FMA ? a0.fma(b0, s00) : a0.mul(b0).add(s00);
      FloatVector a1 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at + BYTES));
      s10 = FMA ? a1.fma(b0, s10) : a1.mul(b0).add(s10);
      FloatVector a2 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at + 2L * BYTES));
      s20 = FMA ? a2.fma(b0, s20) : a2.mul(b0).add(s20);
      FloatVector a3 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at + 3L * BYTES));
      s30 = FMA ? a3.fma(b0, s30) : a3.mul(b0).add(s30);
      FloatVector a4 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at + 4L * BYTES));
      s40 = FMA ? a4.fma(b0, s40) : a4.mul(b0).add(s40);
      FloatVector a5 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at + 5L * BYTES));
      s50 = FMA ? a5.fma(b0, s50) : a5.mul(b0).add(s50);
      FloatVector a6 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at + 6L * BYTES));
      s60 = FMA ? a6.fma(b0, s60) : a6.mul(b0).add(s60);
      FloatVector a7 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at + 7L * BYTES));
      s70 = FMA ? a7.fma(b0, s70) : a7.mul(b0).add(s70);
    }
    long to = y & ADDRESS;
    s00.intoMemorySegment(ALL, to, LITTLE_ENDIAN);
    to += rowBytes;
    s10.intoMemorySegment(ALL, to, LITTLE_ENDIAN);
    to += rowBytes;
    s20.intoMemorySegment(ALL, to, LITTLE_ENDIAN);
    to += rowBytes;
    s30.intoMemorySegment(ALL, to, LITTLE_ENDIAN);
    to += rowBytes;
    s40.intoMemorySegment(ALL, to, LITTLE_ENDIAN);
    to += rowBytes;
    s50.intoMemorySegment(ALL, to, LITTLE_ENDIAN);
    to += rowBytes;
    s60.intoMemorySegment(ALL, to, LITTLE_ENDIAN);
    to += rowBytes;
    s70.intoMemorySegment(ALL, to, LITTLE_ENDIAN);
  }

  /** 8 tiles x 2 vectors. */
  private static void run8x2(
      long weights, long x, int channels, long columnBytes, long y, long rowBytes) {
    FloatVector bias0 = FloatVector.fromMemorySegment(SPECIES, ALL, weights, LITTLE_ENDIAN);
    FloatVector bias1 = FloatVector.fromMemorySegment(SPECIES, ALL, weights + BYTES, LITTLE_ENDIAN);
    long rows = weights + 2L * BYTES;
    FloatVector s00 = bias0;
    FloatVector s01 = bias1;
    FloatVector s10 = bias0;
    FloatVector s11 = bias1;
    FloatVector s20 = bias0;
    FloatVector s21 = bias1;
    FloatVector s30 = bias0;
    FloatVector s31 = bias1;
    FloatVector s40 = bias0;
    FloatVector s41 = bias1;
    FloatVector s50 = bias0;
    FloatVector s51 = bias1;
    FloatVector s60 = bias0;
    FloatVector s61 = bias1;
    FloatVector s70 = bias0;
    FloatVector s71 = bias1;
    long inputs = x & ADDRESS;
    for (int k = 0; k < channels; k++) {
      long row = rows + k * (2L * BYTES);
      long at = inputs + ((k >> SHIFT) * columnBytes + (k & Simd.LANES - 1) * 4L & OFFSET);
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, ALL, row, LITTLE_ENDIAN);
      FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, ALL, row + BYTES, LITTLE_ENDIAN);
      FloatVector a0 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at));
      s00 = FMA ? a0.fma(b0, s00) : a0.mul(b0).add(s00);
      s01 = FMA ? a0.fma(b1, s01) : a0.mul(b1).add(s01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at + BYTES));
      s10 = FMA ? a1.fma(b0, s10) : a1.mul(b0).add(s10);
      s11 = FMA ? a1.fma(b1, s11) : a1.mul(b1).add(s11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at + 2L * BYTES));
      s20 = FMA ? a2.fma(b0, s20) : a2.mul(b0).add(s20);
      s21 = FMA ? a2.fma(b1, s21) : a2.mul(b1).add(s21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at + 3L * BYTES));
      s30 = FMA ? a3.fma(b0, s30) : a3.mul(b0).add(s30);
      s31 = FMA ? a3.fma(b1, s31) : a3.mul(b1).add(s31);
      FloatVector a4 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at + 4L * BYTES));
      s40 = FMA ? a4.fma(b0, s40) : a4.mul(b0).add(s40);
      s41 = FMA ? a4.fma(b1, s41) : a4.mul(b1).add(s41);
      FloatVector a5 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at + 5L * BYTES));
      s50 = FMA ? a5.fma(b0, s50) : a5.mul(b0).add(s50);
      s51 = FMA ? a5.fma(b1, s51) : a5.mul(b1).add(s51);
      FloatVector a6 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at + 6L * BYTES));
      s60 = FMA ? a6.fma(b0, s60) : a6.mul(b0).add(s60);
      s61 = FMA ? a6.fma(b1, s61) : a6.mul(b1).add(s61);
      FloatVector a7 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at + 7L * BYTES));
      s70 = FMA ? a7.fma(b0, s70) : a7.mul(b0).add(s70);
      s71 = FMA ? a7.fma(b1, s71) : a7.mul(b1).add(s71);
    }
    long to = y & ADDRESS;
    s00.intoMemorySegment(ALL, to, LITTLE_ENDIAN);
    s01.intoMemorySegment(ALL, to + BYTES, LITTLE_ENDIAN);
    to += rowBytes;
    s10.intoMemorySegment(ALL, to, LITTLE_ENDIAN);
    s11.intoMemorySegment(ALL, to + BYTES, LITTLE_ENDIAN);
    to += rowBytes;
    s20.intoMemorySegment(ALL, to, LITTLE_ENDIAN);
    s21.intoMemorySegment(ALL, to + BYTES, LITTLE_ENDIAN);
    to += rowBytes;
    s30.intoMemorySegment(ALL, to, LITTLE_ENDIAN);
    s31.intoMemorySegment(ALL, to + BYTES, LITTLE_ENDIAN);
    to += rowBytes;
    s40.intoMemorySegment(ALL, to, LITTLE_ENDIAN);
    s41.intoMemorySegment(ALL, to + BYTES, LITTLE_ENDIAN);
    to += rowBytes;
    s50.intoMemorySegment(ALL, to, LITTLE_ENDIAN);
    s51.intoMemorySegment(ALL, to + BYTES, LITTLE_ENDIAN);
    to += rowBytes;
    s60.intoMemorySegment(ALL, to, LITTLE_ENDIAN);
    s61.intoMemorySegment(ALL, to + BYTES, LITTLE_ENDIAN);
    to += rowBytes;
    s70.intoMemorySegment(ALL, to, LITTLE_ENDIAN);
    s71.intoMemorySegment(ALL, to + BYTES, LITTLE_ENDIAN);
  }

  /**
   * 6 tiles x 2 vectors in 16 registers. C2 moves the loads of a loop's body in front of its
   * arithmetic, and spills sums then. A load stays behind the store of what is to come before it:
   * so sums are stored on the way, where they belong at last. And the body is as short as it is
   * where C2 does not unroll it.
   */
  private static void run6x2(long weights, long x, int[] taps, long y, long rowBytes) {
    FloatVector bias0 = FloatVector.fromMemorySegment(SPECIES, ALL, weights, LITTLE_ENDIAN);
    FloatVector bias1 = FloatVector.fromMemorySegment(SPECIES, ALL, weights + BYTES, LITTLE_ENDIAN);
    FloatVector s00 = bias0;
    FloatVector s01 = bias1;
    FloatVector s10 = bias0;
    FloatVector s11 = bias1;
    FloatVector s20 = bias0;
    FloatVector s21 = bias1;
    FloatVector s30 = bias0;
    FloatVector s31 = bias1;
    FloatVector s40 = bias0;
    FloatVector s41 = bias1;
    FloatVector s50 = bias0;
    FloatVector s51 = bias1;
    long inputs = x & ADDRESS;
    long stride = rowBytes & OFFSET;
    long y0 = y & ADDRESS;
    long y1 = y0 + stride;
    long y2 = y1 + stride;
    long y3 = y2 + stride;
    long y4 = y3 + stride;
    long y5 = y4 + stride;
    long row = (weights + 2L * BYTES) & ADDRESS;
    int step = Simd.step;
    for (int k = 0; k < taps.length; k += step) {
      long at = inputs + (taps[k] & OFFSET);
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, ALL, row, LITTLE_ENDIAN);
      FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, ALL, row + BYTES, LITTLE_ENDIAN);
      FloatVector a0 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at));
      s00 = a0.fma(b0, s00);
      s01 = a0.fma(b1, s01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at + BYTES));
      s10 = a1.fma(b0, s10);
      s11 = a1.fma(b1, s11);
      s11.intoMemorySegment(ALL, y1 + BYTES, LITTLE_ENDIAN);
      FloatVector a2 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at + 2L * BYTES));
      s20 = a2.fma(b0, s20);
      s21 = a2.fma(b1, s21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at + 3L * BYTES));
      s30 = a3.fma(b0, s30);
      s31 = a3.fma(b1, s31);
      s31.intoMemorySegment(ALL, y3 + BYTES, LITTLE_ENDIAN);
      FloatVector a4 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at + 4L * BYTES));
      s40 = a4.fma(b0, s40);
      s41 = a4.fma(b1, s41);
      FloatVector a5 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at + 5L * BYTES));
      s50 = a5.fma(b0, s50);
      s51 = a5.fma(b1, s51);
      row = (row + 2L * BYTES) & ADDRESS;
    }
    s00.intoMemorySegment(ALL, y0, LITTLE_ENDIAN);
    s01.intoMemorySegment(ALL, y0 + BYTES, LITTLE_ENDIAN);
    s10.intoMemorySegment(ALL, y1, LITTLE_ENDIAN);
    s11.intoMemorySegment(ALL, y1 + BYTES, LITTLE_ENDIAN);
    s20.intoMemorySegment(ALL, y2, LITTLE_ENDIAN);
    s21.intoMemorySegment(ALL, y2 + BYTES, LITTLE_ENDIAN);
    s30.intoMemorySegment(ALL, y3, LITTLE_ENDIAN);
    s31.intoMemorySegment(ALL, y3 + BYTES, LITTLE_ENDIAN);
    s40.intoMemorySegment(ALL, y4, LITTLE_ENDIAN);
    s41.intoMemorySegment(ALL, y4 + BYTES, LITTLE_ENDIAN);
    s50.intoMemorySegment(ALL, y5, LITTLE_ENDIAN);
    s51.intoMemorySegment(ALL, y5 + BYTES, LITTLE_ENDIAN);
  }

  /** 4 tiles x 2 vectors. */
  private static void run4x2(long weights, long x, int[] taps, long y, long rowBytes) {
    FloatVector bias0 = FloatVector.fromMemorySegment(SPECIES, ALL, weights, LITTLE_ENDIAN);
    FloatVector bias1 = FloatVector.fromMemorySegment(SPECIES, ALL, weights + BYTES, LITTLE_ENDIAN);
    FloatVector s00 = bias0;
    FloatVector s01 = bias1;
    FloatVector s10 = bias0;
    FloatVector s11 = bias1;
    FloatVector s20 = bias0;
    FloatVector s21 = bias1;
    FloatVector s30 = bias0;
    FloatVector s31 = bias1;
    long inputs = x & ADDRESS;
    long stride = rowBytes & OFFSET;
    long row = (weights + 2L * BYTES) & ADDRESS;
    int step = Simd.step;
    for (int k = 0; k < taps.length; k += step) {
      long at = inputs + (taps[k] & OFFSET);
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, ALL, row, LITTLE_ENDIAN);
      FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, ALL, row + BYTES, LITTLE_ENDIAN);
      FloatVector a0 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at));
      s00 = FMA ? a0.fma(b0, s00) : a0.mul(b0).add(s00);
      s01 = FMA ? a0.fma(b1, s01) : a0.mul(b1).add(s01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at + BYTES));
      s10 = FMA ? a1.fma(b0, s10) : a1.mul(b0).add(s10);
      s11 = FMA ? a1.fma(b1, s11) : a1.mul(b1).add(s11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at + 2L * BYTES));
      s20 = FMA ? a2.fma(b0, s20) : a2.mul(b0).add(s20);
      s21 = FMA ? a2.fma(b1, s21) : a2.mul(b1).add(s21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, at + 3L * BYTES));
      s30 = FMA ? a3.fma(b0, s30) : a3.mul(b0).add(s30);
      s31 = FMA ? a3.fma(b1, s31) : a3.mul(b1).add(s31);
      row = (row + 2L * BYTES) & ADDRESS;
    }
    long y0 = y & ADDRESS;
    s00.intoMemorySegment(ALL, y0, LITTLE_ENDIAN);
    s01.intoMemorySegment(ALL, y0 + BYTES, LITTLE_ENDIAN);
    long y1 = y0 + stride;
    s10.intoMemorySegment(ALL, y1, LITTLE_ENDIAN);
    s11.intoMemorySegment(ALL, y1 + BYTES, LITTLE_ENDIAN);
    long y2 = y1 + stride;
    s20.intoMemorySegment(ALL, y2, LITTLE_ENDIAN);
    s21.intoMemorySegment(ALL, y2 + BYTES, LITTLE_ENDIAN);
    long y3 = y2 + stride;
    s30.intoMemorySegment(ALL, y3, LITTLE_ENDIAN);
    s31.intoMemorySegment(ALL, y3 + BYTES, LITTLE_ENDIAN);
  }
}
