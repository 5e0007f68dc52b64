package org.helu.device.vector.kernel;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static org.helu.device.vector.kernel.Ints.broadcast;
import static org.helu.device.vector.kernel.Ints.load;
import static org.helu.device.vector.kernel.Simd.BYTES;
import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;

/**
 * Register blocks of a product of 8-bit weights and 32-bit values, lanes being columns. A 32-bit
 * lane holds the weights of four inputs, which two shifts each take out: weights stay as small as
 * they are in the file, and eight rows share the shifts.
 *
 * <p>The Vector API has no instruction that adds neighbouring products (vpmaddwd, vpdpbusd), and the
 * JIT compiler's own vectoriser did not use one for loops over short arrays in any form that was
 * tried (docs/performance.md). A 32-bit product and sum reach the same rate as a fused float32
 * multiply-add there, and are exact for all operands.
 */
final class IntTiles {
  private IntTiles() {}

  /** 8 rows × 2 vectors; x holds the rows' offsets. */
  static void tile8x2(
      MemorySegment w,
      long panel,
      MemorySegment m,
      long[] x,
      int first,
      long xShift,
      IntPanels panels,
      long y,
      long yStride) {
    IntVector s00 = broadcast(0);
    IntVector s01 = broadcast(0);
    IntVector s10 = broadcast(0);
    IntVector s11 = broadcast(0);
    IntVector s20 = broadcast(0);
    IntVector s21 = broadcast(0);
    IntVector s30 = broadcast(0);
    IntVector s31 = broadcast(0);
    IntVector s40 = broadcast(0);
    IntVector s41 = broadcast(0);
    IntVector s50 = broadcast(0);
    IntVector s51 = broadcast(0);
    IntVector s60 = broadcast(0);
    IntVector s61 = broadcast(0);
    IntVector s70 = broadcast(0);
    IntVector s71 = broadcast(0);
    long row = panel;
    for (long run : panels.runs) {
      long x0 = x[first] + xShift + run;
      long x1 = x[first + 1] + xShift + run;
      long x2 = x[first + 2] + xShift + run;
      long x3 = x[first + 3] + xShift + run;
      long x4 = x[first + 4] + xShift + run;
      long x5 = x[first + 5] + xShift + run;
      long x6 = x[first + 6] + xShift + run;
      long x7 = x[first + 7] + xShift + run;
      for (int i = 0; i < panels.quads; i++) {
        long at = (long) i << 4;
        IntVector q0 = load(w, row);
        IntVector q1 = load(w, row + BYTES);
        IntVector w00 = q0.lanewise(LSHL, 24).lanewise(ASHR, 24);
        IntVector w01 = q1.lanewise(LSHL, 24).lanewise(ASHR, 24);
        IntVector a00 = broadcast(m, x0 + at);
        s00 = s00.add(a00.mul(w00));
        s01 = s01.add(a00.mul(w01));
        IntVector a01 = broadcast(m, x1 + at);
        s10 = s10.add(a01.mul(w00));
        s11 = s11.add(a01.mul(w01));
        IntVector a02 = broadcast(m, x2 + at);
        s20 = s20.add(a02.mul(w00));
        s21 = s21.add(a02.mul(w01));
        IntVector a03 = broadcast(m, x3 + at);
        s30 = s30.add(a03.mul(w00));
        s31 = s31.add(a03.mul(w01));
        IntVector a04 = broadcast(m, x4 + at);
        s40 = s40.add(a04.mul(w00));
        s41 = s41.add(a04.mul(w01));
        IntVector a05 = broadcast(m, x5 + at);
        s50 = s50.add(a05.mul(w00));
        s51 = s51.add(a05.mul(w01));
        IntVector a06 = broadcast(m, x6 + at);
        s60 = s60.add(a06.mul(w00));
        s61 = s61.add(a06.mul(w01));
        IntVector a07 = broadcast(m, x7 + at);
        s70 = s70.add(a07.mul(w00));
        s71 = s71.add(a07.mul(w01));
        IntVector w10 = q0.lanewise(LSHL, 16).lanewise(ASHR, 24);
        IntVector w11 = q1.lanewise(LSHL, 16).lanewise(ASHR, 24);
        IntVector a10 = broadcast(m, x0 + at + 4);
        s00 = s00.add(a10.mul(w10));
        s01 = s01.add(a10.mul(w11));
        IntVector a11 = broadcast(m, x1 + at + 4);
        s10 = s10.add(a11.mul(w10));
        s11 = s11.add(a11.mul(w11));
        IntVector a12 = broadcast(m, x2 + at + 4);
        s20 = s20.add(a12.mul(w10));
        s21 = s21.add(a12.mul(w11));
        IntVector a13 = broadcast(m, x3 + at + 4);
        s30 = s30.add(a13.mul(w10));
        s31 = s31.add(a13.mul(w11));
        IntVector a14 = broadcast(m, x4 + at + 4);
        s40 = s40.add(a14.mul(w10));
        s41 = s41.add(a14.mul(w11));
        IntVector a15 = broadcast(m, x5 + at + 4);
        s50 = s50.add(a15.mul(w10));
        s51 = s51.add(a15.mul(w11));
        IntVector a16 = broadcast(m, x6 + at + 4);
        s60 = s60.add(a16.mul(w10));
        s61 = s61.add(a16.mul(w11));
        IntVector a17 = broadcast(m, x7 + at + 4);
        s70 = s70.add(a17.mul(w10));
        s71 = s71.add(a17.mul(w11));
        IntVector w20 = q0.lanewise(LSHL, 8).lanewise(ASHR, 24);
        IntVector w21 = q1.lanewise(LSHL, 8).lanewise(ASHR, 24);
        IntVector a20 = broadcast(m, x0 + at + 8);
        s00 = s00.add(a20.mul(w20));
        s01 = s01.add(a20.mul(w21));
        IntVector a21 = broadcast(m, x1 + at + 8);
        s10 = s10.add(a21.mul(w20));
        s11 = s11.add(a21.mul(w21));
        IntVector a22 = broadcast(m, x2 + at + 8);
        s20 = s20.add(a22.mul(w20));
        s21 = s21.add(a22.mul(w21));
        IntVector a23 = broadcast(m, x3 + at + 8);
        s30 = s30.add(a23.mul(w20));
        s31 = s31.add(a23.mul(w21));
        IntVector a24 = broadcast(m, x4 + at + 8);
        s40 = s40.add(a24.mul(w20));
        s41 = s41.add(a24.mul(w21));
        IntVector a25 = broadcast(m, x5 + at + 8);
        s50 = s50.add(a25.mul(w20));
        s51 = s51.add(a25.mul(w21));
        IntVector a26 = broadcast(m, x6 + at + 8);
        s60 = s60.add(a26.mul(w20));
        s61 = s61.add(a26.mul(w21));
        IntVector a27 = broadcast(m, x7 + at + 8);
        s70 = s70.add(a27.mul(w20));
        s71 = s71.add(a27.mul(w21));
        IntVector w30 = q0.lanewise(ASHR, 24);
        IntVector w31 = q1.lanewise(ASHR, 24);
        IntVector a30 = broadcast(m, x0 + at + 12);
        s00 = s00.add(a30.mul(w30));
        s01 = s01.add(a30.mul(w31));
        IntVector a31 = broadcast(m, x1 + at + 12);
        s10 = s10.add(a31.mul(w30));
        s11 = s11.add(a31.mul(w31));
        IntVector a32 = broadcast(m, x2 + at + 12);
        s20 = s20.add(a32.mul(w30));
        s21 = s21.add(a32.mul(w31));
        IntVector a33 = broadcast(m, x3 + at + 12);
        s30 = s30.add(a33.mul(w30));
        s31 = s31.add(a33.mul(w31));
        IntVector a34 = broadcast(m, x4 + at + 12);
        s40 = s40.add(a34.mul(w30));
        s41 = s41.add(a34.mul(w31));
        IntVector a35 = broadcast(m, x5 + at + 12);
        s50 = s50.add(a35.mul(w30));
        s51 = s51.add(a35.mul(w31));
        IntVector a36 = broadcast(m, x6 + at + 12);
        s60 = s60.add(a36.mul(w30));
        s61 = s61.add(a36.mul(w31));
        IntVector a37 = broadcast(m, x7 + at + 12);
        s70 = s70.add(a37.mul(w30));
        s71 = s71.add(a37.mul(w31));
        row += 2L * BYTES;
      }
    }
    s00.intoMemorySegment(m, y, LITTLE_ENDIAN);
    s01.intoMemorySegment(m, y + BYTES, LITTLE_ENDIAN);
    long y1 = y + 1 * yStride;
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
    long y6 = y + 6 * yStride;
    s60.intoMemorySegment(m, y6, LITTLE_ENDIAN);
    s61.intoMemorySegment(m, y6 + BYTES, LITTLE_ENDIAN);
    long y7 = y + 7 * yStride;
    s70.intoMemorySegment(m, y7, LITTLE_ENDIAN);
    s71.intoMemorySegment(m, y7 + BYTES, LITTLE_ENDIAN);
  }

  /** 8 rows × 1 vector; x holds the rows' offsets. */
  static void tile8x1(
      MemorySegment w,
      long panel,
      MemorySegment m,
      long[] x,
      int first,
      long xShift,
      IntPanels panels,
      long y,
      long yStride) {
    IntVector s00 = broadcast(0);
    IntVector s10 = broadcast(0);
    IntVector s20 = broadcast(0);
    IntVector s30 = broadcast(0);
    IntVector s40 = broadcast(0);
    IntVector s50 = broadcast(0);
    IntVector s60 = broadcast(0);
    IntVector s70 = broadcast(0);
    long row = panel;
    for (long run : panels.runs) {
      long x0 = x[first] + xShift + run;
      long x1 = x[first + 1] + xShift + run;
      long x2 = x[first + 2] + xShift + run;
      long x3 = x[first + 3] + xShift + run;
      long x4 = x[first + 4] + xShift + run;
      long x5 = x[first + 5] + xShift + run;
      long x6 = x[first + 6] + xShift + run;
      long x7 = x[first + 7] + xShift + run;
      for (int i = 0; i < panels.quads; i++) {
        long at = (long) i << 4;
        IntVector q0 = load(w, row);
        IntVector w00 = q0.lanewise(LSHL, 24).lanewise(ASHR, 24);
        IntVector a00 = broadcast(m, x0 + at);
        s00 = s00.add(a00.mul(w00));
        IntVector a01 = broadcast(m, x1 + at);
        s10 = s10.add(a01.mul(w00));
        IntVector a02 = broadcast(m, x2 + at);
        s20 = s20.add(a02.mul(w00));
        IntVector a03 = broadcast(m, x3 + at);
        s30 = s30.add(a03.mul(w00));
        IntVector a04 = broadcast(m, x4 + at);
        s40 = s40.add(a04.mul(w00));
        IntVector a05 = broadcast(m, x5 + at);
        s50 = s50.add(a05.mul(w00));
        IntVector a06 = broadcast(m, x6 + at);
        s60 = s60.add(a06.mul(w00));
        IntVector a07 = broadcast(m, x7 + at);
        s70 = s70.add(a07.mul(w00));
        IntVector w10 = q0.lanewise(LSHL, 16).lanewise(ASHR, 24);
        IntVector a10 = broadcast(m, x0 + at + 4);
        s00 = s00.add(a10.mul(w10));
        IntVector a11 = broadcast(m, x1 + at + 4);
        s10 = s10.add(a11.mul(w10));
        IntVector a12 = broadcast(m, x2 + at + 4);
        s20 = s20.add(a12.mul(w10));
        IntVector a13 = broadcast(m, x3 + at + 4);
        s30 = s30.add(a13.mul(w10));
        IntVector a14 = broadcast(m, x4 + at + 4);
        s40 = s40.add(a14.mul(w10));
        IntVector a15 = broadcast(m, x5 + at + 4);
        s50 = s50.add(a15.mul(w10));
        IntVector a16 = broadcast(m, x6 + at + 4);
        s60 = s60.add(a16.mul(w10));
        IntVector a17 = broadcast(m, x7 + at + 4);
        s70 = s70.add(a17.mul(w10));
        IntVector w20 = q0.lanewise(LSHL, 8).lanewise(ASHR, 24);
        IntVector a20 = broadcast(m, x0 + at + 8);
        s00 = s00.add(a20.mul(w20));
        IntVector a21 = broadcast(m, x1 + at + 8);
        s10 = s10.add(a21.mul(w20));
        IntVector a22 = broadcast(m, x2 + at + 8);
        s20 = s20.add(a22.mul(w20));
        IntVector a23 = broadcast(m, x3 + at + 8);
        s30 = s30.add(a23.mul(w20));
        IntVector a24 = broadcast(m, x4 + at + 8);
        s40 = s40.add(a24.mul(w20));
        IntVector a25 = broadcast(m, x5 + at + 8);
        s50 = s50.add(a25.mul(w20));
        IntVector a26 = broadcast(m, x6 + at + 8);
        s60 = s60.add(a26.mul(w20));
        IntVector a27 = broadcast(m, x7 + at + 8);
        s70 = s70.add(a27.mul(w20));
        IntVector w30 = q0.lanewise(ASHR, 24);
        IntVector a30 = broadcast(m, x0 + at + 12);
        s00 = s00.add(a30.mul(w30));
        IntVector a31 = broadcast(m, x1 + at + 12);
        s10 = s10.add(a31.mul(w30));
        IntVector a32 = broadcast(m, x2 + at + 12);
        s20 = s20.add(a32.mul(w30));
        IntVector a33 = broadcast(m, x3 + at + 12);
        s30 = s30.add(a33.mul(w30));
        IntVector a34 = broadcast(m, x4 + at + 12);
        s40 = s40.add(a34.mul(w30));
        IntVector a35 = broadcast(m, x5 + at + 12);
        s50 = s50.add(a35.mul(w30));
        IntVector a36 = broadcast(m, x6 + at + 12);
        s60 = s60.add(a36.mul(w30));
        IntVector a37 = broadcast(m, x7 + at + 12);
        s70 = s70.add(a37.mul(w30));
        row += BYTES;
      }
    }
    s00.intoMemorySegment(m, y, LITTLE_ENDIAN);
    long y1 = y + 1 * yStride;
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

  /** 1 row × 2 vectors; x holds the rows' offsets. */
  static void tile1x2(
      MemorySegment w,
      long panel,
      MemorySegment m,
      long[] x,
      int first,
      long xShift,
      IntPanels panels,
      long y,
      long yStride) {
    IntVector s00 = broadcast(0);
    IntVector s01 = broadcast(0);
    long row = panel;
    for (long run : panels.runs) {
      long x0 = x[first] + xShift + run;
      for (int i = 0; i < panels.quads; i++) {
        long at = (long) i << 4;
        IntVector q0 = load(w, row);
        IntVector q1 = load(w, row + BYTES);
        IntVector w00 = q0.lanewise(LSHL, 24).lanewise(ASHR, 24);
        IntVector w01 = q1.lanewise(LSHL, 24).lanewise(ASHR, 24);
        IntVector a00 = broadcast(m, x0 + at);
        s00 = s00.add(a00.mul(w00));
        s01 = s01.add(a00.mul(w01));
        IntVector w10 = q0.lanewise(LSHL, 16).lanewise(ASHR, 24);
        IntVector w11 = q1.lanewise(LSHL, 16).lanewise(ASHR, 24);
        IntVector a10 = broadcast(m, x0 + at + 4);
        s00 = s00.add(a10.mul(w10));
        s01 = s01.add(a10.mul(w11));
        IntVector w20 = q0.lanewise(LSHL, 8).lanewise(ASHR, 24);
        IntVector w21 = q1.lanewise(LSHL, 8).lanewise(ASHR, 24);
        IntVector a20 = broadcast(m, x0 + at + 8);
        s00 = s00.add(a20.mul(w20));
        s01 = s01.add(a20.mul(w21));
        IntVector w30 = q0.lanewise(ASHR, 24);
        IntVector w31 = q1.lanewise(ASHR, 24);
        IntVector a30 = broadcast(m, x0 + at + 12);
        s00 = s00.add(a30.mul(w30));
        s01 = s01.add(a30.mul(w31));
        row += 2L * BYTES;
      }
    }
    s00.intoMemorySegment(m, y, LITTLE_ENDIAN);
    s01.intoMemorySegment(m, y + BYTES, LITTLE_ENDIAN);
  }

  /** 1 row × 1 vector; x holds the rows' offsets. */
  static void tile1x1(
      MemorySegment w,
      long panel,
      MemorySegment m,
      long[] x,
      int first,
      long xShift,
      IntPanels panels,
      long y,
      long yStride) {
    IntVector s00 = broadcast(0);
    long row = panel;
    for (long run : panels.runs) {
      long x0 = x[first] + xShift + run;
      for (int i = 0; i < panels.quads; i++) {
        long at = (long) i << 4;
        IntVector q0 = load(w, row);
        IntVector w00 = q0.lanewise(LSHL, 24).lanewise(ASHR, 24);
        IntVector a00 = broadcast(m, x0 + at);
        s00 = s00.add(a00.mul(w00));
        IntVector w10 = q0.lanewise(LSHL, 16).lanewise(ASHR, 24);
        IntVector a10 = broadcast(m, x0 + at + 4);
        s00 = s00.add(a10.mul(w10));
        IntVector w20 = q0.lanewise(LSHL, 8).lanewise(ASHR, 24);
        IntVector a20 = broadcast(m, x0 + at + 8);
        s00 = s00.add(a20.mul(w20));
        IntVector w30 = q0.lanewise(ASHR, 24);
        IntVector a30 = broadcast(m, x0 + at + 12);
        s00 = s00.add(a30.mul(w30));
        row += BYTES;
      }
    }
    s00.intoMemorySegment(m, y, LITTLE_ENDIAN);
  }
}
