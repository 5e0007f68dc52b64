package org.helu.device.vector;

import org.helu.device.vector.kernel.SumKernels;

/** The sum of two tensors of 32-bit sums, with broadcasting. */
final class IntSumStep extends Step {
  private final Box box;
  private final long a;
  private final long b;
  private final long y;

  /**
   * @param box with the strides of a and b
   */
  IntSumStep(Box box, long a, long b, long y) {
    this.box = box;
    this.a = a;
    this.b = b;
    this.y = y;
  }

  @Override
  long work(int batch) {
    return box.first.of(batch) * box.innerElements;
  }

  @Override
  void run(Frame frame, int phase, int part, int parts) {
    long total = box.first.of(frame.batch);
    long from = begin(total, 1, part, parts);
    long length = begin(total, 1, part + 1, parts) - from;
    if (length == 0) {
      return;
    }
    SumKernels.add(
        frame.memory,
        length,
        box.extents,
        a + from * box.strides[0][0] * 4,
        box.strides[0],
        b + from * box.strides[1][0] * 4,
        box.strides[1],
        y + from * box.innerElements * 4,
        frame.indexOf(part));
  }
}
