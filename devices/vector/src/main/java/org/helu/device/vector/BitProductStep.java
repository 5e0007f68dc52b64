package org.helu.device.vector;

import org.helu.device.vector.kernel.BitKernels;
import org.helu.device.vector.kernel.BitPanels;
import org.helu.device.vector.kernel.BitRows;
import org.helu.device.vector.kernel.Finish;
import org.helu.runtime.tensor.TensorType;

/**
 * A dense layer or convolution on bits: rows of output pixels are packed (where they do not lie
 * packed in memory already), multiplied block by block of columns, and finished while their sums
 * are in the first cache.
 */
final class BitProductStep extends Step {
  /** About how many products of bits cost as much as a multiply-add. */
  private static final long BITS_PER_PRODUCT = 24;

  private final BitPanels panels;
  private final Finish finish;
  private final Layout layout;
  private final BitRows gather;
  private final boolean fromBytes;
  private final int step;
  private final long bases;
  private final long constants;
  private final PadClasses classes;
  private final long x;
  private final long y;
  private final long residual;

  /**
   * Sizes.
   *
   * @param rows output pixels
   * @param outH output lines of an image
   * @param outW output pixels of a line
   * @param inputs products of one sum
   */
  record Layout(Count rows, int outH, int outW, int outputs, long inputs) {}

  /**
   * @param gather how rows are packed, or null where the input's rows are
   * @param fromBytes whether the input is bytes
   * @param step what a code counts, see {@code Codes}
   * @param bases byte offset of each pad class's row of bases, in the weights
   * @param constants byte offset of the row of constants of int8 weights
   */
  BitProductStep(
      BitPanels panels,
      Finish finish,
      Layout layout,
      BitRows gather,
      boolean fromBytes,
      int step,
      long bases,
      long constants,
      PadClasses classes,
      long x,
      long y,
      long residual) {
    this.panels = panels;
    this.finish = finish;
    this.layout = layout;
    this.gather = gather;
    this.fromBytes = fromBytes;
    this.step = step;
    this.bases = bases;
    this.constants = constants;
    this.classes = classes;
    this.x = x;
    this.y = y;
    this.residual = residual;
  }

  @Override
  long work(int batch) {
    long planes = panels.rowBytes() * 8 * panels.weightPlanes();
    return layout.rows.of(batch) * layout.outputs * planes / BITS_PER_PRODUCT;
  }

  private long packedBytes() {
    return gather == null ? 0 : TensorType.align(BitKernels.ROWS * gather.rowBytes() + 64);
  }

  private static long sumsBytes() {
    return TensorType.align(BitKernels.ROWS * BitKernels.SUMS_BYTES);
  }

  @Override
  long partScratchBytes() {
    long codes = fromBytes ? TensorType.align(gather.scratchBytes()) : 0;
    return 2 * sumsBytes() + packedBytes() + codes;
  }

  @Override
  void run(Frame frame, int phase, int part, int parts) {
    long rows = layout.rows.of(frame.batch);
    int blocks = panels.blocks();
    boolean byRows = blocks < parts || rows >= parts * (long) BitKernels.ROWS;
    long rowFrom = byRows ? begin(rows, 4, part, parts) : 0;
    long rowTo = byRows ? begin(rows, 4, part + 1, parts) : rows;
    int blockFrom = byRows ? 0 : (int) begin(blocks, 1, part, parts);
    int blockTo = byRows ? blocks : (int) begin(blocks, 1, part + 1, parts);
    long[] packed = frame.addressesOf(part);
    long[] rowBases = frame.basesOf(part);
    long sums = frame.scratchOf(part);
    for (long row = rowFrom; row < rowTo; row += BitKernels.ROWS) {
      int count = (int) Math.min(BitKernels.ROWS, rowTo - row);
      pack(frame, sums + 2 * sumsBytes(), row, count, packed);
      for (int block = blockFrom; block < blockTo; block++) {
        findBases(row, count, block, rowBases);
        multiply(frame, block, count, sums, packed, rowBases);
        finish.store(
            frame.weights,
            frame.memory,
            block,
            sums,
            BitKernels.SUMS_BYTES,
            count,
            row,
            y,
            residual);
      }
    }
  }

  private void pack(Frame frame, long to, long row, int count, long[] packed) {
    for (int i = 0; i < count; i++) {
      if (gather == null) {
        packed[i] = x + (row + i) * panels.rowBytes();
        continue;
      }
      packed[i] = to + i * gather.rowBytes();
      if (fromBytes) {
        gather.fromBytes(frame.memory, x, row + i, packed[i], to + packedBytes());
      } else {
        gather.fromBits(frame.memory, x, row + i, packed[i]);
      }
    }
  }

  private void findBases(long row, int count, int block, long[] rowBases) {
    long blockBases = bases + block * 256L;
    if (classes.count() == 1) {
      java.util.Arrays.fill(rowBases, 0, count, blockBases);
      return;
    }
    int pixel = (int) (row % layout.outW);
    int line = (int) (row / layout.outW % layout.outH);
    for (int i = 0; i < count; i++) {
      rowBases[i] = blockBases + classes.of(line, pixel) * (finish.columns() * 4L);
      if (++pixel == layout.outW) {
        pixel = 0;
        line = line + 1 == layout.outH ? 0 : line + 1;
      }
    }
  }

  private void multiply(
      Frame frame, int block, int count, long sums, long[] packed, long[] rowBases) {
    int width = Math.min(64, layout.outputs - block * 64);
    BitKernels.count(
        panels, block, frame.weights, frame.memory, packed, count, sums, sums + sumsBytes());
    if (panels.weightPlanes() == 1) {
      BitKernels.finishBits(frame.weights, frame.memory, sums, count, width, rowBases, step);
    } else {
      BitKernels.finishBytes(
          frame.weights,
          frame.memory,
          sums,
          count,
          width,
          rowBases,
          constants + block * 256L,
          packed,
          panels,
          step);
    }
  }
}
