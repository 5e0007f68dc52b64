package org.helu.device.vector;

import org.helu.device.vector.kernel.CodeFrame;
import org.helu.device.vector.kernel.Finish;
import org.helu.device.vector.kernel.MatrixKernels;
import org.helu.device.vector.kernel.Panels;
import org.helu.device.vector.kernel.Rows;
import org.helu.runtime.tensor.TensorType;

/**
 * A dense layer or convolution of bytes, multiplied as float32: phase 0 writes the codes' values
 * into a frame, with their padding, phase 1 multiplies. Exact where no sum of absolute products
 * exceeds {@link #EXACT}: then every sum on the way is an integer that float32 holds. One fused
 * multiply-add is faster than a 32-bit product and sum, and the Vector API has no products of
 * bytes.
 */
final class ByteProductStep extends Step {
  /** Float32 holds every integer of at most this magnitude. */
  static final long EXACT = 1L << 24;

  /** Likewise with a bias, which makes the number's bits an integer. */
  static final long BIASED = 1L << 22;

  private final ConvShape shape;
  private final CodeFrame codes;
  private final Finish finish;
  private final Panels panels;
  private final Rows rows;
  private final long x;
  private final long y;
  private final long residual;
  private final int maxBatch;

  ByteProductStep(
      ConvShape shape,
      CodeFrame codes,
      Finish finish,
      Panels panels,
      long x,
      long y,
      long residual,
      int maxBatch) {
    this.shape = shape;
    this.codes = codes;
    this.finish = finish;
    this.panels = panels;
    this.rows = shape.rows();
    this.x = x;
    this.y = y;
    this.residual = residual;
    this.maxBatch = maxBatch;
  }

  @Override
  int phases() {
    return 2;
  }

  @Override
  long scratchBytes() {
    return TensorType.align(shape.frameBytes(maxBatch));
  }

  @Override
  long partScratchBytes() {
    return MatrixKernels.SUMS_BYTES;
  }

  private long pixels(int batch) {
    return shape.images(batch) * shape.outH() * shape.outW();
  }

  @Override
  long work(int batch) {
    return pixels(batch) * shape.outputs() * panels.inputs();
  }

  @Override
  void run(Frame frame, int phase, int part, int parts) {
    if (phase == 0) {
      long lines = shape.images(frame.batch) * shape.frameH();
      codes.fill(
          frame.memory,
          x,
          frame.scratch,
          begin(lines, 1, part, parts),
          begin(lines, 1, part + 1, parts));
      return;
    }
    long pixels = pixels(frame.batch);
    int blocks = panels.blocks();
    int unit = MatrixKernels.ROW_UNIT;
    boolean byRows = blocks < parts || pixels >= parts * (long) unit;
    long rowFrom = byRows ? begin(pixels, 1, part, parts) : 0;
    long rowTo = byRows ? begin(pixels, 1, part + 1, parts) : pixels;
    int blockFrom = byRows ? 0 : (int) begin(blocks, 1, part, parts);
    int blockTo = byRows ? blocks : (int) begin(blocks, 1, part + 1, parts);
    long sums = frame.scratchOf(part);
    for (int block = blockFrom; block < blockTo; block++) {
      for (long row = rowFrom; row < rowTo; row += unit) {
        int count = (int) Math.min(unit, rowTo - row);
        MatrixKernels.sums(
            panels,
            block,
            frame.weights,
            frame.memory,
            rows,
            row,
            count,
            frame.scratch,
            finish.bias() != 0,
            sums,
            frame.rowOffsetsOf(part));
        finish.store(
            frame.weights,
            frame.memory,
            block,
            sums,
            MatrixKernels.SUMS_STRIDE,
            count,
            row,
            y,
            residual);
      }
    }
  }
}
