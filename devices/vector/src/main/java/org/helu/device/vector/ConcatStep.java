package org.helu.device.vector;

import org.helu.device.vector.kernel.MoveKernels;

/** A concatenation: rows of each input into wider rows. */
final class ConcatStep extends Step {
  private final Count rows;
  private final long[] x;
  private final long[] rowBytes;
  private final long yRowBytes;
  private final long y;

  ConcatStep(Count rows, long[] x, long[] rowBytes, long y) {
    this.rows = rows;
    this.x = x;
    this.rowBytes = rowBytes;
    this.y = y;
    long sum = 0;
    for (long bytes : rowBytes) {
      sum += bytes;
    }
    this.yRowBytes = sum;
  }

  @Override
  long work(int batch) {
    return rows.of(batch) * yRowBytes / 4;
  }

  @Override
  void run(Frame frame, int phase, int part, int parts) {
    long total = rows.of(frame.batch);
    long from = begin(total, 1, part, parts);
    long length = begin(total, 1, part + 1, parts) - from;
    long to = y + from * yRowBytes;
    for (int i = 0; i < x.length; i++) {
      long source = x[i] + from * rowBytes[i];
      MoveKernels.copyRows(frame.memory, source, rowBytes[i], length, to, yRowBytes);
      to += rowBytes[i];
    }
  }
}
