package org.helu.device.vector.kernel;

import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;

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
  private static final int TALL = 4;

  /** Panels of one row that are counted together, whose weights stay in the first cache. */
  private static final int WIDE = 8;

  /** Bytes of one row of a block's sums. */
  public static final long SUMS_BYTES = Columns.BLOCK * 4L;

  private BitKernels() {}

  /**
   * Counts {@code sum over p, q of 2^(p+q) * popcount(x_p XOR w_q)}, for rows times the columns of
   * a block, or for one row times those of up to {@link #ROWS} blocks, whose sums then follow each
   * other as rows do. The weights' sign plane is stored inverted, see {@link BitPanels}.
   *
   * @param x addresses of {@code rows} input rows, ascending; behind them copies of the last one
   *     are written, up to a multiple of {@link #TALL}
   * @param sums where to: byte offset of {@link #ROWS} rows of {@link #SUMS_BYTES}
   */
  public static void count(
      BitPanels panels,
      int blockFrom,
      int blockTo,
      MemorySegment w,
      MemorySegment m,
      long[] x,
      int rows,
      long sums) {
    check(panels, blockFrom, blockTo, w, m, x, rows, sums);
    for (int row = rows; rows > 1 && row % TALL != 0; row++) {
      x[row] = x[rows - 1];
    }
    int end = panels.columns.firstPanel(blockTo);
    int origin = blockFrom * Columns.BLOCK;
    int taken;
    for (int panel = panels.columns.firstPanel(blockFrom); panel < end; panel += taken) {
      int vectors = panels.columns.vectors(panel);
      boolean isRun = rows == 1 && vectors == 2 && panels.isRun;
      taken = isRun && !Simd.POPCOUNT ? panels.widePanels(panel, Math.min(end, panel + WIDE)) : 1;
      long y = m.address() + sums + (panels.columns.column(panel) - origin) * 4L;
      // From the greatest power of two to the least: sums double where the power changes.
      int scale = 0;
      for (int power = panels.planes + panels.weightPlanes - 2; power >= 0; power--) {
        for (int q = Math.min(power, panels.weightPlanes - 1); q >= 0; q--) {
          int plane = power - q;
          if (plane >= panels.planes) {
            break;
          }
          long source = w.address() + panels.offset(panel, q);
          long shift = plane * panels.planeBytes;
          if (isRun && !Simd.POPCOUNT) {
            multiplyRun(panels, source, taken, x[0] + shift, scale, y);
          } else if (!Simd.POPCOUNT) {
            multiplyBytewise(panels.taps, vectors, source, x, rows, shift, scale, y);
          } else if (isRun) {
            BitTiles.run1x2(source, panels.taps.length, x[0] + shift, scale, y);
          } else {
            multiply(panels.taps, vectors, source, x, rows, shift, scale, y);
          }
          scale = 1;
        }
        scale = 2;
      }
    }
  }

  /** Products of one plane of inputs and one of weights by {@link BitTiles}. */
  static void multiply(
      int[] taps, int vectors, long source, long[] x, int rows, long shift, int scale, long y) {
    if (rows == 1) {
      if (vectors == 2) {
        BitTiles.tile1x2(source, taps, x, 0, shift, scale, y);
      } else {
        BitTiles.tile1x1(source, taps, x, 0, shift, scale, y);
      }
      return;
    }
    for (int row = 0; row < rows; row += TALL) {
      if (vectors == 2) {
        BitTiles.tile4x2(source, taps, x, row, shift, scale, y + row * SUMS_BYTES);
      } else {
        BitTiles.tile4x1(source, taps, x, row, shift, scale, y + row * SUMS_BYTES);
      }
    }
  }

  /** One row of neighbouring words by some panels of two vectors, by {@link ByteCountTiles}. */
  private static void multiplyRun(
      BitPanels panels, long source, int count, long x, int scale, long y) {
    int words = panels.taps.length;
    int runs = ByteCountTiles.runs(words);
    for (int run = 0; run < runs; run++) {
      int from = (int) ((long) words * run / runs);
      int to = (int) ((long) words * (run + 1) / runs);
      ByteCountTiles.run1x2(
          source + from * 2L * Simd.BYTES,
          panels.widePanelBytes(),
          count,
          to - from,
          x + from * 4L,
          run == 0 ? scale : 1,
          y);
    }
  }

  /** {@link #multiply} by {@link ByteCountTiles}, in as few runs of words as bytes can count. */
  static void multiplyBytewise(
      int[] taps, int vectors, long source, long[] x, int rows, long shift, int scale, long y) {
    int runs = ByteCountTiles.runs(taps.length);
    for (int run = 0; run < runs; run++) {
      int from = (int) ((long) taps.length * run / runs);
      int words = (int) ((long) taps.length * (run + 1) / runs) - from;
      long weights = source + from * (long) vectors * Simd.BYTES;
      int factor = run == 0 ? scale : 1;
      for (int row = 0; row < rows; row += TALL) {
        long sums = y + row * SUMS_BYTES;
        if (rows == 1 && vectors == 2) {
          ByteCountTiles.tile1x2(weights, taps, from, words, x, row, shift, factor, sums);
        } else if (rows == 1) {
          ByteCountTiles.tile1x1(weights, taps, from, words, x, row, shift, factor, sums);
        } else if (vectors == 2) {
          ByteCountTiles.tile4x2(weights, taps, from, words, x, row, shift, factor, sums);
        } else {
          ByteCountTiles.tile4x1(weights, taps, from, words, x, row, shift, factor, sums);
        }
      }
    }
  }

  /** That all that register blocks read and write lies inside: they do not look themselves. */
  private static void check(
      BitPanels panels,
      int blockFrom,
      int blockTo,
      MemorySegment w,
      MemorySegment m,
      long[] x,
      int rows,
      long sums) {
    long first = x[0] - m.address();
    Objects.checkFromToIndex(first, x[rows - 1] - m.address() + panels.reach, m.byteSize());
    Objects.checkFromToIndex(
        panels.blockOffset(blockFrom), panels.blockOffset(blockTo), w.byteSize());
    Objects.checkFromIndexSize(sums, ROWS * SUMS_BYTES, m.byteSize());
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
      MemorySegment w, MemorySegment m, long sums, int rows, long bases, long[] shifts, int step) {
    for (int row = 0; row < rows; row++) {
      long at = sums + row * SUMS_BYTES;
      long base = bases + (shifts == null ? 0 : shifts[row]);
      for (long c = 0; c < SUMS_BYTES; c += 4 * Simd.BYTES) {
        subtract(w, base + c, m, at + c, step);
        subtract(w, base + c + Simd.BYTES, m, at + c + Simd.BYTES, step);
        subtract(w, base + c + 2 * Simd.BYTES, m, at + c + 2 * Simd.BYTES, step);
        subtract(w, base + c + 3 * Simd.BYTES, m, at + c + 3 * Simd.BYTES, step);
      }
    }
  }

  private static void subtract(MemorySegment w, long base, MemorySegment m, long sum, int step) {
    IntVector count = IntVector.fromMemorySegment(Ints.SPECIES, m, sum, LITTLE_ENDIAN).mul(step);
    IntVector.fromMemorySegment(Ints.SPECIES, w, base, LITTLE_ENDIAN)
        .sub(count)
        .intoMemorySegment(m, sum, LITTLE_ENDIAN);
  }

  /**
   * From counts of int8 weights to sums of products: {@code z = base + step * (constant - ones -
   * count) / 2}, where {@code constant} is the sum of the weights, each plus 128, times the
   * greatest code, and {@code ones} the sum of the row's codes. For bits {@code x XOR w = x + w - 2
   * x w}; that is where the half comes from.
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
    IntVector steps = IntVector.broadcast(Ints.SPECIES, step);
    for (int row = 0; row < rows; row++) {
      long at = sums + row * SUMS_BYTES;
      IntVector ones = IntVector.broadcast(Ints.SPECIES, sumOfCodes(m, x[row], panels));
      long base = bases + (shifts == null ? 0 : shifts[row]);
      for (long c = 0; c < SUMS_BYTES; c += Simd.BYTES) {
        IntVector twice =
            IntVector.fromMemorySegment(Ints.SPECIES, w, constants + c, LITTLE_ENDIAN)
                .sub(ones)
                .sub(IntVector.fromMemorySegment(Ints.SPECIES, m, at + c, LITTLE_ENDIAN));
        twice
            .lanewise(VectorOperators.ASHR, 1)
            .mul(steps)
            .add(IntVector.fromMemorySegment(Ints.SPECIES, w, base + c, LITTLE_ENDIAN))
            .intoMemorySegment(m, at + c, LITTLE_ENDIAN);
      }
    }
  }
}
