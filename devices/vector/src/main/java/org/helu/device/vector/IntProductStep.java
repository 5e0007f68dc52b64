package org.helu.device.vector;

import org.helu.device.vector.kernel.BitKernels;
import org.helu.device.vector.kernel.CodeFrame;
import org.helu.device.vector.kernel.Finish;
import org.helu.device.vector.kernel.IntKernels;
import org.helu.device.vector.kernel.IntPanels;
import org.helu.device.vector.kernel.Rows;
import org.helu.runtime.tensor.TensorType;

/**
 * A dense layer or convolution on 32-bit values: phase 0 writes the codes' values into a frame,
 * with their padding (so a pad is whatever value it has), phase 1 multiplies. Takes what {@link
 * BitProductStep} does not: bytes times int8 weights, groups, depthwise kernels.
 */
final class IntProductStep extends Step {
  private final ConvShape shape;
  private final CodeFrame codes;
  private final Finish finish;

  /** Of a depthwise kernel: null. */
  private final IntPanels panels;

  private final long taps;
  private final long[] tapShifts;
  private final boolean wide;
  private final Rows rows;
  private final long x;
  private final long y;
  private final long residual;
  private final int maxBatch;

  /**
   * @param taps byte offset of a depthwise kernel's weights
   * @param tapShifts byte offset of a depthwise kernel's taps in the frame
   * @param wide whether a row's sums are kept of all columns: of grouped and depthwise kernels,
   *     whose columns do not fill blocks
   */
  IntProductStep(
      ConvShape shape,
      CodeFrame codes,
      Finish finish,
      IntPanels panels,
      long taps,
      long[] tapShifts,
      boolean wide,
      long x,
      long y,
      long residual,
      int maxBatch) {
    this.shape = shape;
    this.codes = codes;
    this.finish = finish;
    this.panels = panels;
    this.taps = taps;
    this.tapShifts = tapShifts;
    this.wide = wide;
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
    // The last run's inputs are read in fours, and rows are unpacked by whole vectors.
    return shape.frameBytes(maxBatch) + 128;
  }

  @Override
  long partScratchBytes() {
    return TensorType.align(rowsAtOnce() * stride() + 128);
  }

  private int rowsAtOnce() {
    return wide ? 8 : BitKernels.ROWS;
  }

  /** Bytes of one row's sums. */
  private long stride() {
    return wide ? (finish.columns() + 64) * 4L : BitKernels.SUMS_BYTES;
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
    int blocks = wide ? 1 : panels.blocks();
    boolean byRows = blocks < parts || pixels >= parts * (long) BitKernels.ROWS;
    long rowFrom = byRows ? begin(pixels, wide ? 1 : 8, part, parts) : 0;
    long rowTo = byRows ? begin(pixels, wide ? 1 : 8, part + 1, parts) : pixels;
    int blockFrom = byRows ? 0 : (int) begin(blocks, 1, part, parts);
    int blockTo = byRows ? blocks : (int) begin(blocks, 1, part + 1, parts);
    long[] offsets = frame.addressesOf(part);
    long sums = frame.scratchOf(part);
    for (long row = rowFrom; row < rowTo; row += rowsAtOnce()) {
      int count = (int) Math.min(rowsAtOnce(), rowTo - row);
      rows.offsets(frame.scratch, row, count, offsets);
      if (wide) {
        sumAllColumns(frame, offsets, count, sums);
      }
      for (int block = blockFrom; block < (wide ? finish.columns() / 64 : blockTo); block++) {
        long from = wide ? sums + block * 256L : sums;
        if (!wide) {
          IntKernels.multiply(
              panels,
              block,
              frame.weights,
              frame.memory,
              offsets,
              count,
              block * 64,
              sums,
              stride());
        }
        finish.store(frame.weights, frame.memory, block, from, stride(), count, row, y, residual);
      }
    }
  }

  private void sumAllColumns(Frame frame, long[] offsets, int count, long sums) {
    if (panels != null) {
      for (int group = 0; group < panels.blocks(); group++) {
        IntKernels.multiply(
            panels, group, frame.weights, frame.memory, offsets, count, 0, sums, stride());
      }
      return;
    }
    for (int i = 0; i < count; i++) {
      IntKernels.depthwise(
          frame.weights,
          frame.memory,
          taps,
          tapShifts,
          offsets[i],
          shape.frameChannels() * 4L,
          sums + i * stride());
    }
  }
}
