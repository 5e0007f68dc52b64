package org.helu.device.vector;

import org.helu.device.vector.kernel.CodeKernels;
import org.helu.device.vector.kernel.Finish;
import org.helu.device.vector.kernel.MatrixKernels;
import org.helu.device.vector.kernel.MoveKernels;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.TensorType;

/** An epilogue of thresholds, multipliers or scales standing alone, in blocks of 64 channels. */
final class ConvertStep extends Step {
  /** Rows that an epilogue takes at a time: one by one its calls take longer than its work. */
  private static final int ROWS = 16;

  private final TensorType from;
  private final Finish finish;
  private final Count rows;
  private final long x;
  private final long y;

  /**
   * @param from type of the input
   */
  ConvertStep(TensorType from, Finish finish, Count rows, long x, long y) {
    this.from = from;
    this.finish = finish;
    this.rows = rows;
    this.x = x;
    this.y = y;
  }

  @Override
  long work(int batch) {
    return rows.of(batch) * from.shape().last() * (4L + 2 * finish.steps());
  }

  @Override
  long partScratchBytes() {
    return ROWS * MatrixKernels.SUMS_STRIDE;
  }

  @Override
  void run(Frame frame, int phase, int part, int parts) {
    long total = rows.of(frame.batch);
    long scratch = frame.scratchOf(part);
    int channels = from.shape().last();
    boolean floats = from.elementType() == ElementType.FLOAT32;
    long last = begin(total, 1, part + 1, parts);
    for (long row = begin(total, 1, part, parts); row < last; row += ROWS) {
      int count = (int) Math.min(ROWS, last - row);
      for (int block = 0; block < finish.columns() / 64; block++) {
        int width = Math.min(64, channels - block * 64);
        for (int i = 0; i < count; i++) {
          long element = (row + i) * channels + block * 64;
          if (floats) {
            long to = y + (row + i) * finish.rowBytes();
            CodeKernels.thresholds(
                finish, frame.weights, frame.memory, block, x + element * 4, scratch, to);
          } else {
            load(frame, row + i, block, element, width, scratch + i * MatrixKernels.SUMS_STRIDE);
          }
        }
        if (!floats) {
          finish.store(
              frame.weights,
              frame.memory,
              block,
              scratch,
              MatrixKernels.SUMS_STRIDE,
              count,
              row,
              y,
              -1);
        }
      }
    }
  }

  private void load(Frame frame, long row, int block, long element, int width, long scratch) {
    switch (from.elementType()) {
      case INT32 -> MoveKernels.copyFew(frame.memory, x + element * 4, scratch, width * 4L);
      case UINT8 -> CodeKernels.unpackBytes(frame.memory, x + element, width, scratch, 1, 0);
      default -> {
        long planeBytes = from.wordsPerRow() * 8L;
        long at = x + row * from.planes() * planeBytes + block * 8L;
        CodeKernels.unpackBits(frame.memory, at, from.planes(), planeBytes, width, scratch, 1, 0);
      }
    }
  }
}
