package org.helu.device.vector.kernel;

import static org.helu.device.vector.kernel.Simd.BYTES;
import static org.helu.device.vector.kernel.Simd.broadcast;
import static org.helu.device.vector.kernel.Simd.finish;
import static org.helu.device.vector.kernel.Simd.load;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import org.helu.runtime.tensor.Tensor;

/**
 * One row times panels: the rows that no {@link Tiles} block covers, and batch 1. The sparse forms
 * take the inputs that a list names; an input of 0 adds nothing, so leaving it out changes no bit
 * (weights are finite).
 */
final class SingleRow {
  private SingleRow() {}

  private static long next(long residual, int vectors) {
    return residual < 0 ? residual : residual + (long) vectors * BYTES;
  }

  /** 1 vector. */
  static void row1(
      MemorySegment w,
      long panel,
      MemorySegment m,
      long x,
      Panels panels,
      long y,
      long residual,
      boolean gate) {
    long[] runs = panels.runs;
    int runLength = panels.runLength;
    FloatVector s0 = load(w, panel);
    long k = panel + BYTES;
    for (int run = 0; run < runs.length; run++) {
      long x0 = x + runs[run];
      for (int i = 0; i < runLength; i++) {
        long row = k + (long) i * BYTES;
        FloatVector a = broadcast(m, x0 + ((long) i << 2));
        s0 = a.fma(load(w, row), s0);
      }
      k += (long) runLength * BYTES;
    }
    finish(s0, m, y, residual, gate);
  }

  /** 2 vectors. */
  static void row2(
      MemorySegment w,
      long panel,
      MemorySegment m,
      long x,
      Panels panels,
      long y,
      long residual,
      boolean gate) {
    long[] runs = panels.runs;
    int runLength = panels.runLength;
    FloatVector s0 = load(w, panel);
    FloatVector s1 = load(w, panel + BYTES);
    long k = panel + 2L * BYTES;
    for (int run = 0; run < runs.length; run++) {
      long x0 = x + runs[run];
      for (int i = 0; i < runLength; i++) {
        long row = k + (long) i * (2L * BYTES);
        FloatVector a = broadcast(m, x0 + ((long) i << 2));
        s0 = a.fma(load(w, row), s0);
        s1 = a.fma(load(w, row + BYTES), s1);
      }
      k += (long) runLength * (2L * BYTES);
    }
    finish(s0, m, y, residual, gate);
    finish(s1, m, y + BYTES, next(residual, 1), gate);
  }

  /** 4 vectors. */
  static void row4(
      MemorySegment w,
      long panel,
      MemorySegment m,
      long x,
      Panels panels,
      long y,
      long residual,
      boolean gate) {
    long[] runs = panels.runs;
    int runLength = panels.runLength;
    FloatVector s0 = load(w, panel);
    FloatVector s1 = load(w, panel + BYTES);
    FloatVector s2 = load(w, panel + 2L * BYTES);
    FloatVector s3 = load(w, panel + 3L * BYTES);
    long k = panel + 4L * BYTES;
    for (int run = 0; run < runs.length; run++) {
      long x0 = x + runs[run];
      for (int i = 0; i < runLength; i++) {
        long row = k + (long) i * (4L * BYTES);
        FloatVector a = broadcast(m, x0 + ((long) i << 2));
        s0 = a.fma(load(w, row), s0);
        s1 = a.fma(load(w, row + BYTES), s1);
        s2 = a.fma(load(w, row + 2L * BYTES), s2);
        s3 = a.fma(load(w, row + 3L * BYTES), s3);
      }
      k += (long) runLength * (4L * BYTES);
    }
    finish(s0, m, y, residual, gate);
    finish(s1, m, y + BYTES, next(residual, 1), gate);
    finish(s2, m, y + 2L * BYTES, next(residual, 2), gate);
    finish(s3, m, y + 3L * BYTES, next(residual, 3), gate);
  }

  /** Two neighbouring panels of 4 vectors: twice the independent chains of {@link #row4}. */
  static void row8(
      MemorySegment w,
      long panel,
      long panel2,
      MemorySegment m,
      long x,
      Panels panels,
      long y,
      long residual,
      boolean gate) {
    long[] runs = panels.runs;
    int runLength = panels.runLength;
    FloatVector s0 = load(w, panel);
    FloatVector s1 = load(w, panel + BYTES);
    FloatVector s2 = load(w, panel + 2L * BYTES);
    FloatVector s3 = load(w, panel + 3L * BYTES);
    FloatVector s4 = load(w, panel2);
    FloatVector s5 = load(w, panel2 + BYTES);
    FloatVector s6 = load(w, panel2 + 2L * BYTES);
    FloatVector s7 = load(w, panel2 + 3L * BYTES);
    long k = panel + 4L * BYTES;
    long distance = panel2 - panel;
    for (int run = 0; run < runs.length; run++) {
      long x0 = x + runs[run];
      for (int i = 0; i < runLength; i++) {
        long row = k + (long) i * (4L * BYTES);
        long row2 = row + distance;
        FloatVector a = broadcast(m, x0 + ((long) i << 2));
        s0 = a.fma(load(w, row), s0);
        s1 = a.fma(load(w, row + BYTES), s1);
        s2 = a.fma(load(w, row + 2L * BYTES), s2);
        s3 = a.fma(load(w, row + 3L * BYTES), s3);
        s4 = a.fma(load(w, row2), s4);
        s5 = a.fma(load(w, row2 + BYTES), s5);
        s6 = a.fma(load(w, row2 + 2L * BYTES), s6);
        s7 = a.fma(load(w, row2 + 3L * BYTES), s7);
      }
      k += (long) runLength * (4L * BYTES);
    }
    finish(s0, m, y, residual, gate);
    finish(s1, m, y + BYTES, next(residual, 1), gate);
    finish(s2, m, y + 2L * BYTES, next(residual, 2), gate);
    finish(s3, m, y + 3L * BYTES, next(residual, 3), gate);
    finish(s4, m, y + 4L * BYTES, next(residual, 4), gate);
    finish(s5, m, y + 5L * BYTES, next(residual, 5), gate);
    finish(s6, m, y + 6L * BYTES, next(residual, 6), gate);
    finish(s7, m, y + 7L * BYTES, next(residual, 7), gate);
  }

  /** 1 vector over the {@code count} inputs whose indices (int32) stand at {@code list}. */
  static void sparse1(
      MemorySegment w,
      long panel,
      MemorySegment m,
      long x,
      long list,
      int count,
      long y,
      long residual,
      boolean gate) {
    FloatVector s0 = load(w, panel);
    long k = panel + BYTES;
    for (int i = 0; i < count; i++) {
      long input = m.get(Tensor.INT, list + ((long) i << 2));
      long row = k + input * BYTES;
      FloatVector a = broadcast(m, x + (input << 2));
      s0 = a.fma(load(w, row), s0);
    }
    finish(s0, m, y, residual, gate);
  }

  /** 2 vectors over the {@code count} inputs whose indices (int32) stand at {@code list}. */
  static void sparse2(
      MemorySegment w,
      long panel,
      MemorySegment m,
      long x,
      long list,
      int count,
      long y,
      long residual,
      boolean gate) {
    FloatVector s0 = load(w, panel);
    FloatVector s1 = load(w, panel + BYTES);
    long k = panel + 2L * BYTES;
    for (int i = 0; i < count; i++) {
      long input = m.get(Tensor.INT, list + ((long) i << 2));
      long row = k + input * (2L * BYTES);
      FloatVector a = broadcast(m, x + (input << 2));
      s0 = a.fma(load(w, row), s0);
      s1 = a.fma(load(w, row + BYTES), s1);
    }
    finish(s0, m, y, residual, gate);
    finish(s1, m, y + BYTES, next(residual, 1), gate);
  }

  /** 4 vectors over the {@code count} inputs whose indices (int32) stand at {@code list}. */
  static void sparse4(
      MemorySegment w,
      long panel,
      MemorySegment m,
      long x,
      long list,
      int count,
      long y,
      long residual,
      boolean gate) {
    FloatVector s0 = load(w, panel);
    FloatVector s1 = load(w, panel + BYTES);
    FloatVector s2 = load(w, panel + 2L * BYTES);
    FloatVector s3 = load(w, panel + 3L * BYTES);
    long k = panel + 4L * BYTES;
    for (int i = 0; i < count; i++) {
      long input = m.get(Tensor.INT, list + ((long) i << 2));
      long row = k + input * (4L * BYTES);
      FloatVector a = broadcast(m, x + (input << 2));
      s0 = a.fma(load(w, row), s0);
      s1 = a.fma(load(w, row + BYTES), s1);
      s2 = a.fma(load(w, row + 2L * BYTES), s2);
      s3 = a.fma(load(w, row + 3L * BYTES), s3);
    }
    finish(s0, m, y, residual, gate);
    finish(s1, m, y + BYTES, next(residual, 1), gate);
    finish(s2, m, y + 2L * BYTES, next(residual, 2), gate);
    finish(s3, m, y + 3L * BYTES, next(residual, 3), gate);
  }
}
