package org.helu.device.vector;

import org.helu.device.vector.kernel.MatrixKernels;
import org.helu.device.vector.kernel.MoveKernels;
import org.helu.device.vector.kernel.Panels;
import org.helu.device.vector.kernel.Rows;
import org.helu.device.vector.kernel.WindowKernels;

/**
 * A convolution: phase 0 copies the input into its frame (if it needs one), the last phase
 * multiplies. Dense and grouped kernels are a matrix product over output pixels that reads the
 * frame in runs, so no im2col matrix is built; depthwise kernels are vectorised over channels.
 */
final class ConvStep extends Step {
  private final ConvShape shape;
  private final Panels panels;
  private final long taps;
  private final long[] tapShifts;
  private final int repeat;
  private final Rows rows;
  private final long x;
  private final long y;
  private final long residual;
  private final boolean gate;
  private final int maxBatch;

  private ConvStep(
      ConvShape shape,
      Panels panels,
      long taps,
      long[] tapShifts,
      int repeat,
      long x,
      long y,
      long residual,
      boolean gate,
      int maxBatch) {
    this.shape = shape;
    this.panels = panels;
    this.taps = taps;
    this.tapShifts = tapShifts;
    this.repeat = repeat;
    this.rows = shape.rows();
    this.x = x;
    this.y = y;
    this.residual = residual;
    this.gate = gate;
    this.maxBatch = maxBatch;
  }

  static ConvStep product(
      ConvShape shape, Panels panels, long x, long y, long residual, boolean gate, int maxBatch) {
    return new ConvStep(shape, panels, 0, null, 1, x, y, residual, gate, maxBatch);
  }

  /**
   * @param taps byte offset of the bias and taps in the weights
   * @param tapShifts byte offset of each tap in the frame
   * @param repeat outputs per input channel
   */
  static ConvStep depthwise(
      ConvShape shape,
      long taps,
      long[] tapShifts,
      int repeat,
      long x,
      long y,
      long residual,
      boolean gate,
      int maxBatch) {
    return new ConvStep(shape, null, taps, tapShifts, repeat, x, y, residual, gate, maxBatch);
  }

  @Override
  int phases() {
    return shape.isFramed() ? 2 : 1;
  }

  @Override
  long scratchBytes() {
    return shape.isFramed() ? shape.frameBytes(maxBatch) : 0;
  }

  private long pixels(int batch) {
    return shape.images(batch) * shape.outH() * shape.outW();
  }

  @Override
  long work(int batch) {
    long terms = panels == null ? tapShifts.length * 4L : panels.inputs();
    return pixels(batch) * shape.outputs() * terms;
  }

  @Override
  void run(Frame frame, int phase, int part, int parts) {
    boolean framed = shape.isFramed();
    if (framed && phase == 0) {
      fill(frame, part, parts);
      return;
    }
    long from = framed ? frame.scratch : x;
    long pixels = pixels(frame.batch);
    if (panels == null) {
      WindowKernels.depthwise(
          frame.weights,
          taps,
          tapShifts,
          frame.memory,
          rows,
          begin(pixels, 1, part, parts),
          begin(pixels, 1, part + 1, parts),
          from,
          shape.frameChannels(),
          y,
          shape.outputs(),
          residual,
          gate,
          frame.scratchOf(part),
          frame.rowOffsetsOf(part));
      return;
    }
    boolean byRows = pixels >= parts * 2L * MatrixKernels.ROW_UNIT || panels.count() < parts;
    MatrixKernels.multiply(
        panels,
        byRows ? 0 : (int) begin(panels.count(), 1, part, parts),
        byRows ? panels.count() : (int) begin(panels.count(), 1, part + 1, parts),
        frame.weights,
        frame.memory,
        rows,
        byRows ? begin(pixels, MatrixKernels.ROW_UNIT, part, parts) : 0,
        byRows ? begin(pixels, MatrixKernels.ROW_UNIT, part + 1, parts) : pixels,
        from,
        y,
        shape.outputs(),
        residual,
        gate,
        frame.scratchOf(part),
        frame.rowOffsetsOf(part));
  }

  private void fill(Frame frame, int part, int parts) {
    long lines = shape.images(frame.batch) * shape.frameH();
    MoveKernels.frame(
        frame.memory,
        x,
        shape.inH(),
        shape.inW(),
        shape.channels(),
        frame.scratch,
        shape.frameH(),
        shape.frameW(),
        shape.frameChannels(),
        shape.window().padTop(),
        shape.window().padLeft(),
        repeat,
        begin(lines, 1, part, parts),
        begin(lines, 1, part + 1, parts));
  }
}
