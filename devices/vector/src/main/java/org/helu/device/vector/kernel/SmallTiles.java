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
import jdk.incubator.vector.FloatVector;
import org.helu.runtime.tensor.Tensor;

/**
 * {@link Tiles} for processors with 16 vector registers: C2 does not unroll their loops ({@link
 * Simd#step}), and they store by address. {@link Tiles#run} has the parameters, and checks what
 * they read and write.
 */
final class SmallTiles {
  private SmallTiles() {}

  /**
   * 6 rows × 2 vectors. C2 moves the loads of a loop's body in front of its arithmetic, and spills
   * sums then. A load stays behind a store that comes before it: so sums are stored on the way, to
   * where they belong at last.
   */
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
    long row = (w.address() + panel) & ADDRESS;
    long inputs = m.address() + xShift;
    FloatVector bias0 = FloatVector.fromMemorySegment(SPECIES, ALL, row, LITTLE_ENDIAN);
    FloatVector bias1 = FloatVector.fromMemorySegment(SPECIES, ALL, row + BYTES, LITTLE_ENDIAN);
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
    long y0 = (m.address() + y) & ADDRESS;
    long y1 = (y0 + yStride) & ADDRESS;
    long y2 = (y1 + yStride) & ADDRESS;
    long y3 = (y2 + yStride) & ADDRESS;
    long y4 = (y3 + yStride) & ADDRESS;
    long y5 = (y4 + yStride) & ADDRESS;
    int step = Simd.step;
    for (int i = 0; i < taps.length; i += step) {
      row = (row + 2L * BYTES) & ADDRESS;
      long tap = taps[i] & OFFSET;
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, ALL, row, LITTLE_ENDIAN);
      FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, ALL, row + BYTES, LITTLE_ENDIAN);
      FloatVector a0 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x0 + tap));
      s00 = a0.fma(b0, s00);
      s01 = a0.fma(b1, s01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x1 + tap));
      s10 = a1.fma(b0, s10);
      s11 = a1.fma(b1, s11);
      s11.intoMemorySegment(ALL, y1 + BYTES, LITTLE_ENDIAN);
      FloatVector a2 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x2 + tap));
      s20 = a2.fma(b0, s20);
      s21 = a2.fma(b1, s21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x3 + tap));
      s30 = a3.fma(b0, s30);
      s31 = a3.fma(b1, s31);
      s31.intoMemorySegment(ALL, y3 + BYTES, LITTLE_ENDIAN);
      FloatVector a4 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x4 + tap));
      s40 = a4.fma(b0, s40);
      s41 = a4.fma(b1, s41);
      FloatVector a5 = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, x5 + tap));
      s50 = a5.fma(b0, s50);
      s51 = a5.fma(b1, s51);
    }
    // Gates at minus infinity close nothing.
    FloatVector least = FloatVector.broadcast(SPECIES, gate ? 0f : Float.NEGATIVE_INFINITY);
    s00.blend(least, s00.compare(LE, least)).intoMemorySegment(ALL, y0, LITTLE_ENDIAN);
    s01.blend(least, s01.compare(LE, least)).intoMemorySegment(ALL, y0 + BYTES, LITTLE_ENDIAN);
    s10.blend(least, s10.compare(LE, least)).intoMemorySegment(ALL, y1, LITTLE_ENDIAN);
    s11.blend(least, s11.compare(LE, least)).intoMemorySegment(ALL, y1 + BYTES, LITTLE_ENDIAN);
    s20.blend(least, s20.compare(LE, least)).intoMemorySegment(ALL, y2, LITTLE_ENDIAN);
    s21.blend(least, s21.compare(LE, least)).intoMemorySegment(ALL, y2 + BYTES, LITTLE_ENDIAN);
    s30.blend(least, s30.compare(LE, least)).intoMemorySegment(ALL, y3, LITTLE_ENDIAN);
    s31.blend(least, s31.compare(LE, least)).intoMemorySegment(ALL, y3 + BYTES, LITTLE_ENDIAN);
    s40.blend(least, s40.compare(LE, least)).intoMemorySegment(ALL, y4, LITTLE_ENDIAN);
    s41.blend(least, s41.compare(LE, least)).intoMemorySegment(ALL, y4 + BYTES, LITTLE_ENDIAN);
    s50.blend(least, s50.compare(LE, least)).intoMemorySegment(ALL, y5, LITTLE_ENDIAN);
    s51.blend(least, s51.compare(LE, least)).intoMemorySegment(ALL, y5 + BYTES, LITTLE_ENDIAN);
  }

  /**
   * 4 rows × 2 vectors, without fused multiply-add, where a product takes one, and for what is left
   * of rows.
   */
  static void tile4x2(
      MemorySegment w,
      long panel,
      MemorySegment m,
      long[] x,
      long xShift,
      int[] taps,
      long y,
      long yStride,
      boolean gate) {
    long row = (w.address() + panel) & ADDRESS;
    long inputs = m.address() + xShift;
    FloatVector bias0 = FloatVector.fromMemorySegment(SPECIES, ALL, row, LITTLE_ENDIAN);
    FloatVector bias1 = FloatVector.fromMemorySegment(SPECIES, ALL, row + BYTES, LITTLE_ENDIAN);
    FloatVector s00 = bias0;
    FloatVector s01 = bias1;
    FloatVector s10 = bias0;
    FloatVector s11 = bias1;
    FloatVector s20 = bias0;
    FloatVector s21 = bias1;
    FloatVector s30 = bias0;
    FloatVector s31 = bias1;
    long x0 = (inputs + x[0]) & ADDRESS;
    long x1 = (inputs + x[1]) & ADDRESS;
    long x2 = (inputs + x[2]) & ADDRESS;
    long x3 = (inputs + x[3]) & ADDRESS;
    long y0 = (m.address() + y) & ADDRESS;
    long y1 = (y0 + yStride) & ADDRESS;
    long y2 = (y1 + yStride) & ADDRESS;
    long y3 = (y2 + yStride) & ADDRESS;
    int step = Simd.step;
    for (int i = 0; i < taps.length; i += step) {
      row = (row + 2L * BYTES) & ADDRESS;
      long tap = taps[i] & OFFSET;
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
    }
    // Gates at minus infinity close nothing.
    FloatVector least = FloatVector.broadcast(SPECIES, gate ? 0f : Float.NEGATIVE_INFINITY);
    s00.blend(least, s00.compare(LE, least)).intoMemorySegment(ALL, y0, LITTLE_ENDIAN);
    s01.blend(least, s01.compare(LE, least)).intoMemorySegment(ALL, y0 + BYTES, LITTLE_ENDIAN);
    s10.blend(least, s10.compare(LE, least)).intoMemorySegment(ALL, y1, LITTLE_ENDIAN);
    s11.blend(least, s11.compare(LE, least)).intoMemorySegment(ALL, y1 + BYTES, LITTLE_ENDIAN);
    s20.blend(least, s20.compare(LE, least)).intoMemorySegment(ALL, y2, LITTLE_ENDIAN);
    s21.blend(least, s21.compare(LE, least)).intoMemorySegment(ALL, y2 + BYTES, LITTLE_ENDIAN);
    s30.blend(least, s30.compare(LE, least)).intoMemorySegment(ALL, y3, LITTLE_ENDIAN);
    s31.blend(least, s31.compare(LE, least)).intoMemorySegment(ALL, y3 + BYTES, LITTLE_ENDIAN);
  }

  /**
   * 8 rows × 1 vector: of the form with branches and checked stores C2 boxed the last two rows in
   * some processes.
   */
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
    long row = (w.address() + panel) & ADDRESS;
    long inputs = m.address() + xShift;
    FloatVector bias0 = FloatVector.fromMemorySegment(SPECIES, ALL, row, LITTLE_ENDIAN);
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
    long y0 = (m.address() + y) & ADDRESS;
    long y1 = (y0 + yStride) & ADDRESS;
    long y2 = (y1 + yStride) & ADDRESS;
    long y3 = (y2 + yStride) & ADDRESS;
    long y4 = (y3 + yStride) & ADDRESS;
    long y5 = (y4 + yStride) & ADDRESS;
    long y6 = (y5 + yStride) & ADDRESS;
    long y7 = (y6 + yStride) & ADDRESS;
    int step = Simd.step;
    for (int i = 0; i < taps.length; i += step) {
      row = (row + BYTES) & ADDRESS;
      long tap = taps[i] & OFFSET;
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
    // Gates at minus infinity close nothing.
    FloatVector least = FloatVector.broadcast(SPECIES, gate ? 0f : Float.NEGATIVE_INFINITY);
    s00.blend(least, s00.compare(LE, least)).intoMemorySegment(ALL, y0, LITTLE_ENDIAN);
    s10.blend(least, s10.compare(LE, least)).intoMemorySegment(ALL, y1, LITTLE_ENDIAN);
    s20.blend(least, s20.compare(LE, least)).intoMemorySegment(ALL, y2, LITTLE_ENDIAN);
    s30.blend(least, s30.compare(LE, least)).intoMemorySegment(ALL, y3, LITTLE_ENDIAN);
    s40.blend(least, s40.compare(LE, least)).intoMemorySegment(ALL, y4, LITTLE_ENDIAN);
    s50.blend(least, s50.compare(LE, least)).intoMemorySegment(ALL, y5, LITTLE_ENDIAN);
    s60.blend(least, s60.compare(LE, least)).intoMemorySegment(ALL, y6, LITTLE_ENDIAN);
    s70.blend(least, s70.compare(LE, least)).intoMemorySegment(ALL, y7, LITTLE_ENDIAN);
  }
}
