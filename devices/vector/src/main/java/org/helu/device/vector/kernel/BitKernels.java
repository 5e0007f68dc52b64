package org.helu.device.vector.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.helu.runtime.tensor.Tensor;

/** Sums of products of packed codes and packed weights, by {@link BitTiles}. */
public final class BitKernels {
  /** Rows that are computed together, whose sums stay in the first cache. */
  public static final int ROWS = 32;

  /** Rows of the tallest register block. */
  private static final int UNIT = 8;

  /** Bytes of one row of a block's sums. */
  public static final long SUMS_BYTES = Columns.BLOCK * 4L;

  private BitKernels() {}

  /**
   * Counts {@code sum over p, q of 2^p * 2^q * popcount(x_p XOR w_q)}, the weights' sign plane
   * negative, for rows times the columns of a block.
   *
   * @param x addresses of {@code rows} input rows, ascending; replaced by copies of the last one up
   *     to a multiple of {@link #UNIT}
   * @param sums where to: byte offset of {@link #ROWS} rows of {@link #SUMS_BYTES}
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
    check(panels, block, w, m, x, rows, sums, pass);
    for (int row = rows; rows > 1 && row % UNIT != 0; row++) {
      x[row] = x[rows - 1];
    }
    int end = panels.columns.firstPanel(block + 1);
    for (int plane = 0; plane < panels.weightPlanes; plane++) {
      long to = plane == 0 ? sums : pass;
      for (int panel = panels.columns.firstPanel(block); panel < end; panel++) {
        long shift = (panels.columns.column(panel) - block * Columns.BLOCK) * 4L;
        long source = w.address() + panels.offset(panel, plane);
        long y = m.address() + to + shift;
        multiply(panels, panels.columns.vectors(panel), source, x, rows, y);
      }
      if (panels.weightPlanes > 1) {
        combine(m, sums, pass, rows, panels.columns.width(block), plane == 0);
      }
    }
  }

  private static void multiply(
      BitPanels panels, int vectors, long source, long[] x, int rows, long y) {
    if (rows == 1) {
      if (vectors == 2) {
        BitTiles.tile1x2(source, x, 0, panels, y);
      } else {
        BitTiles.tile1x1(source, x, 0, panels, y);
      }
    } else if (vectors == 2) {
      for (int row = 0; row < rows; row += 4) {
        BitTiles.tile4x2(source, x, row, panels, y + row * SUMS_BYTES);
      }
    } else {
      for (int row = 0; row < rows; row += 8) {
        BitTiles.tile8x1(source, x, row, panels, y + row * SUMS_BYTES);
      }
    }
  }

  /** That all that register blocks read and write lies inside: they do not look themselves. */
  private static void check(
      BitPanels panels,
      int block,
      MemorySegment w,
      MemorySegment m,
      long[] x,
      int rows,
      long sums,
      long pass) {
    long first = x[0] - m.address();
    Objects.checkFromToIndex(
        first, x[rows - 1] - m.address() + panels.reach, m.byteSize());
    Objects.checkFromToIndex(panels.blockOffset(block), panels.blockOffset(block + 1), w.byteSize());
    Objects.checkFromIndexSize(sums, ROWS * SUMS_BYTES, m.byteSize());
    Objects.checkFromIndexSize(pass, ROWS * SUMS_BYTES, m.byteSize());
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
  private static int sumOfCodes(MemorySegment m, long x, BitPanels panels) {
    int sum = 0;
    for (int plane = 0; plane < panels.planes; plane++) {
      int ones = 0;
      long at = x - m.address() + plane * panels.planeBytes;
      for (int tap : panels.taps) {
        ones += Integer.bitCount(m.get(Tensor.INT, at + tap));
      }
      sum += ones << plane;
    }
    return sum;
  }

  /**
   * From counts of 1-bit weights to sums of products: {@code z = base - step * count}.
   *
   * @param bases byte offset of the bases of the block's columns, in {@code w}
   * @param shifts for each row what is added to that, or null for nothing
   */
  public static void finishBits(
      MemorySegment w,
      MemorySegment m,
      long sums,
      int rows,
      long bases,
      long[] shifts,
      int step) {
    IntVector steps = Ints.broadcast(step);
    for (int row = 0; row < rows; row++) {
      long at = sums + row * SUMS_BYTES;
      long base = bases + (shifts == null ? 0 : shifts[row]);
      for (long c = 0; c < SUMS_BYTES; c += Simd.BYTES) {
        IntVector count = Ints.load(m, at + c).mul(steps);
        Ints.load(w, base + c).sub(count).intoMemorySegment(m, at + c, Simd.LITTLE_ENDIAN);
      }
    }
  }

  /**
   * From counts of int8 weights to sums of products: {@code z = base + step * (constant - ones -
   * count) / 2}, where {@code constant} is the weights' sum times the greatest code and {@code
   * ones} the sum of the row's codes. Of codes and weights both written in bits of -1 and +1, the
   * product is the difference of equal and unequal bits; that is where the half comes from.
   *
   * @param x addresses of the rows
   */
  public static void finishBytes(
      MemorySegment w,
      MemorySegment m,
      long sums,
      int rows,
      long bases,
      long[] shifts,
      long constants,
      long[] x,
      BitPanels panels,
      int step) {
    IntVector steps = Ints.broadcast(step);
    for (int row = 0; row < rows; row++) {
      long at = sums + row * SUMS_BYTES;
      IntVector ones = Ints.broadcast(sumOfCodes(m, x[row], panels));
      long base = bases + (shifts == null ? 0 : shifts[row]);
      for (long c = 0; c < SUMS_BYTES; c += Simd.BYTES) {
        IntVector twice = Ints.load(w, constants + c).sub(ones).sub(Ints.load(m, at + c));
        twice
            .lanewise(VectorOperators.ASHR, 1)
            .mul(steps)
            .add(Ints.load(w, base + c))
            .intoMemorySegment(m, at + c, Simd.LITTLE_ENDIAN);
      }
    }
  }
}
