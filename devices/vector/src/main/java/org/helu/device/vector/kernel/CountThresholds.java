package org.helu.device.vector.kernel;

import java.lang.foreign.MemorySegment;
import org.helu.runtime.tensor.Tensor;

/**
 * Thresholds of sums {@code z = base - step * count}, as thresholds of the counts themselves: sums
 * need not be computed. Bases may differ by pad class, so each class has thresholds of its own.
 *
 * <p>With the sign +1, {@code z >= t} is {@code count <= floor((base - t) / step)}, or {@code
 * ~count >= ~floor(...)}; with -1, {@code -z >= t} is {@code count >= ceil((base + t) / step)}.
 */
public final class CountThresholds {
  private final Finish finish;
  private final long flips;
  private final long thresholds;
  private final int classes;

  /**
   * @param base byte offset of the packed parameters
   * @param finish how codes are stored, see {@link Finish#isPlanes}
   * @param classes pad classes
   */
  public CountThresholds(long base, Finish finish, int classes) {
    this.finish = finish;
    this.classes = classes;
    this.flips = base;
    this.thresholds = base + finish.columns * 4L;
  }

  /** Bytes of the packed parameters. */
  public long bytes() {
    return finish.columns * 4L + classes * classBytes();
  }

  /** Bytes from one pad class's thresholds to the next. */
  public long classBytes() {
    return finish.steps * (long) finish.columns * 4;
  }

  /**
   * Packs the thresholds of one class.
   *
   * @param values {@code [outputs or 1, 1 + steps]}: signs and thresholds
   * @param bases of each output
   * @param greatest the greatest count
   */
  public void pack(
      MemorySegment memory, Tensor values, int which, int[] bases, int step, int greatest) {
    for (int c = 0; c < finish.outputs; c++) {
      long row = values.shape().dim(0) > 1 ? c * (1L + finish.steps) : 0;
      boolean negative = values.getLong(row) < 0;
      memory.set(Tensor.INT, flips + c * 4L, negative ? 0 : -1);
      for (int t = 0; t < finish.steps; t++) {
        long threshold = values.getLong(row + 1 + t);
        long bound =
            negative
                ? Math.clamp(Math.ceilDiv(bases[c] + threshold, step), 0, greatest + 1)
                : ~Math.clamp(Math.floorDiv(bases[c] - threshold, step), -1, greatest);
        long at = thresholds + which * classBytes() + ((long) t * finish.columns + c) * 4;
        memory.set(Tensor.INT, at, (int) bound);
      }
    }
    // Columns behind the last output reach no threshold, so that packed rows end in zeros.
    for (int c = finish.outputs; c < finish.columns; c++) {
      for (int t = 0; t < finish.steps; t++) {
        long at = thresholds + which * classBytes() + ((long) t * finish.columns + c) * 4;
        memory.set(Tensor.INT, at, Integer.MAX_VALUE);
      }
    }
  }

  /**
   * Stores the codes of rows of a block's counts.
   *
   * @param sums byte offset of the first row's counts, {@link BitKernels#SUMS_BYTES} apart
   * @param row the first row's number in the output
   * @param shifts for each row its class times {@link #classBytes}, or null where there is one
   */
  public void store(
      MemorySegment w,
      MemorySegment m,
      int block,
      long sums,
      int rows,
      long[] shifts,
      long row,
      long y) {
    long column = block * Columns.BLOCK * 4L;
    Epilogues.storePlanes(
        finish,
        w,
        m,
        block,
        sums,
        BitKernels.SUMS_BYTES,
        rows,
        flips + column,
        thresholds + column,
        shifts,
        finish.columns * 4L,
        row,
        y);
  }

  /**
   * Stores the codes of one row, of several blocks.
   *
   * @param sums byte offset of the first block's counts, {@link BitKernels#SUMS_BYTES} apart
   * @param shift the row's class times {@link #classBytes}
   */
  public void storeRow(
      MemorySegment w,
      MemorySegment m,
      int blockFrom,
      int blockTo,
      long sums,
      long shift,
      long row,
      long y) {
    long column = blockFrom * BitKernels.SUMS_BYTES;
    Thresholds.store(
        w,
        m,
        sums,
        BitKernels.SUMS_BYTES,
        blockTo - blockFrom,
        flips + column,
        thresholds + column + shift,
        BitKernels.SUMS_BYTES,
        null,
        finish.columns * 4L,
        finish.steps,
        y + row * finish.rowBytes() + blockFrom * 8L,
        8,
        finish.columns / 64 * 8L,
        -1L);
  }
}
