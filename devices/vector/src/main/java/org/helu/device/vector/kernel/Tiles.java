package org.helu.device.vector.kernel;

import static org.helu.device.vector.kernel.Simd.BYTES;
import static org.helu.device.vector.kernel.Simd.broadcast;
import static org.helu.device.vector.kernel.Simd.finish;
import static org.helu.device.vector.kernel.Simd.load;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Register blocks of the matrix product: {@code rows} × {@code vectors} accumulators start as the
 * bias, take one fused multiply-add per input, in the inputs' order, and are stored at once.
 *
 * <p>Every block adds the same products in the same order, so a result does not depend on which
 * block, row range or thread computed it. Loops are written out: the JIT compiler keeps a vector in
 * a register only if it is a local variable.
 */
final class Tiles {
  private Tiles() {}

  /** The residual {@code vectors} further, or still none. */
  private static long next(long residual, int vectors) {
    return residual < 0 ? residual : residual + (long) vectors * BYTES;
  }

  /** 4 rows × 4 vectors; x holds the rows' input offsets. */
  static void tile4x4(
      MemorySegment w,
      long panel,
      MemorySegment m,
      long[] x,
      long xShift,
      Panels panels,
      long y,
      long yStride,
      long residual,
      boolean gate) {
    long[] runs = panels.runs;
    int runLength = panels.runLength;
    FloatVector b0 = load(w, panel);
    FloatVector b1 = load(w, panel + BYTES);
    FloatVector b2 = load(w, panel + 2L * BYTES);
    FloatVector b3 = load(w, panel + 3L * BYTES);
    FloatVector s00 = b0;
    FloatVector s01 = b1;
    FloatVector s02 = b2;
    FloatVector s03 = b3;
    FloatVector s10 = b0;
    FloatVector s11 = b1;
    FloatVector s12 = b2;
    FloatVector s13 = b3;
    FloatVector s20 = b0;
    FloatVector s21 = b1;
    FloatVector s22 = b2;
    FloatVector s23 = b3;
    FloatVector s30 = b0;
    FloatVector s31 = b1;
    FloatVector s32 = b2;
    FloatVector s33 = b3;
    long r0 = x[0] + xShift;
    long r1 = x[1] + xShift;
    long r2 = x[2] + xShift;
    long r3 = x[3] + xShift;
    long k = panel + 4L * BYTES;
    for (int run = 0; run < runs.length; run++) {
      long x0 = r0 + runs[run];
      long x1 = r1 + runs[run];
      long x2 = r2 + runs[run];
      long x3 = r3 + runs[run];
      for (int i = 0; i < runLength; i++) {
        long at = (long) i << 2;
        long row = k + (long) i * (4L * BYTES);
        b0 = load(w, row);
        b1 = load(w, row + BYTES);
        b2 = load(w, row + 2L * BYTES);
        b3 = load(w, row + 3L * BYTES);
        FloatVector a = broadcast(m, x0 + at);
        s00 = a.fma(b0, s00);
        s01 = a.fma(b1, s01);
        s02 = a.fma(b2, s02);
        s03 = a.fma(b3, s03);
        a = broadcast(m, x1 + at);
        s10 = a.fma(b0, s10);
        s11 = a.fma(b1, s11);
        s12 = a.fma(b2, s12);
        s13 = a.fma(b3, s13);
        a = broadcast(m, x2 + at);
        s20 = a.fma(b0, s20);
        s21 = a.fma(b1, s21);
        s22 = a.fma(b2, s22);
        s23 = a.fma(b3, s23);
        a = broadcast(m, x3 + at);
        s30 = a.fma(b0, s30);
        s31 = a.fma(b1, s31);
        s32 = a.fma(b2, s32);
        s33 = a.fma(b3, s33);
      }
      k += (long) runLength * (4L * BYTES);
    }
    finish(s00, m, y, residual, gate);
    finish(s01, m, y + BYTES, next(residual, 1), gate);
    finish(s02, m, y + 2L * BYTES, next(residual, 2), gate);
    finish(s03, m, y + 3L * BYTES, next(residual, 3), gate);
    y += yStride;
    residual = residual < 0 ? residual : residual + yStride;
    finish(s10, m, y, residual, gate);
    finish(s11, m, y + BYTES, next(residual, 1), gate);
    finish(s12, m, y + 2L * BYTES, next(residual, 2), gate);
    finish(s13, m, y + 3L * BYTES, next(residual, 3), gate);
    y += yStride;
    residual = residual < 0 ? residual : residual + yStride;
    finish(s20, m, y, residual, gate);
    finish(s21, m, y + BYTES, next(residual, 1), gate);
    finish(s22, m, y + 2L * BYTES, next(residual, 2), gate);
    finish(s23, m, y + 3L * BYTES, next(residual, 3), gate);
    y += yStride;
    residual = residual < 0 ? residual : residual + yStride;
    finish(s30, m, y, residual, gate);
    finish(s31, m, y + BYTES, next(residual, 1), gate);
    finish(s32, m, y + 2L * BYTES, next(residual, 2), gate);
    finish(s33, m, y + 3L * BYTES, next(residual, 3), gate);
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
      long yStride,
      long residual,
      boolean gate) {
    long[] runs = panels.runs;
    int runLength = panels.runLength;
    FloatVector b0 = load(w, panel);
    FloatVector b1 = load(w, panel + BYTES);
    FloatVector s00 = b0;
    FloatVector s01 = b1;
    FloatVector s10 = b0;
    FloatVector s11 = b1;
    FloatVector s20 = b0;
    FloatVector s21 = b1;
    FloatVector s30 = b0;
    FloatVector s31 = b1;
    long r0 = x[0] + xShift;
    long r1 = x[1] + xShift;
    long r2 = x[2] + xShift;
    long r3 = x[3] + xShift;
    long k = panel + 2L * BYTES;
    for (int run = 0; run < runs.length; run++) {
      long x0 = r0 + runs[run];
      long x1 = r1 + runs[run];
      long x2 = r2 + runs[run];
      long x3 = r3 + runs[run];
      for (int i = 0; i < runLength; i++) {
        long at = (long) i << 2;
        long row = k + (long) i * (2L * BYTES);
        b0 = load(w, row);
        b1 = load(w, row + BYTES);
        FloatVector a = broadcast(m, x0 + at);
        s00 = a.fma(b0, s00);
        s01 = a.fma(b1, s01);
        a = broadcast(m, x1 + at);
        s10 = a.fma(b0, s10);
        s11 = a.fma(b1, s11);
        a = broadcast(m, x2 + at);
        s20 = a.fma(b0, s20);
        s21 = a.fma(b1, s21);
        a = broadcast(m, x3 + at);
        s30 = a.fma(b0, s30);
        s31 = a.fma(b1, s31);
      }
      k += (long) runLength * (2L * BYTES);
    }
    finish(s00, m, y, residual, gate);
    finish(s01, m, y + BYTES, next(residual, 1), gate);
    y += yStride;
    residual = residual < 0 ? residual : residual + yStride;
    finish(s10, m, y, residual, gate);
    finish(s11, m, y + BYTES, next(residual, 1), gate);
    y += yStride;
    residual = residual < 0 ? residual : residual + yStride;
    finish(s20, m, y, residual, gate);
    finish(s21, m, y + BYTES, next(residual, 1), gate);
    y += yStride;
    residual = residual < 0 ? residual : residual + yStride;
    finish(s30, m, y, residual, gate);
    finish(s31, m, y + BYTES, next(residual, 1), gate);
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
      long yStride,
      long residual,
      boolean gate) {
    long[] runs = panels.runs;
    int runLength = panels.runLength;
    FloatVector b0 = load(w, panel);
    FloatVector s00 = b0;
    FloatVector s10 = b0;
    FloatVector s20 = b0;
    FloatVector s30 = b0;
    FloatVector s40 = b0;
    FloatVector s50 = b0;
    FloatVector s60 = b0;
    FloatVector s70 = b0;
    long r0 = x[0] + xShift;
    long r1 = x[1] + xShift;
    long r2 = x[2] + xShift;
    long r3 = x[3] + xShift;
    long r4 = x[4] + xShift;
    long r5 = x[5] + xShift;
    long r6 = x[6] + xShift;
    long r7 = x[7] + xShift;
    long k = panel + BYTES;
    for (int run = 0; run < runs.length; run++) {
      long x0 = r0 + runs[run];
      long x1 = r1 + runs[run];
      long x2 = r2 + runs[run];
      long x3 = r3 + runs[run];
      long x4 = r4 + runs[run];
      long x5 = r5 + runs[run];
      long x6 = r6 + runs[run];
      long x7 = r7 + runs[run];
      for (int i = 0; i < runLength; i++) {
        long at = (long) i << 2;
        long row = k + (long) i * BYTES;
        b0 = load(w, row);
        FloatVector a = broadcast(m, x0 + at);
        s00 = a.fma(b0, s00);
        a = broadcast(m, x1 + at);
        s10 = a.fma(b0, s10);
        a = broadcast(m, x2 + at);
        s20 = a.fma(b0, s20);
        a = broadcast(m, x3 + at);
        s30 = a.fma(b0, s30);
        a = broadcast(m, x4 + at);
        s40 = a.fma(b0, s40);
        a = broadcast(m, x5 + at);
        s50 = a.fma(b0, s50);
        a = broadcast(m, x6 + at);
        s60 = a.fma(b0, s60);
        a = broadcast(m, x7 + at);
        s70 = a.fma(b0, s70);
      }
      k += (long) runLength * BYTES;
    }
    finish(s00, m, y, residual, gate);
    y += yStride;
    residual = residual < 0 ? residual : residual + yStride;
    finish(s10, m, y, residual, gate);
    y += yStride;
    residual = residual < 0 ? residual : residual + yStride;
    finish(s20, m, y, residual, gate);
    y += yStride;
    residual = residual < 0 ? residual : residual + yStride;
    finish(s30, m, y, residual, gate);
    y += yStride;
    residual = residual < 0 ? residual : residual + yStride;
    finish(s40, m, y, residual, gate);
    y += yStride;
    residual = residual < 0 ? residual : residual + yStride;
    finish(s50, m, y, residual, gate);
    y += yStride;
    residual = residual < 0 ? residual : residual + yStride;
    finish(s60, m, y, residual, gate);
    y += yStride;
    residual = residual < 0 ? residual : residual + yStride;
    finish(s70, m, y, residual, gate);
  }
}
