package org.helu.device.vector.kernel;

import static jdk.incubator.vector.VectorOperators.LE;
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
 * Register blocks of the matrix product: {@code rows} × {@code vectors} accumulators start as the
 * bias, take one fused multiply-add per input, in the inputs' order, and are stored at once.
 *
 * <p>Every block adds the same products in the same order, so a result does not depend on which
 * block, row range or thread computed it. Loops are written out: the JIT compiler keeps a vector in
 * a register only if it is a local variable, and no vector is passed to a method that might not be
 * inlined, since it would then be boxed.
 *
 * <p>Inputs are found by a table of offsets, in one loop: nested loops over kernel rows spend up to
 * half of the time entering and leaving the inner one. {@link #check} proves that all reads lie in
 * their segments, once per block; reads then go through {@link Simd#ALL}, where the JIT compiler
 * drops the check of each (docs/performance.md has the measurements).
 */
final class Tiles {
  /** Whether there are 16 registers. */
  private static final boolean FEW_REGISTERS = Simd.MAX_VECTORS == 2;

  private Tiles() {}

  /** Rows of the block for panels of {@code vectors} vectors. */
  static int rows(int vectors) {
    return vectors == 1 ? 8 : vectors == 2 && FEW_REGISTERS && !FMA ? 4 : 6;
  }

  /**
   * Runs the block for panels of {@code vectors} vectors.
   *
   * @param rows rows that are wanted; others may be computed or not
   * @param w memory of the panel
   * @param panel byte offset of the panel: biases, then one row of columns per input
   * @param m memory of inputs and outputs
   * @param x byte offsets of the rows' first inputs, ascending, {@link #rows} of them
   * @param xShift added to each
   * @param taps byte offset of each input from its row's first, the last one the farthest
   * @param y byte offset of the first row's outputs, of which whole vectors are written
   * @param yStride from one row's outputs to the next
   * @param gate whether {@code z <= 0} becomes +0
   */
  static void run(
      int vectors,
      int rows,
      MemorySegment w,
      long panel,
      MemorySegment m,
      long[] x,
      long xShift,
      int[] taps,
      long y,
      long yStride,
      boolean gate) {
    check(vectors, w, panel, m, x, xShift, taps);
    if (FEW_REGISTERS) {
      // These blocks store by address.
      long outputs = (rows(vectors) - 1) * yStride + vectors * (long) BYTES;
      Objects.checkFromIndexSize(y, outputs, m.byteSize());
    }
    switch (vectors) {
      case 4 -> tile6x4(w, panel, m, x, xShift, taps, y, yStride, gate);
      case 2 -> {
        if (FEW_REGISTERS && (!FMA || rows <= 4)) {
          SmallTiles.tile4x2(w, panel, m, x, xShift, taps, y, yStride, gate);
        } else if (FEW_REGISTERS) {
          SmallTiles.tile6x2(w, panel, m, x, xShift, taps, y, yStride, gate);
        } else {
          tile6x2(w, panel, m, x, xShift, taps, y, yStride, gate);
        }
      }
      default -> {
        if (FEW_REGISTERS) {
          SmallTiles.tile8x1(w, panel, m, x, xShift, taps, y, yStride, gate);
        } else {
          tile8x1(w, panel, m, x, xShift, taps, y, yStride, gate);
        }
      }
    }
  }

  private static void check(
      int vectors,
      MemorySegment w,
      long panel,
      MemorySegment m,
      long[] x,
      long xShift,
      int[] taps) {
    Objects.checkFromIndexSize(panel, (1L + taps.length) * vectors * BYTES, w.byteSize());
    long reach = taps.length == 0 ? 0 : taps[taps.length - 1] + 4L;
    long first = x[0] + xShift;
    long last = x[rows(vectors) - 1] + xShift;
    Objects.checkFromIndexSize(first, last - first + reach, m.byteSize());
  }

  /** 6 rows × 4 vectors. */
  static void tile6x4(
      MemorySegment w,
      long panel,
      MemorySegment m,
      long[] x,
      long xShift,
      int[] taps,
      long y,
      long yStride,
      boolean gate) {
    long weights = (w.address() + panel) & ADDRESS;
    long inputs = m.address() + xShift;
    FloatVector bias0 = FloatVector.fromMemorySegment(SPECIES, ALL, weights, LITTLE_ENDIAN);
    FloatVector bias1 = FloatVector.fromMemorySegment(SPECIES, ALL, weights + BYTES, LITTLE_ENDIAN);
    FloatVector bias2 =
        FloatVector.fromMemorySegment(SPECIES, ALL, weights + 2L * BYTES, LITTLE_ENDIAN);
    FloatVector bias3 =
        FloatVector.fromMemorySegment(SPECIES, ALL, weights + 3L * BYTES, LITTLE_ENDIAN);
    FloatVector s00 = bias0;
    FloatVector s01 = bias1;
    FloatVector s02 = bias2;
    FloatVector s03 = bias3;
    FloatVector s10 = bias0;
    FloatVector s11 = bias1;
    FloatVector s12 = bias2;
    FloatVector s13 = bias3;
    FloatVector s20 = bias0;
    FloatVector s21 = bias1;
    FloatVector s22 = bias2;
    FloatVector s23 = bias3;
    FloatVector s30 = bias0;
    FloatVector s31 = bias1;
    FloatVector s32 = bias2;
    FloatVector s33 = bias3;
    FloatVector s40 = bias0;
    FloatVector s41 = bias1;
    FloatVector s42 = bias2;
    FloatVector s43 = bias3;
    FloatVector s50 = bias0;
    FloatVector s51 = bias1;
    FloatVector s52 = bias2;
    FloatVector s53 = bias3;
    long x0 = (inputs + x[0]) & ADDRESS;
    long x1 = (inputs + x[1]) & ADDRESS;
    long x2 = (inputs + x[2]) & ADDRESS;
    long x3 = (inputs + x[3]) & ADDRESS;
    long x4 = (inputs + x[4]) & ADDRESS;
    long x5 = (inputs + x[5]) & ADDRESS;
    weights += 4L * BYTES;
    for (int i = 0; i < taps.length; i++) {
      long tap = taps[i] & OFFSET;
      long row = weights + (long) i * (4L * BYTES);
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, ALL, row, LITTLE_ENDIAN);
      FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, ALL, row + BYTES, LITTLE_ENDIAN);
      FloatVector b2 = FloatVector.fromMemorySegment(SPECIES, ALL, row + 2L * BYTES, LITTLE_ENDIAN);
      FloatVector b3 = FloatVector.fromMemorySegment(SPECIES, ALL, row + 3L * BYTES, LITTLE_ENDIAN);
      FloatVector a0 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x0 + tap));
      s00 = FMA ? a0.fma(b0, s00) : a0.mul(b0).add(s00);
      s01 = FMA ? a0.fma(b1, s01) : a0.mul(b1).add(s01);
      s02 = FMA ? a0.fma(b2, s02) : a0.mul(b2).add(s02);
      s03 = FMA ? a0.fma(b3, s03) : a0.mul(b3).add(s03);
      FloatVector a1 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x1 + tap));
      s10 = FMA ? a1.fma(b0, s10) : a1.mul(b0).add(s10);
      s11 = FMA ? a1.fma(b1, s11) : a1.mul(b1).add(s11);
      s12 = FMA ? a1.fma(b2, s12) : a1.mul(b2).add(s12);
      s13 = FMA ? a1.fma(b3, s13) : a1.mul(b3).add(s13);
      FloatVector a2 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x2 + tap));
      s20 = FMA ? a2.fma(b0, s20) : a2.mul(b0).add(s20);
      s21 = FMA ? a2.fma(b1, s21) : a2.mul(b1).add(s21);
      s22 = FMA ? a2.fma(b2, s22) : a2.mul(b2).add(s22);
      s23 = FMA ? a2.fma(b3, s23) : a2.mul(b3).add(s23);
      FloatVector a3 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x3 + tap));
      s30 = FMA ? a3.fma(b0, s30) : a3.mul(b0).add(s30);
      s31 = FMA ? a3.fma(b1, s31) : a3.mul(b1).add(s31);
      s32 = FMA ? a3.fma(b2, s32) : a3.mul(b2).add(s32);
      s33 = FMA ? a3.fma(b3, s33) : a3.mul(b3).add(s33);
      FloatVector a4 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x4 + tap));
      s40 = FMA ? a4.fma(b0, s40) : a4.mul(b0).add(s40);
      s41 = FMA ? a4.fma(b1, s41) : a4.mul(b1).add(s41);
      s42 = FMA ? a4.fma(b2, s42) : a4.mul(b2).add(s42);
      s43 = FMA ? a4.fma(b3, s43) : a4.mul(b3).add(s43);
      FloatVector a5 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x5 + tap));
      s50 = FMA ? a5.fma(b0, s50) : a5.mul(b0).add(s50);
      s51 = FMA ? a5.fma(b1, s51) : a5.mul(b1).add(s51);
      s52 = FMA ? a5.fma(b2, s52) : a5.mul(b2).add(s52);
      s53 = FMA ? a5.fma(b3, s53) : a5.mul(b3).add(s53);
    }
    if (gate) {
      s00 = s00.blend(0f, s00.compare(LE, 0f));
      s01 = s01.blend(0f, s01.compare(LE, 0f));
      s02 = s02.blend(0f, s02.compare(LE, 0f));
      s03 = s03.blend(0f, s03.compare(LE, 0f));
      s10 = s10.blend(0f, s10.compare(LE, 0f));
      s11 = s11.blend(0f, s11.compare(LE, 0f));
      s12 = s12.blend(0f, s12.compare(LE, 0f));
      s13 = s13.blend(0f, s13.compare(LE, 0f));
      s20 = s20.blend(0f, s20.compare(LE, 0f));
      s21 = s21.blend(0f, s21.compare(LE, 0f));
      s22 = s22.blend(0f, s22.compare(LE, 0f));
      s23 = s23.blend(0f, s23.compare(LE, 0f));
      s30 = s30.blend(0f, s30.compare(LE, 0f));
      s31 = s31.blend(0f, s31.compare(LE, 0f));
      s32 = s32.blend(0f, s32.compare(LE, 0f));
      s33 = s33.blend(0f, s33.compare(LE, 0f));
      s40 = s40.blend(0f, s40.compare(LE, 0f));
      s41 = s41.blend(0f, s41.compare(LE, 0f));
      s42 = s42.blend(0f, s42.compare(LE, 0f));
      s43 = s43.blend(0f, s43.compare(LE, 0f));
      s50 = s50.blend(0f, s50.compare(LE, 0f));
      s51 = s51.blend(0f, s51.compare(LE, 0f));
      s52 = s52.blend(0f, s52.compare(LE, 0f));
      s53 = s53.blend(0f, s53.compare(LE, 0f));
    }
    s00.intoMemorySegment(m, y, LITTLE_ENDIAN);
    s01.intoMemorySegment(m, y + BYTES, LITTLE_ENDIAN);
    s02.intoMemorySegment(m, y + 2L * BYTES, LITTLE_ENDIAN);
    s03.intoMemorySegment(m, y + 3L * BYTES, LITTLE_ENDIAN);
    long y1 = y + yStride;
    s10.intoMemorySegment(m, y1, LITTLE_ENDIAN);
    s11.intoMemorySegment(m, y1 + BYTES, LITTLE_ENDIAN);
    s12.intoMemorySegment(m, y1 + 2L * BYTES, LITTLE_ENDIAN);
    s13.intoMemorySegment(m, y1 + 3L * BYTES, LITTLE_ENDIAN);
    long y2 = y + 2 * yStride;
    s20.intoMemorySegment(m, y2, LITTLE_ENDIAN);
    s21.intoMemorySegment(m, y2 + BYTES, LITTLE_ENDIAN);
    s22.intoMemorySegment(m, y2 + 2L * BYTES, LITTLE_ENDIAN);
    s23.intoMemorySegment(m, y2 + 3L * BYTES, LITTLE_ENDIAN);
    long y3 = y + 3 * yStride;
    s30.intoMemorySegment(m, y3, LITTLE_ENDIAN);
    s31.intoMemorySegment(m, y3 + BYTES, LITTLE_ENDIAN);
    s32.intoMemorySegment(m, y3 + 2L * BYTES, LITTLE_ENDIAN);
    s33.intoMemorySegment(m, y3 + 3L * BYTES, LITTLE_ENDIAN);
    long y4 = y + 4 * yStride;
    s40.intoMemorySegment(m, y4, LITTLE_ENDIAN);
    s41.intoMemorySegment(m, y4 + BYTES, LITTLE_ENDIAN);
    s42.intoMemorySegment(m, y4 + 2L * BYTES, LITTLE_ENDIAN);
    s43.intoMemorySegment(m, y4 + 3L * BYTES, LITTLE_ENDIAN);
    long y5 = y + 5 * yStride;
    s50.intoMemorySegment(m, y5, LITTLE_ENDIAN);
    s51.intoMemorySegment(m, y5 + BYTES, LITTLE_ENDIAN);
    s52.intoMemorySegment(m, y5 + 2L * BYTES, LITTLE_ENDIAN);
    s53.intoMemorySegment(m, y5 + 3L * BYTES, LITTLE_ENDIAN);
  }

  /** 6 rows × 2 vectors. */
  static void tile6x2(
      MemorySegment w,
      long panel,
      MemorySegment m,
      long[] x,
      long xShift,
      int[] taps,
      long y,
      long yStride,
      boolean gate) {
    long weights = (w.address() + panel) & ADDRESS;
    long inputs = m.address() + xShift;
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
    long x0 = (inputs + x[0]) & ADDRESS;
    long x1 = (inputs + x[1]) & ADDRESS;
    long x2 = (inputs + x[2]) & ADDRESS;
    long x3 = (inputs + x[3]) & ADDRESS;
    long x4 = (inputs + x[4]) & ADDRESS;
    long x5 = (inputs + x[5]) & ADDRESS;
    weights += 2L * BYTES;
    for (int i = 0; i < taps.length; i++) {
      long tap = taps[i] & OFFSET;
      long row = weights + (long) i * (2L * BYTES);
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, ALL, row, LITTLE_ENDIAN);
      FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, ALL, row + BYTES, LITTLE_ENDIAN);
      FloatVector a0 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x0 + tap));
      s00 = FMA ? a0.fma(b0, s00) : a0.mul(b0).add(s00);
      s01 = FMA ? a0.fma(b1, s01) : a0.mul(b1).add(s01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x1 + tap));
      s10 = FMA ? a1.fma(b0, s10) : a1.mul(b0).add(s10);
      s11 = FMA ? a1.fma(b1, s11) : a1.mul(b1).add(s11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x2 + tap));
      s20 = FMA ? a2.fma(b0, s20) : a2.mul(b0).add(s20);
      s21 = FMA ? a2.fma(b1, s21) : a2.mul(b1).add(s21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x3 + tap));
      s30 = FMA ? a3.fma(b0, s30) : a3.mul(b0).add(s30);
      s31 = FMA ? a3.fma(b1, s31) : a3.mul(b1).add(s31);
      FloatVector a4 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x4 + tap));
      s40 = FMA ? a4.fma(b0, s40) : a4.mul(b0).add(s40);
      s41 = FMA ? a4.fma(b1, s41) : a4.mul(b1).add(s41);
      FloatVector a5 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x5 + tap));
      s50 = FMA ? a5.fma(b0, s50) : a5.mul(b0).add(s50);
      s51 = FMA ? a5.fma(b1, s51) : a5.mul(b1).add(s51);
    }
    if (gate) {
      s00 = s00.blend(0f, s00.compare(LE, 0f));
      s01 = s01.blend(0f, s01.compare(LE, 0f));
      s10 = s10.blend(0f, s10.compare(LE, 0f));
      s11 = s11.blend(0f, s11.compare(LE, 0f));
      s20 = s20.blend(0f, s20.compare(LE, 0f));
      s21 = s21.blend(0f, s21.compare(LE, 0f));
      s30 = s30.blend(0f, s30.compare(LE, 0f));
      s31 = s31.blend(0f, s31.compare(LE, 0f));
      s40 = s40.blend(0f, s40.compare(LE, 0f));
      s41 = s41.blend(0f, s41.compare(LE, 0f));
      s50 = s50.blend(0f, s50.compare(LE, 0f));
      s51 = s51.blend(0f, s51.compare(LE, 0f));
    }
    s00.intoMemorySegment(m, y, LITTLE_ENDIAN);
    s01.intoMemorySegment(m, y + BYTES, LITTLE_ENDIAN);
    long y1 = y + yStride;
    s10.intoMemorySegment(m, y1, LITTLE_ENDIAN);
    s11.intoMemorySegment(m, y1 + BYTES, LITTLE_ENDIAN);
    long y2 = y + 2 * yStride;
    s20.intoMemorySegment(m, y2, LITTLE_ENDIAN);
    s21.intoMemorySegment(m, y2 + BYTES, LITTLE_ENDIAN);
    long y3 = y + 3 * yStride;
    s30.intoMemorySegment(m, y3, LITTLE_ENDIAN);
    s31.intoMemorySegment(m, y3 + BYTES, LITTLE_ENDIAN);
    long y4 = y + 4 * yStride;
    s40.intoMemorySegment(m, y4, LITTLE_ENDIAN);
    s41.intoMemorySegment(m, y4 + BYTES, LITTLE_ENDIAN);
    long y5 = y + 5 * yStride;
    s50.intoMemorySegment(m, y5, LITTLE_ENDIAN);
    s51.intoMemorySegment(m, y5 + BYTES, LITTLE_ENDIAN);
  }

  /** 8 rows × 1 vector. */
  static void tile8x1(
      MemorySegment w,
      long panel,
      MemorySegment m,
      long[] x,
      long xShift,
      int[] taps,
      long y,
      long yStride,
      boolean gate) {
    long weights = (w.address() + panel) & ADDRESS;
    long inputs = m.address() + xShift;
    FloatVector bias0 = FloatVector.fromMemorySegment(SPECIES, ALL, weights, LITTLE_ENDIAN);
    FloatVector s00 = bias0;
    FloatVector s10 = bias0;
    FloatVector s20 = bias0;
    FloatVector s30 = bias0;
    FloatVector s40 = bias0;
    FloatVector s50 = bias0;
    FloatVector s60 = bias0;
    FloatVector s70 = bias0;
    long x0 = (inputs + x[0]) & ADDRESS;
    long x1 = (inputs + x[1]) & ADDRESS;
    long x2 = (inputs + x[2]) & ADDRESS;
    long x3 = (inputs + x[3]) & ADDRESS;
    long x4 = (inputs + x[4]) & ADDRESS;
    long x5 = (inputs + x[5]) & ADDRESS;
    long x6 = (inputs + x[6]) & ADDRESS;
    long x7 = (inputs + x[7]) & ADDRESS;
    weights += BYTES;
    for (int i = 0; i < taps.length; i++) {
      long tap = taps[i] & OFFSET;
      long row = weights + (long) i * (BYTES);
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, ALL, row, LITTLE_ENDIAN);
      FloatVector a0 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x0 + tap));
      s00 = FMA ? a0.fma(b0, s00) : a0.mul(b0).add(s00);
      FloatVector a1 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x1 + tap));
      s10 = FMA ? a1.fma(b0, s10) : a1.mul(b0).add(s10);
      FloatVector a2 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x2 + tap));
      s20 = FMA ? a2.fma(b0, s20) : a2.mul(b0).add(s20);
      FloatVector a3 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x3 + tap));
      s30 = FMA ? a3.fma(b0, s30) : a3.mul(b0).add(s30);
      FloatVector a4 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x4 + tap));
      s40 = FMA ? a4.fma(b0, s40) : a4.mul(b0).add(s40);
      FloatVector a5 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x5 + tap));
      s50 = FMA ? a5.fma(b0, s50) : a5.mul(b0).add(s50);
      FloatVector a6 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x6 + tap));
      s60 = FMA ? a6.fma(b0, s60) : a6.mul(b0).add(s60);
      FloatVector a7 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x7 + tap));
      s70 = FMA ? a7.fma(b0, s70) : a7.mul(b0).add(s70);
    }
    if (gate) {
      s00 = s00.blend(0f, s00.compare(LE, 0f));
      s10 = s10.blend(0f, s10.compare(LE, 0f));
      s20 = s20.blend(0f, s20.compare(LE, 0f));
      s30 = s30.blend(0f, s30.compare(LE, 0f));
      s40 = s40.blend(0f, s40.compare(LE, 0f));
      s50 = s50.blend(0f, s50.compare(LE, 0f));
      s60 = s60.blend(0f, s60.compare(LE, 0f));
      s70 = s70.blend(0f, s70.compare(LE, 0f));
    }
    s00.intoMemorySegment(m, y, LITTLE_ENDIAN);
    long y1 = y + yStride;
    s10.intoMemorySegment(m, y1, LITTLE_ENDIAN);
    long y2 = y + 2 * yStride;
    s20.intoMemorySegment(m, y2, LITTLE_ENDIAN);
    long y3 = y + 3 * yStride;
    s30.intoMemorySegment(m, y3, LITTLE_ENDIAN);
    long y4 = y + 4 * yStride;
    s40.intoMemorySegment(m, y4, LITTLE_ENDIAN);
    long y5 = y + 5 * yStride;
    s50.intoMemorySegment(m, y5, LITTLE_ENDIAN);
    long y6 = y + 6 * yStride;
    s60.intoMemorySegment(m, y6, LITTLE_ENDIAN);
    long y7 = y + 7 * yStride;
    s70.intoMemorySegment(m, y7, LITTLE_ENDIAN);
  }
}
