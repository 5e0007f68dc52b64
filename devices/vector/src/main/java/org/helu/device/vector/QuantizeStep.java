package org.helu.device.vector;

import org.helu.device.vector.kernel.CodeKernels;
import org.helu.runtime.op.Epilogue;

/** Floats to bytes, element by element. */
final class QuantizeStep extends Step {
  private final Epilogue.Quantize op;
  private final Count elements;
  private final long x;
  private final long y;

  QuantizeStep(Epilogue.Quantize op, Count elements, long x, long y) {
    this.op = op;
    this.elements = elements;
    this.x = x;
    this.y = y;
  }

  @Override
  long work(int batch) {
    return elements.of(batch) * 4;
  }

  @Override
  void run(Frame frame, int phase, int part, int parts) {
    long total = elements.of(frame.batch);
    long first = begin(total, 64, part, parts);
    CodeKernels.quantize(
        frame.memory,
        x + first * 4,
        begin(total, 64, part + 1, parts) - first,
        op.scale(),
        op.zeroPoint(),
        op.high(),
        y + first);
  }
}
