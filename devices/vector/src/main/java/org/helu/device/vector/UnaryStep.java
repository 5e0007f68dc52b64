package org.helu.device.vector;

import org.helu.device.vector.kernel.ElementwiseKernels;
import org.helu.runtime.op.DeviceOp;

/** An element-wise function of one input; a gate that stands alone where {@code op} is null. */
final class UnaryStep extends Step {
  /** Elements that parts are multiples of: whole cache lines. */
  private static final long GRAIN = 256;

  /** What a transcendental function costs beside a multiply-add. */
  private static final long SCALAR_COST = 100;

  private final DeviceOp.Unary op;
  private final Count count;
  private final long x;
  private final long y;

  UnaryStep(DeviceOp.Unary op, Count count, long x, long y) {
    this.op = op;
    this.count = count;
    this.x = x;
    this.y = y;
  }

  @Override
  long work(int batch) {
    boolean cheap = op == null || ElementwiseKernels.isVectorised(op.kind());
    return count.of(batch) * (cheap ? 1 : SCALAR_COST);
  }

  @Override
  void run(Frame frame, int phase, int part, int parts) {
    long total = count.of(frame.batch);
    long from = begin(total, GRAIN, part, parts);
    long length = begin(total, GRAIN, part + 1, parts) - from;
    if (op == null) {
      ElementwiseKernels.gate(frame.memory, x + from * 4, y + from * 4, length);
    } else {
      ElementwiseKernels.unary(
          frame.memory, op.kind(), op.a(), op.b(), x + from * 4, y + from * 4, length);
    }
  }
}
