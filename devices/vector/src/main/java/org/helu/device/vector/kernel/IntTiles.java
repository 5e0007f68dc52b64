package org.helu.device.vector.kernel;

import static org.helu.device.vector.kernel.Simd.BYTES;
import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import org.helu.runtime.tensor.Tensor;

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

  /** 4 rows × 1 vector; x holds the rows' offsets. More sums than four were boxed. */
  static void tile4x1(
      MemorySegment w,
      long panel,
      MemorySegment m,
      long[] x,
      int first,
      long xShift,
      IntPanels panels,
      long y,
      long yStride) {
    IntVector s00 = IntVector.broadcast(Ints.SPECIES, 0);
    IntVector s10 = IntVector.broadcast(Ints.SPECIES, 0);
    IntVector s20 = IntVector.broadcast(Ints.SPECIES, 0);
    IntVector s30 = IntVector.broadcast(Ints.SPECIES, 0);
    int inputs = panels.runLength;
    long row = panel;
    for (long run : panels.runs) {
      long x0 = x[first] + xShift + run;
      long x1 = x[first + 1] + xShift + run;
      long x2 = x[first + 2] + xShift + run;
      long x3 = x[first + 3] + xShift + run;
      for (int i = 0; i < inputs; i++) {
        long at = (long) i << 2;
        long weight = row + (long) i * BYTES;
        IntVector b0 = IntVector.fromMemorySegment(Ints.SPECIES, w, weight, LITTLE_ENDIAN);
        IntVector a0 = IntVector.broadcast(Ints.SPECIES, m.get(Tensor.INT, x0 + at));
        s00 = s00.add(a0.mul(b0));
        IntVector a1 = IntVector.broadcast(Ints.SPECIES, m.get(Tensor.INT, x1 + at));
        s10 = s10.add(a1.mul(b0));
        IntVector a2 = IntVector.broadcast(Ints.SPECIES, m.get(Tensor.INT, x2 + at));
        s20 = s20.add(a2.mul(b0));
        IntVector a3 = IntVector.broadcast(Ints.SPECIES, m.get(Tensor.INT, x3 + at));
        s30 = s30.add(a3.mul(b0));
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
      IntVector s0 = IntVector.broadcast(Ints.SPECIES, 0);
      for (long run : panels.runs) {
        long at = from + run;
        for (int i = 0; i < inputs; i++) {
          IntVector a = IntVector.broadcast(Ints.SPECIES, m.get(Tensor.INT, at + ((long) i << 2)));
          s0 =
              s0.add(
                  a.mul(
                      IntVector.fromMemorySegment(
                          Ints.SPECIES, w, row + (long) i * BYTES, LITTLE_ENDIAN)));
        }
        row += (long) panels.runLength * BYTES;
      }
      s0.intoMemorySegment(m, to, LITTLE_ENDIAN);
    }
  }
}
