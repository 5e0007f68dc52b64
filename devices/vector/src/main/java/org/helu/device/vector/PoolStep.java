package org.helu.device.vector;

import org.helu.device.vector.kernel.WindowKernels;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.tensor.Shape;

/** A pool, in parts of output lines. */
final class PoolStep extends Step {
  private final DeviceOp.Pool2d op;
  private final Shape in;
  private final Shape out;
  private final Count lines;
  private final long x;
  private final long y;

  PoolStep(DeviceOp.Pool2d op, Shape in, Shape out, long x, long y) {
    this.op = op;
    this.in = in;
    this.out = out;
    this.lines = Count.outer(out, 2);
    this.x = x;
    this.y = y;
  }

  @Override
  long work(int batch) {
    return lines.of(batch) * out.dim(2) * out.dim(3) * op.window().taps();
  }

  @Override
  void run(Frame frame, int phase, int part, int parts) {
    long total = lines.of(frame.batch);
    WindowKernels.pool(
        frame.memory,
        op.kind(),
        op.window(),
        x,
        in.dim(1),
        in.dim(2),
        in.dim(3),
        y,
        out.dim(1),
        out.dim(2),
        begin(total, 1, part, parts),
        begin(total, 1, part + 1, parts));
  }
}
