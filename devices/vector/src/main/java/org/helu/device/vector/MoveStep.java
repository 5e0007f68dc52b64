package org.helu.device.vector;

import org.helu.device.vector.kernel.MoveKernels;

/** A transposition or slice of 4-byte elements. */
final class MoveStep extends Step {
  private final Box box;
  private final long x;
  private final long y;

  /**
   * @param box with the strides of x
   */
  MoveStep(Box box, long x, long y) {
    this.box = box;
    this.x = x;
    this.y = y;
  }

  @Override
  long work(int batch) {
    return box.first.of(batch) * box.innerElements * 2;
  }

  @Override
  void run(Frame frame, int phase, int part, int parts) {
    long total = box.first.of(frame.batch);
    long from = begin(total, 1, part, parts);
    long length = begin(total, 1, part + 1, parts) - from;
    if (length == 0) {
      return;
    }
    MoveKernels.gather(
        frame.memory,
        x + from * box.strides[0][0] * 4,
        length,
        box.extents,
        box.strides[0],
        y + from * box.innerElements * 4,
        frame.indexOf(part));
  }
}
