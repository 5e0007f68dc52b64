package org.helu.device.vector;

import org.helu.device.vector.kernel.ElementwiseKernels;
import org.helu.runtime.op.BinaryKind;

/** Element-wise arithmetic of two float32 operands with broadcasting. */
final class BinaryStep extends Step {
  private final BinaryKind kind;
  private final Box box;
  private final long a;
  private final long b;
  private final long y;

  /**
   * @param box with the strides of a and b
   */
  BinaryStep(BinaryKind kind, Box box, long a, long b, long y) {
    this.kind = kind;
    this.box = box;
    this.a = a;
    this.b = b;
    this.y = y;
  }

  @Override
  long work(int batch) {
    return box.first.of(batch) * box.innerElements * (kind == BinaryKind.POW ? 100 : 1);
  }

  @Override
  void run(Frame frame, int phase, int part, int parts) {
    long total = box.first.of(frame.batch);
    long from = begin(total, 1, part, parts);
    long length = begin(total, 1, part + 1, parts) - from;
    if (length == 0) {
      return;
    }
    ElementwiseKernels.binary(
        frame.memory,
        kind,
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
