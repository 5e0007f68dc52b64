package org.helu.device.vector;

import org.helu.device.vector.kernel.IntKernels;

/** The sum of two tensors of 32-bit sums. */
final class IntSumStep extends Step {
  private final Count elements;
  private final long a;
  private final long b;
  private final long y;

  IntSumStep(Count elements, long a, long b, long y) {
    this.elements = elements;
    this.a = a;
    this.b = b;
    this.y = y;
  }

  @Override
  long work(int batch) {
    return elements.of(batch);
  }

  @Override
  void run(Frame frame, int phase, int part, int parts) {
    long total = elements.of(frame.batch);
    long first = begin(total, 256, part, parts);
    long count = begin(total, 256, part + 1, parts) - first;
    IntKernels.add(frame.memory, a + first * 4, b + first * 4, y + first * 4, count);
  }
}
