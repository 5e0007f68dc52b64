package org.helu.device.vector.kernel;

import static org.helu.device.vector.kernel.Ints.broadcast;
import static org.helu.device.vector.kernel.Ints.load;
import static org.helu.device.vector.kernel.Simd.BYTES;
import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;

/**
 * Register blocks of a product of 8-bit weights and 32-bit values, lanes being columns. Weights are
 * widened to 32 bits when they are packed: taking bytes out of 32-bit lanes by shifts in the inner
 * loop was up to thirty times slower in some processes, where the JIT compiler did not keep all
 * vectors of the block in registers.
 *
 * <p>The Vector API has no instruction that adds neighbouring products (vpmaddwd, vpdpbusd), and
 * the JIT compiler's own vectoriser did not use one for loops over short arrays in any form that
 * was tried (docs/performance.md). A 32-bit product and sum are exact for all operands.
 */
final class IntTiles {
  private IntTiles() {}

  /** 4 rows × 2 vectors; x holds the rows' offsets. */
  static void tile4x2(
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
    int inputs = panels.runLength;
    long row = panel;
    for (long run : panels.runs) {
      long x0 = x[first] + xShift + run;
      long x1 = x[first + 1] + xShift + run;
      long x2 = x[first + 2] + xShift + run;
      long x3 = x[first + 3] + xShift + run;
      for (int i = 0; i < inputs; i++) {
        long at = (long) i << 2;
        long weight = row + (long) i * (2L * BYTES);
        IntVector b0 = load(w, weight);
        IntVector b1 = load(w, weight + BYTES);
        IntVector a0 = broadcast(m, x0 + at);
        s00 = s00.add(a0.mul(b0));
        s01 = s01.add(a0.mul(b1));
        IntVector a1 = broadcast(m, x1 + at);
        s10 = s10.add(a1.mul(b0));
        s11 = s11.add(a1.mul(b1));
        IntVector a2 = broadcast(m, x2 + at);
        s20 = s20.add(a2.mul(b0));
        s21 = s21.add(a2.mul(b1));
        IntVector a3 = broadcast(m, x3 + at);
        s30 = s30.add(a3.mul(b0));
        s31 = s31.add(a3.mul(b1));
      }
      row += (long) panels.runLength * (2L * BYTES);
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
    int inputs = panels.runLength;
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
      for (int i = 0; i < inputs; i++) {
        long at = (long) i << 2;
        long weight = row + (long) i * BYTES;
        IntVector b0 = load(w, weight);
        IntVector a0 = broadcast(m, x0 + at);
        s00 = s00.add(a0.mul(b0));
        IntVector a1 = broadcast(m, x1 + at);
        s10 = s10.add(a1.mul(b0));
        IntVector a2 = broadcast(m, x2 + at);
        s20 = s20.add(a2.mul(b0));
        IntVector a3 = broadcast(m, x3 + at);
        s30 = s30.add(a3.mul(b0));
        IntVector a4 = broadcast(m, x4 + at);
        s40 = s40.add(a4.mul(b0));
        IntVector a5 = broadcast(m, x5 + at);
        s50 = s50.add(a5.mul(b0));
        IntVector a6 = broadcast(m, x6 + at);
        s60 = s60.add(a6.mul(b0));
        IntVector a7 = broadcast(m, x7 + at);
        s70 = s70.add(a7.mul(b0));
      }
      row += (long) panels.runLength * BYTES;
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

  /**
   * One row times the panels of a block: the rows that no taller block covers, and batch 1.
   *
   * @param y byte offset of column 0's sum
   */
  static void row(MemorySegment w, MemorySegment m, long x, IntPanels panels, int block, long y) {
    int inputs = panels.runLength;
    int end = panels.firstPanel(block + 1);
    for (int panel = panels.firstPanel(block); panel < end; panel++) {
      long to = y + panels.column(panel) * 4L;
      long from = x + panels.xShift(panel);
      long row = panels.offset(panel);
      if (panels.vectors(panel) == 2) {
        IntVector s0 = broadcast(0);
        IntVector s1 = broadcast(0);
        for (long run : panels.runs) {
          long at = from + run;
          for (int i = 0; i < inputs; i++) {
            long weight = row + (long) i * (2L * BYTES);
            IntVector a = broadcast(m, at + ((long) i << 2));
            s0 = s0.add(a.mul(load(w, weight)));
            s1 = s1.add(a.mul(load(w, weight + BYTES)));
          }
          row += (long) panels.runLength * (2L * BYTES);
        }
        s0.intoMemorySegment(m, to, LITTLE_ENDIAN);
        s1.intoMemorySegment(m, to + BYTES, LITTLE_ENDIAN);
      } else {
        IntVector s0 = broadcast(0);
        for (long run : panels.runs) {
          long at = from + run;
          for (int i = 0; i < inputs; i++) {
            IntVector a = broadcast(m, at + ((long) i << 2));
            s0 = s0.add(a.mul(load(w, row + (long) i * BYTES)));
          }
          row += (long) panels.runLength * BYTES;
        }
        s0.intoMemorySegment(m, to, LITTLE_ENDIAN);
      }
    }
  }
}
