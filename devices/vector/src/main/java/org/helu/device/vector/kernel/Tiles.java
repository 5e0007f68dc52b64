package org.helu.device.vector.kernel;

import static org.helu.device.vector.kernel.Simd.BYTES;
import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;
import static org.helu.device.vector.kernel.Simd.broadcast;
import static org.helu.device.vector.kernel.Simd.load;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Register blocks of the matrix product: {@code rows} × {@code vectors} accumulators start as the
 * bias, take one fused multiply-add per input, in the inputs' order, and are stored at once.
 *
 * <p>Every block adds the same products in the same order, so a result does not depend on which
 * block, row range or thread computed it. Loops are written out: the JIT compiler keeps a vector in
 * a register only if it is a local variable, and no vector is passed to a method that might not be
 * inlined, since it would then be boxed.
 */
final class Tiles {
  private Tiles() {}

  /** 4 rows × 4 vectors; x holds the rows' input offsets. */
  static void tile4x4(
      MemorySegment w,
      long panel,
      MemorySegment m,
      long[] x,
      long xShift,
      Panels panels,
      long y,
      long yStride) {
    long[] runs = panels.runs;
    int runLength = panels.runLength;
    FloatVector bias0 = load(w, panel);
    FloatVector bias1 = load(w, panel + BYTES);
    FloatVector bias2 = load(w, panel + 2L * BYTES);
    FloatVector bias3 = load(w, panel + 3L * BYTES);
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
    long r0 = x[0] + xShift;
    long r1 = x[1] + xShift;
    long r2 = x[2] + xShift;
    long r3 = x[3] + xShift;
    long k = panel + 4L * BYTES;
    for (long run : runs) {
      long x0 = r0 + run;
      long x1 = r1 + run;
      long x2 = r2 + run;
      long x3 = r3 + run;
      for (int i = 0; i < runLength; i++) {
        long at = (long) i << 2;
        long row = k + (long) i * (4L * BYTES);
        FloatVector b0 = load(w, row);
        FloatVector b1 = load(w, row + BYTES);
        FloatVector b2 = load(w, row + 2L * BYTES);
        FloatVector b3 = load(w, row + 3L * BYTES);
        FloatVector a0 = broadcast(m, x0 + at);
        s00 = a0.fma(b0, s00);
        s01 = a0.fma(b1, s01);
        s02 = a0.fma(b2, s02);
        s03 = a0.fma(b3, s03);
        FloatVector a1 = broadcast(m, x1 + at);
        s10 = a1.fma(b0, s10);
        s11 = a1.fma(b1, s11);
        s12 = a1.fma(b2, s12);
        s13 = a1.fma(b3, s13);
        FloatVector a2 = broadcast(m, x2 + at);
        s20 = a2.fma(b0, s20);
        s21 = a2.fma(b1, s21);
        s22 = a2.fma(b2, s22);
        s23 = a2.fma(b3, s23);
        FloatVector a3 = broadcast(m, x3 + at);
        s30 = a3.fma(b0, s30);
        s31 = a3.fma(b1, s31);
        s32 = a3.fma(b2, s32);
        s33 = a3.fma(b3, s33);
      }
      k += (long) runLength * (4L * BYTES);
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
  }

  /** 4 rows × 2 vectors; x holds the rows' input offsets. */
  static void tile4x2(
      MemorySegment w,
      long panel,
      MemorySegment m,
      long[] x,
      long xShift,
      Panels panels,
      long y,
      long yStride) {
    long[] runs = panels.runs;
    int runLength = panels.runLength;
    FloatVector bias0 = load(w, panel);
    FloatVector bias1 = load(w, panel + BYTES);
    FloatVector s00 = bias0;
    FloatVector s01 = bias1;
    FloatVector s10 = bias0;
    FloatVector s11 = bias1;
    FloatVector s20 = bias0;
    FloatVector s21 = bias1;
    FloatVector s30 = bias0;
    FloatVector s31 = bias1;
    long r0 = x[0] + xShift;
    long r1 = x[1] + xShift;
    long r2 = x[2] + xShift;
    long r3 = x[3] + xShift;
    long k = panel + 2L * BYTES;
    for (long run : runs) {
      long x0 = r0 + run;
      long x1 = r1 + run;
      long x2 = r2 + run;
      long x3 = r3 + run;
      for (int i = 0; i < runLength; i++) {
        long at = (long) i << 2;
        long row = k + (long) i * (2L * BYTES);
        FloatVector b0 = load(w, row);
        FloatVector b1 = load(w, row + BYTES);
        FloatVector a0 = broadcast(m, x0 + at);
        s00 = a0.fma(b0, s00);
        s01 = a0.fma(b1, s01);
        FloatVector a1 = broadcast(m, x1 + at);
        s10 = a1.fma(b0, s10);
        s11 = a1.fma(b1, s11);
        FloatVector a2 = broadcast(m, x2 + at);
        s20 = a2.fma(b0, s20);
        s21 = a2.fma(b1, s21);
        FloatVector a3 = broadcast(m, x3 + at);
        s30 = a3.fma(b0, s30);
        s31 = a3.fma(b1, s31);
      }
      k += (long) runLength * (2L * BYTES);
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
  }

  /** 8 rows × 1 vector; x holds the rows' input offsets. */
  static void tile8x1(
      MemorySegment w,
      long panel,
      MemorySegment m,
      long[] x,
      long xShift,
      Panels panels,
      long y,
      long yStride) {
    long[] runs = panels.runs;
    int runLength = panels.runLength;
    FloatVector bias0 = load(w, panel);
    FloatVector s00 = bias0;
    FloatVector s10 = bias0;
    FloatVector s20 = bias0;
    FloatVector s30 = bias0;
    FloatVector s40 = bias0;
    FloatVector s50 = bias0;
    FloatVector s60 = bias0;
    FloatVector s70 = bias0;
    long r0 = x[0] + xShift;
    long r1 = x[1] + xShift;
    long r2 = x[2] + xShift;
    long r3 = x[3] + xShift;
    long r4 = x[4] + xShift;
    long r5 = x[5] + xShift;
    long r6 = x[6] + xShift;
    long r7 = x[7] + xShift;
    long k = panel + BYTES;
    for (long run : runs) {
      long x0 = r0 + run;
      long x1 = r1 + run;
      long x2 = r2 + run;
      long x3 = r3 + run;
      long x4 = r4 + run;
      long x5 = r5 + run;
      long x6 = r6 + run;
      long x7 = r7 + run;
      for (int i = 0; i < runLength; i++) {
        long at = (long) i << 2;
        long row = k + (long) i * BYTES;
        FloatVector b0 = load(w, row);
        FloatVector a0 = broadcast(m, x0 + at);
        s00 = a0.fma(b0, s00);
        FloatVector a1 = broadcast(m, x1 + at);
        s10 = a1.fma(b0, s10);
        FloatVector a2 = broadcast(m, x2 + at);
        s20 = a2.fma(b0, s20);
        FloatVector a3 = broadcast(m, x3 + at);
        s30 = a3.fma(b0, s30);
        FloatVector a4 = broadcast(m, x4 + at);
        s40 = a4.fma(b0, s40);
        FloatVector a5 = broadcast(m, x5 + at);
        s50 = a5.fma(b0, s50);
        FloatVector a6 = broadcast(m, x6 + at);
        s60 = a6.fma(b0, s60);
        FloatVector a7 = broadcast(m, x7 + at);
        s70 = a7.fma(b0, s70);
      }
      k += (long) runLength * BYTES;
    }
    s00.intoMemorySegment(m, y, LITTLE_ENDIAN);
    s10.intoMemorySegment(m, y + yStride, LITTLE_ENDIAN);
    s20.intoMemorySegment(m, y + 2 * yStride, LITTLE_ENDIAN);
    s30.intoMemorySegment(m, y + 3 * yStride, LITTLE_ENDIAN);
    s40.intoMemorySegment(m, y + 4 * yStride, LITTLE_ENDIAN);
    s50.intoMemorySegment(m, y + 5 * yStride, LITTLE_ENDIAN);
    s60.intoMemorySegment(m, y + 6 * yStride, LITTLE_ENDIAN);
    s70.intoMemorySegment(m, y + 7 * yStride, LITTLE_ENDIAN);
  }
}
