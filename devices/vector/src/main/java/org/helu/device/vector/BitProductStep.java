package org.helu.device.vector;

import org.helu.device.vector.kernel.BitFrame;
import org.helu.device.vector.kernel.BitKernels;
import org.helu.device.vector.kernel.BitPanels;
import org.helu.device.vector.kernel.CountThresholds;
import org.helu.device.vector.kernel.Finish;
import org.helu.device.vector.kernel.Rows;

/**
 * A dense layer or convolution on bits: the input is copied into a frame (where it isn't its own),
 * then rows of output pixels are multiplied block by block of columns, and finished while their
 * sums are in the first cache.
 */
final class BitProductStep extends Step {
  /** About how many products of bits cost as much as a multiply-add. */
  private static final long BITS_PER_PRODUCT = 24;

  private final ConvShape shape;
  private final BitFrame frame;
  private final BitPanels panels;
  private final Finish finish;
  private final CountThresholds thresholds;
  private final Rows inputs;
  private final int step;
  private final long bases;
  private final long constants;
  private final PadClasses classes;
  private final long x;
  private final long y;
  private final long residual;
  private final int maxBatch;

  /**
   * @param shape of the input in words of 32 bits, see {@link ConvShape#frameChannels}
   * @param frame how the frame is filled, or null where the input is its own
   * @param thresholds in place of the finish, or null where that takes sums
   * @param step what a code counts, see {@code Codes}
   * @param bases byte offset of each pad class's row of bases, in the weights
   * @param constants byte offset of the row of constants of int8 weights
   */
  BitProductStep(
      ConvShape shape,
      BitFrame frame,
      BitPanels panels,
      Finish finish,
      CountThresholds thresholds,
      int step,
      long bases,
      long constants,
      PadClasses classes,
      long x,
      long y,
      long residual,
      int maxBatch) {
    this.shape = shape;
    this.inputs = shape.rows();
    this.frame = frame;
    this.panels = panels;
    this.finish = finish;
    this.thresholds = thresholds;
    this.step = step;
    this.bases = bases;
    this.constants = constants;
    this.classes = classes;
    this.x = x;
    this.y = y;
    this.residual = residual;
    this.maxBatch = maxBatch;
  }

  private long pixels(int batch) {
    return shape.images(batch) * shape.outH() * shape.outW();
  }

  @Override
  long work(int batch) {
    return pixels(batch) * shape.outputs() * panels.products() / BITS_PER_PRODUCT;
  }

  @Override
  int phases() {
    return frame == null ? 1 : 2;
  }

  @Override
  long scratchBytes() {
    return frame == null ? 0 : shape.frameBytes(maxBatch);
  }

  @Override
  long partScratchBytes() {
    return BitKernels.ROWS * BitKernels.SUMS_BYTES;
  }

  @Override
  void run(Frame on, int phase, int part, int parts) {
    if (phase + 1 < phases()) {
      long lines = shape.images(on.batch) * shape.frameH();
      long lineTo = begin(lines, 1, part + 1, parts);
      frame.fill(on.memory, x, on.scratch, begin(lines, 1, part, parts), lineTo);
      return;
    }
    long rows = pixels(on.batch);
    int blocks = panels.blocks();
    boolean byRows = blocks < parts || rows >= parts * (long) BitKernels.ROWS;
    long rowFrom = byRows ? begin(rows, 8, part, parts) : 0;
    long rowTo = byRows ? begin(rows, 8, part + 1, parts) : rows;
    int blockFrom = byRows ? 0 : (int) begin(blocks, 1, part, parts);
    int blockTo = byRows ? blocks : (int) begin(blocks, 1, part + 1, parts);
    long from = on.memory.address() + (frame == null ? x : on.scratch);
    for (long row = rowFrom; row < rowTo; row += BitKernels.ROWS) {
      int count = (int) Math.min(BitKernels.ROWS, rowTo - row);
      inputs.offsets(from, row, count, on.addressesOf(part));
      if (count == 1 && thresholds != null) {
        multiplyRow(on, part, blockFrom, blockTo, row);
        continue;
      }
      for (int block = blockFrom; block < blockTo; block++) {
        multiply(on, part, block, row, count);
      }
    }
  }

  /** One row, whose blocks take turns by the step, not by the block: calls would outweigh them. */
  private void multiplyRow(Frame on, int part, int blockFrom, int blockTo, long row) {
    long sums = on.scratchOf(part);
    long[] shifts = findClasses(row, 1, thresholds.classBytes(), on.basesOf(part));
    long shift = shifts == null ? 0 : shifts[0];
    for (int block = blockFrom; block < blockTo; block += BitKernels.ROWS) {
      int end = Math.min(blockTo, block + BitKernels.ROWS);
      BitKernels.count(panels, block, end, on.weights, on.memory, on.addressesOf(part), 1, sums);
      thresholds.storeRow(on.weights, on.memory, block, end, sums, shift, row, y);
    }
  }

  private void multiply(Frame on, int part, int block, long row, int count) {
    long[] rows = on.addressesOf(part);
    long sums = on.scratchOf(part);
    BitKernels.count(panels, block, block + 1, on.weights, on.memory, rows, count, sums);
    if (thresholds != null) {
      long[] shifts = findClasses(row, count, thresholds.classBytes(), on.basesOf(part));
      thresholds.store(on.weights, on.memory, block, sums, count, shifts, row, y);
      return;
    }
    long[] shifts = findClasses(row, count, finish.columns() * 4L, on.basesOf(part));
    long blockBases = bases + block * 256L;
    if (panels.weightPlanes() == 1) {
      BitKernels.finishBits(on.weights, on.memory, sums, count, blockBases, shifts, step);
    } else {
      BitKernels.finishBytes(
          on.weights,
          on.memory,
          sums,
          count,
          blockBases,
          shifts,
          constants + block * 256L,
          rows,
          panels,
          step);
    }
    finish.store(
        on.weights, on.memory, block, sums, BitKernels.SUMS_BYTES, count, row, y, residual);
  }

  /** For each row its pad class times {@code classBytes}, or null where there is one class. */
  private long[] findClasses(long row, int count, long classBytes, long[] shifts) {
    if (classes.count() == 1) {
      return null;
    }
    int pixel = (int) (row % shape.outW());
    int line = (int) (row / shape.outW() % shape.outH());
    for (int i = 0; i < count; i++) {
      shifts[i] = classes.of(line, pixel) * classBytes;
      if (++pixel == shape.outW()) {
        pixel = 0;
        line = line + 1 == shape.outH() ? 0 : line + 1;
      }
    }
    return shifts;
  }
}
