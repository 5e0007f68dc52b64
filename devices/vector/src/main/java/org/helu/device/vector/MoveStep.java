package org.helu.device.vector;

import org.helu.device.vector.kernel.MoveKernels;

/** A transposition or slice of elements of 4 bytes or of 1. */
final class MoveStep extends Step {
  private final int size;
  private final Box box;
  private final long x;
  private final long y;

  /**
   * @param size bytes of an element
   * @param box with the strides of x
   */
  MoveStep(int size, Box box, long x, long y) {
    this.size = size;
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
        size,
        x + from * box.strides[0][0] * size,
        length,
        box.extents,
        box.strides[0],
        y + from * box.innerElements * size,
        frame.indexOf(part));
  }
}
