package org.helu.device.vector;

import org.helu.device.vector.kernel.CodePools;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.TensorType;

/** A max pool of codes or sums, in parts of output lines. */
final class CodePoolStep extends Step {
  private final TensorType type;
  private final Window window;
  private final Shape out;
  private final Count lines;
  private final long x;
  private final long y;

  /**
   * @param type of the input
   */
  CodePoolStep(TensorType type, Window window, Shape out, long x, long y) {
    this.type = type;
    this.window = window;
    this.out = out;
    this.lines = Count.outer(out, 2);
    this.x = x;
    this.y = y;
  }

  @Override
  long work(int batch) {
    long words = (long) type.shape().last() * type.planes() / 32 + 1;
    return lines.of(batch) * out.dim(2) * window.taps() * words;
  }

  @Override
  void run(Frame frame, int phase, int part, int parts) {
    long total = lines.of(frame.batch);
    CodePools.max(
        frame.memory,
        type,
        window,
        x,
        out.dim(1),
        out.dim(2),
        y,
        begin(total, 1, part, parts),
        begin(total, 1, part + 1, parts));
  }
}
