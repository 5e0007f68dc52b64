package org.helu.device.vector;

import org.helu.device.vector.kernel.MatrixKernels;
import org.helu.device.vector.kernel.OpenGates;
import org.helu.device.vector.kernel.Panels;
import org.helu.device.vector.kernel.Rows;

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

  /** Likewise for many rows: 0.5 to 0.55. */
  private static final double SKIP_MANY_ROWS = 0.45;

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
    // Per row the list of its open inputs, and where chunks of it begin.
    return maySkip() ? maxRows * (inputs + startsOf(MatrixKernels.SPARSE_CHUNK)) * 4 : 0;
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
    int chunk = chunk(count);
    long starts = frame.scratch + count * inputs * 4;
    for (long row = 0; row < count; row++) {
      OpenGates.list(
          frame.memory,
          x + row * inputs * 4,
          inputs,
          frame.scratch + row * inputs * 4,
          chunk,
          starts + row * startsOf(chunk) * 4);
    }
  }

  /** Inputs of a chunk of the lists. */
  private int chunk(long count) {
    return count < FEW_ROWS ? Math.max(1, inputs) : MatrixKernels.SPARSE_CHUNK;
  }

  private long startsOf(int chunk) {
    return OpenGates.chunks(inputs, chunk) + 1L;
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
      int chunk = chunk(count);
      long at = rowFrom * outputs * 4;
      long starts = frame.scratch + count * inputs * 4 + rowFrom * startsOf(chunk) * 4;
      MatrixKernels.multiplySparse(
          panels,
          panelFrom,
          panelTo,
          frame.weights,
          frame.memory,
          x + rowFrom * inputs * 4,
          (int) (rowTo - rowFrom),
          starts,
          frame.scratch + rowFrom * inputs * 4,
          chunk,
          y + at,
          outputs,
          residual < 0 ? -1 : residual + at,
          gate,
          frame.scratchOf(part));
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
}
