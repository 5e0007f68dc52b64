package org.helu.device.vector;

import org.helu.device.vector.kernel.Finish;
import org.helu.device.vector.kernel.SubsetSums;
import org.helu.runtime.tensor.TensorType;

/**
 * A dense layer of bytes and 1-bit weights by tables of subset sums, see {@link SubsetSums}: each
 * row is added up over all columns, then a few rows are finished together.
 */
final class SubsetSumStep extends Step {
  /** Rows that are finished together, whose sums stay in the first cache. */
  private static final int ROWS = 8;

  /** About how many products cost as much as a multiply-add. */
  private static final long SUMS_PER_PRODUCT = 4;

  private final SubsetSums panels;
  private final Finish finish;
  private final Count rows;
  private final int inputs;
  private final int outputs;
  private final long x;
  private final long y;
  private final long residual;

  SubsetSumStep(
      SubsetSums panels,
      Finish finish,
      Count rows,
      int inputs,
      int outputs,
      long x,
      long y,
      long residual) {
    this.panels = panels;
    this.finish = finish;
    this.rows = rows;
    this.inputs = inputs;
    this.outputs = outputs;
    this.x = x;
    this.y = y;
    this.residual = residual;
  }

  @Override
  long work(int batch) {
    return rows.of(batch) * inputs * outputs / SUMS_PER_PRODUCT;
  }

  /** Bytes of one row's sums. */
  private long stride() {
    return panels.columns() * 4L;
  }

  @Override
  long partScratchBytes() {
    return TensorType.align(ROWS * stride() + panels.scratchBytes());
  }

  @Override
  void run(Frame frame, int phase, int part, int parts) {
    long count = rows.of(frame.batch);
    boolean byRows = panels.count() < parts || count >= parts;
    long rowFrom = byRows ? begin(count, 1, part, parts) : 0;
    long rowTo = byRows ? begin(count, 1, part + 1, parts) : count;
    int panelFrom = byRows ? 0 : (int) begin(panels.count(), 1, part, parts);
    int panelTo = byRows ? panels.count() : (int) begin(panels.count(), 1, part + 1, parts);
    long sums = frame.scratchOf(part);
    long scratch = sums + ROWS * stride();
    int blockTo = Math.min(panels.firstBlock(panelTo), finish.columns() / 64);
    for (long row = rowFrom; row < rowTo; row += ROWS) {
      int taken = (int) Math.min(ROWS, rowTo - row);
      for (int i = 0; i < taken; i++) {
        panels.sum(
            panelFrom,
            panelTo,
            frame.weights,
            frame.memory,
            x + (row + i) * inputs,
            sums + i * stride(),
            scratch);
      }
      for (int block = panels.firstBlock(panelFrom); block < blockTo; block++) {
        finish.store(
            frame.weights,
            frame.memory,
            block,
            sums + block * 256L,
            stride(),
            taken,
            row,
            y,
            residual);
      }
    }
  }
}
