package org.helu.device.vector;

import org.helu.device.vector.kernel.ReduceKernels;
import org.helu.runtime.op.ReduceKind;

/** A reduction of neighbouring axes, or a softmax over one: {@code [outer, size, inner]}. */
final class ReduceStep extends Step {
  private final ReduceKind kind;
  private final boolean log;
  private final Count outer;
  private final long size;
  private final long inner;
  private final long x;
  private final long y;

  private ReduceStep(
      ReduceKind kind, boolean log, Count outer, long size, long inner, long x, long y) {
    this.kind = kind;
    this.log = log;
    this.outer = outer;
    this.size = size;
    this.inner = inner;
    this.x = x;
    this.y = y;
  }

  static ReduceStep reduction(ReduceKind kind, Count outer, long size, long inner, long x, long y) {
    return new ReduceStep(kind, false, outer, size, inner, x, y);
  }

  static ReduceStep softmax(boolean log, Count outer, long size, long inner, long x, long y) {
    return new ReduceStep(null, log, outer, size, inner, x, y);
  }

  @Override
  long work(int batch) {
    return outer.of(batch) * size * inner * (kind == null ? 100 : 1);
  }

  @Override
  void run(Frame frame, int phase, int part, int parts) {
    long total = outer.of(frame.batch);
    long from = begin(total, 1, part, parts);
    long length = begin(total, 1, part + 1, parts) - from;
    long source = x + from * size * inner * 4;
    if (kind == null) {
      long target = y + from * size * inner * 4;
      ReduceKernels.softmax(frame.memory, log, source, length, size, inner, target);
    } else {
      long target = y + from * inner * 4;
      ReduceKernels.reduce(frame.memory, kind, source, length, size, inner, target);
    }
  }
}
