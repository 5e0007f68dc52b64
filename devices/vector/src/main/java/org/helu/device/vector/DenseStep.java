package org.helu.device.vector;

import org.helu.device.vector.kernel.MatrixKernels;
import org.helu.device.vector.kernel.OpenGates;
import org.helu.device.vector.kernel.Panels;
import org.helu.device.vector.kernel.Rows;
import org.helu.runtime.tensor.Tensor;

/**
 * A dense layer. Where most of its inputs are 0 (closed gates, dark pixels), the open ones are
 * listed and only their weights are read.
 */
final class DenseStep extends Step {
  /** Layers with fewer weights than this are too short for counting zeros to pay. */
  private static final long MIN_WEIGHTS_TO_SKIP = 2048;

  /**
   * Open fraction below which one row skips: listed weights arrive more slowly than weights in
   * order. Measured by {@code SkipSpeed} on a Zen 5 core with 512-bit vectors: break-even lies at
   * 0.75 to 0.95 for 64 to 1024 inputs.
   */
  private static final double SKIP_ONE_ROW = 0.75;

  /** Likewise for a few rows, which else share loads of weights: 0.5 to 0.75. */
  private static final double SKIP_FEW_ROWS = 0.5;

  /** Likewise for many rows: 0.25 to 0.38. */
  private static final double SKIP_MANY_ROWS = 0.25;

  private static final int FEW_ROWS = 4;

  private final Panels panels;
  private final Rows rows;
  private final Count rowCount;
  private final int inputs;
  private final int outputs;
  private final long x;
  private final long y;
  private final long residual;
  private final boolean gate;
  private final long maxRows;

  DenseStep(
      Panels panels,
      Count rowCount,
      int inputs,
      int outputs,
      long x,
      long y,
      long residual,
      boolean gate,
      int maxBatch) {
    this.panels = panels;
    this.rows = Rows.evenly(inputs * 4L);
    this.rowCount = rowCount;
    this.inputs = inputs;
    this.outputs = outputs;
    this.x = x;
    this.y = y;
    this.residual = residual;
    this.gate = gate;
    this.maxRows = rowCount.of(maxBatch);
  }

  private boolean maySkip() {
    return (long) inputs * outputs >= MIN_WEIGHTS_TO_SKIP;
  }

  @Override
  long scratchBytes() {
    // Per row the number of open inputs, and their list.
    return maySkip() ? maxRows * (1L + inputs) * 4 : 0;
  }

  @Override
  long work(int batch) {
    return rowCount.of(batch) * inputs * outputs;
  }

  @Override
  void prepare(Frame frame) {
    frame.sparse = false;
    if (!maySkip()) {
      return;
    }
    long count = rowCount.of(frame.batch);
    long open = 0;
    for (long row = 0; row < count; row++) {
      open += OpenGates.countOpen(frame.memory, x + row * inputs * 4, inputs);
    }
    double threshold =
        count == 1 ? SKIP_ONE_ROW : count < FEW_ROWS ? SKIP_FEW_ROWS : SKIP_MANY_ROWS;
    if (open > threshold * count * inputs) {
      return;
    }
    frame.sparse = true;
    long lists = frame.scratch + count * 4;
    for (long row = 0; row < count; row++) {
      long list = lists + row * inputs * 4;
      int listed = OpenGates.list(frame.memory, x + row * inputs * 4, inputs, list);
      frame.memory.set(Tensor.INT, frame.scratch + row * 4, listed);
    }
  }

  @Override
  void run(Frame frame, int phase, int part, int parts) {
    long count = rowCount.of(frame.batch);
    boolean byRows = count >= parts * (long) MatrixKernels.ROW_UNIT || panels.count() < parts;
    long rowFrom = byRows ? begin(count, MatrixKernels.ROW_UNIT, part, parts) : 0;
    long rowTo = byRows ? begin(count, MatrixKernels.ROW_UNIT, part + 1, parts) : count;
    int panelFrom = byRows ? 0 : (int) begin(panels.count(), 1, part, parts);
    int panelTo = byRows ? panels.count() : (int) begin(panels.count(), 1, part + 1, parts);
    if (frame.sparse) {
      // Pairs of panels outside: all rows find them in the second cache.
      for (int panel = panelFrom; panel < panelTo; panel += 2) {
        multiplyListed(frame, part, panel, Math.min(panelTo, panel + 2), rowFrom, rowTo);
      }
      return;
    }
    MatrixKernels.multiply(
        panels,
        panelFrom,
        panelTo,
        frame.weights,
        frame.memory,
        rows,
        rowFrom,
        rowTo,
        x,
        y,
        outputs,
        residual,
        gate,
        frame.scratchOf(part),
        frame.rowOffsetsOf(part));
  }

  private void multiplyListed(
      Frame frame, int part, int panelFrom, int panelTo, long rowFrom, long rowTo) {
    long lists = frame.scratch + rowCount.of(frame.batch) * 4;
    for (long row = rowFrom; row < rowTo; row++) {
      long at = row * outputs * 4;
      MatrixKernels.multiplySparse(
          panels,
          panelFrom,
          panelTo,
          frame.weights,
          frame.memory,
          x + row * inputs * 4,
          lists + row * inputs * 4,
          frame.memory.get(Tensor.INT, frame.scratch + row * 4),
          y + at,
          residual < 0 ? -1 : residual + at,
          gate,
          frame.scratchOf(part));
    }
  }
}
