package org.helu.device.vector.kernel;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.helu.runtime.tensor.Tensor;

/** Sums of products of packed codes and packed weights, by {@link BitTiles}. */
public final class BitKernels {
  /** Rows that are computed together: their packed inputs and sums stay in the first cache. */
  public static final int ROWS = 32;

  /** Bytes of one row of a block's sums. */
  public static final long SUMS_BYTES = Columns.BLOCK * 4L;

  private BitKernels() {}

  /**
   * Counts {@code sum over p, q of 2^p * 2^q * popcount(x_p XOR w_q)}, the weights' sign plane
   * negative, for rows times the columns of a block.
   *
   * @param x byte offsets of {@code rows} packed rows
   * @param sums where to: {@code rows} rows of {@link #SUMS_BYTES}
   * @param pass likewise, used where weights have several planes
   */
  public static void count(
      BitPanels panels,
      int block,
      MemorySegment w,
      MemorySegment m,
      long[] x,
      int rows,
      long sums,
      long pass) {
    int end = panels.columns.firstPanel(block + 1);
    for (int plane = 0; plane < panels.weightPlanes; plane++) {
      long to = plane == 0 ? sums : pass;
      for (int panel = panels.columns.firstPanel(block); panel < end; panel++) {
        long shift = (panels.columns.column(panel) - block * Columns.BLOCK) * 4L;
        int tall = panels.columns.vectors(panel) == 2 ? 4 : 8;
        long source = panels.offset(panel, plane);
        for (int row = 0; row + tall <= rows; row += tall) {
          long y = to + shift + row * SUMS_BYTES;
          if (tall == 4) {
            BitTiles.tile4x2(w, source, m, x, row, panels, y, SUMS_BYTES);
          } else {
            BitTiles.tile8x1(w, source, m, x, row, panels, y, SUMS_BYTES);
          }
        }
      }
      // Of a block with panels of both kinds, rows behind the last eight take the single form.
      for (int row = rows - rows % panels.columns.tallest(block); row < rows; row++) {
        BitTiles.row(w, m, x[row], panels, block, plane, to + row * SUMS_BYTES);
      }
      if (panels.weightPlanes > 1) {
        combine(m, sums, pass, rows, panels.columns.width(block), plane == 0);
      }
    }
  }

  /** {@code sums = 2 sums + pass}; the first plane, the sign's, is negated instead. */
  private static void combine(
      MemorySegment m, long sums, long pass, int rows, int width, boolean first) {
    for (int row = 0; row < rows; row++) {
      for (int c = 0; c < width; c += Simd.LANES) {
        long at = row * SUMS_BYTES + c * 4L;
        IntVector sum = Ints.load(m, sums + at);
        IntVector next = first ? sum.neg() : sum.add(sum).add(Ints.load(m, pass + at));
        next.intoMemorySegment(m, sums + at, Simd.LITTLE_ENDIAN);
      }
    }
  }

  /** {@code sum over p of 2^p * popcount(x_p)}: the sum of a packed row's codes. */
  public static int sumOfCodes(MemorySegment m, long x, BitPanels panels) {
    int sum = 0;
    for (int plane = 0; plane < panels.planes; plane++) {
      int ones = 0;
      long at = x + plane * panels.planeBytes;
      for (long i = 0; i < panels.planeBytes; i += 8) {
        ones += Long.bitCount(m.get(Tensor.LONG, at + i));
      }
      sum += ones << plane;
    }
    return sum;
  }

  /**
   * From counts of 1-bit weights to sums of products: {@code z = base - step * count}.
   *
   * @param bases per row the byte offset of its bases for the block's columns, in {@code w}
   */
  public static void finishBits(
      MemorySegment w, MemorySegment m, long sums, int rows, int width, long[] bases, int step) {
    IntVector steps = Ints.broadcast(step);
    for (int row = 0; row < rows; row++) {
      long at = sums + row * SUMS_BYTES;
      long base = bases[row];
      for (int c = 0; c < width; c += Simd.LANES) {
        IntVector count = Ints.load(m, at + c * 4L).mul(steps);
        Ints.load(w, base + c * 4L)
            .sub(count)
            .intoMemorySegment(m, at + c * 4L, Simd.LITTLE_ENDIAN);
      }
    }
  }

  /**
   * From counts of int8 weights to sums of products: {@code z = base + step * (constant - ones -
   * count) / 2}, where {@code constant} is the weights' sum times the greatest code and {@code
   * ones} the sum of the row's codes. Of codes and weights both written in bits of -1 and +1, the
   * product is the difference of equal and unequal bits; that is where the half comes from.
   */
  public static void finishBytes(
      MemorySegment w,
      MemorySegment m,
      long sums,
      int rows,
      int width,
      long[] bases,
      long constants,
      long[] x,
      BitPanels panels,
      int step) {
    IntVector steps = Ints.broadcast(step);
    for (int row = 0; row < rows; row++) {
      long at = sums + row * SUMS_BYTES;
      IntVector ones = Ints.broadcast(sumOfCodes(m, x[row], panels));
      long base = bases[row];
      for (int c = 0; c < width; c += Simd.LANES) {
        IntVector twice = Ints.load(w, constants + c * 4L).sub(ones).sub(Ints.load(m, at + c * 4L));
        twice
            .lanewise(VectorOperators.ASHR, 1)
            .mul(steps)
            .add(Ints.load(w, base + c * 4L))
            .intoMemorySegment(m, at + c * 4L, Simd.LITTLE_ENDIAN);
      }
    }
  }
}
