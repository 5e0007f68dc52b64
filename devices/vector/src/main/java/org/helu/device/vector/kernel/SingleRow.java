package org.helu.device.vector.kernel;

import static org.helu.device.vector.kernel.Simd.ADDRESS;
import static org.helu.device.vector.kernel.Simd.ALL;
import static org.helu.device.vector.kernel.Simd.BYTES;
import static org.helu.device.vector.kernel.Simd.FMA;
import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;
import static org.helu.device.vector.kernel.Simd.OFFSET;
import static org.helu.device.vector.kernel.Simd.SPECIES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import org.helu.runtime.tensor.Tensor;

/**
 * One row times panels: the rows that no {@link Tiles} block covers, and batch 1. The sparse forms
 * take the inputs that a list names; an input of 0 adds nothing, so leaving it out changes no
 * number (weights are finite). They read by address, not checked here: no check of a listed place
 * could be lifted out of the loop.
 */
final class SingleRow {
  private SingleRow() {}

  /** 1 vector. */
  static void row1(MemorySegment w, long panel, MemorySegment m, long x, Panels panels, long y) {
    FloatVector s0 = FloatVector.fromMemorySegment(SPECIES, w, panel, LITTLE_ENDIAN);
    long k = panel + BYTES;
    for (long run : panels.runs) {
      long x0 = x + run;
      for (int i = 0; i < panels.runLength; i++) {
        long row = k + (long) i * BYTES;
        FloatVector a = FloatVector.broadcast(SPECIES, m.get(Tensor.FLOAT, x0 + ((long) i << 2)));
        FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, w, row, LITTLE_ENDIAN);
        s0 = FMA ? a.fma(b0, s0) : a.mul(b0).add(s0);
      }
      k += (long) panels.runLength * BYTES;
    }
    s0.intoMemorySegment(m, y, LITTLE_ENDIAN);
  }

  /** 2 vectors. */
  static void row2(MemorySegment w, long panel, MemorySegment m, long x, Panels panels, long y) {
    FloatVector s0 = FloatVector.fromMemorySegment(SPECIES, w, panel, LITTLE_ENDIAN);
    FloatVector s1 = FloatVector.fromMemorySegment(SPECIES, w, panel + BYTES, LITTLE_ENDIAN);
    long k = panel + 2L * BYTES;
    for (long run : panels.runs) {
      long x0 = x + run;
      for (int i = 0; i < panels.runLength; i++) {
        long row = k + (long) i * (2L * BYTES);
        FloatVector a = FloatVector.broadcast(SPECIES, m.get(Tensor.FLOAT, x0 + ((long) i << 2)));
        FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, w, row, LITTLE_ENDIAN);
        s0 = FMA ? a.fma(b0, s0) : a.mul(b0).add(s0);
        FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, w, row + BYTES, LITTLE_ENDIAN);
        s1 = FMA ? a.fma(b1, s1) : a.mul(b1).add(s1);
      }
      k += (long) panels.runLength * (2L * BYTES);
    }
    s0.intoMemorySegment(m, y, LITTLE_ENDIAN);
    s1.intoMemorySegment(m, y + BYTES, LITTLE_ENDIAN);
  }

  /** 4 vectors. */
  static void row4(MemorySegment w, long panel, MemorySegment m, long x, Panels panels, long y) {
    FloatVector s0 = FloatVector.fromMemorySegment(SPECIES, w, panel, LITTLE_ENDIAN);
    FloatVector s1 = FloatVector.fromMemorySegment(SPECIES, w, panel + BYTES, LITTLE_ENDIAN);
    FloatVector s2 = FloatVector.fromMemorySegment(SPECIES, w, panel + 2L * BYTES, LITTLE_ENDIAN);
    FloatVector s3 = FloatVector.fromMemorySegment(SPECIES, w, panel + 3L * BYTES, LITTLE_ENDIAN);
    long k = panel + 4L * BYTES;
    for (long run : panels.runs) {
      long x0 = x + run;
      for (int i = 0; i < panels.runLength; i++) {
        long row = k + (long) i * (4L * BYTES);
        FloatVector a = FloatVector.broadcast(SPECIES, m.get(Tensor.FLOAT, x0 + ((long) i << 2)));
        FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, w, row, LITTLE_ENDIAN);
        s0 = FMA ? a.fma(b0, s0) : a.mul(b0).add(s0);
        FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, w, row + BYTES, LITTLE_ENDIAN);
        s1 = FMA ? a.fma(b1, s1) : a.mul(b1).add(s1);
        FloatVector b2 = FloatVector.fromMemorySegment(SPECIES, w, row + 2L * BYTES, LITTLE_ENDIAN);
        s2 = FMA ? a.fma(b2, s2) : a.mul(b2).add(s2);
        FloatVector b3 = FloatVector.fromMemorySegment(SPECIES, w, row + 3L * BYTES, LITTLE_ENDIAN);
        s3 = FMA ? a.fma(b3, s3) : a.mul(b3).add(s3);
      }
      k += (long) panels.runLength * (4L * BYTES);
    }
    s0.intoMemorySegment(m, y, LITTLE_ENDIAN);
    s1.intoMemorySegment(m, y + BYTES, LITTLE_ENDIAN);
    s2.intoMemorySegment(m, y + 2L * BYTES, LITTLE_ENDIAN);
    s3.intoMemorySegment(m, y + 3L * BYTES, LITTLE_ENDIAN);
  }

  /** Two neighbouring panels of 4 vectors: twice the independent chains of {@link #row4}. */
  static void row8(
      MemorySegment w, long panel, long panel2, MemorySegment m, long x, Panels panels, long y) {
    FloatVector s0 = FloatVector.fromMemorySegment(SPECIES, w, panel, LITTLE_ENDIAN);
    FloatVector s1 = FloatVector.fromMemorySegment(SPECIES, w, panel + BYTES, LITTLE_ENDIAN);
    FloatVector s2 = FloatVector.fromMemorySegment(SPECIES, w, panel + 2L * BYTES, LITTLE_ENDIAN);
    FloatVector s3 = FloatVector.fromMemorySegment(SPECIES, w, panel + 3L * BYTES, LITTLE_ENDIAN);
    FloatVector s4 = FloatVector.fromMemorySegment(SPECIES, w, panel2, LITTLE_ENDIAN);
    FloatVector s5 = FloatVector.fromMemorySegment(SPECIES, w, panel2 + BYTES, LITTLE_ENDIAN);
    FloatVector s6 = FloatVector.fromMemorySegment(SPECIES, w, panel2 + 2L * BYTES, LITTLE_ENDIAN);
    FloatVector s7 = FloatVector.fromMemorySegment(SPECIES, w, panel2 + 3L * BYTES, LITTLE_ENDIAN);
    long distance = panel2 - panel;
    long k = panel + 4L * BYTES;
    for (long run : panels.runs) {
      long x0 = x + run;
      for (int i = 0; i < panels.runLength; i++) {
        long row = k + (long) i * (4L * BYTES);
        FloatVector a = FloatVector.broadcast(SPECIES, m.get(Tensor.FLOAT, x0 + ((long) i << 2)));
        FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, w, row, LITTLE_ENDIAN);
        s0 = FMA ? a.fma(b0, s0) : a.mul(b0).add(s0);
        FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, w, row + BYTES, LITTLE_ENDIAN);
        s1 = FMA ? a.fma(b1, s1) : a.mul(b1).add(s1);
        FloatVector b2 = FloatVector.fromMemorySegment(SPECIES, w, row + 2L * BYTES, LITTLE_ENDIAN);
        s2 = FMA ? a.fma(b2, s2) : a.mul(b2).add(s2);
        FloatVector b3 = FloatVector.fromMemorySegment(SPECIES, w, row + 3L * BYTES, LITTLE_ENDIAN);
        s3 = FMA ? a.fma(b3, s3) : a.mul(b3).add(s3);
        long row2 = row + distance;
        FloatVector b4 = FloatVector.fromMemorySegment(SPECIES, w, row2, LITTLE_ENDIAN);
        s4 = FMA ? a.fma(b4, s4) : a.mul(b4).add(s4);
        FloatVector b5 = FloatVector.fromMemorySegment(SPECIES, w, row2 + BYTES, LITTLE_ENDIAN);
        s5 = FMA ? a.fma(b5, s5) : a.mul(b5).add(s5);
        FloatVector b6 =
            FloatVector.fromMemorySegment(SPECIES, w, row2 + 2L * BYTES, LITTLE_ENDIAN);
        s6 = FMA ? a.fma(b6, s6) : a.mul(b6).add(s6);
        FloatVector b7 =
            FloatVector.fromMemorySegment(SPECIES, w, row2 + 3L * BYTES, LITTLE_ENDIAN);
        s7 = FMA ? a.fma(b7, s7) : a.mul(b7).add(s7);
      }
      k += (long) panels.runLength * (4L * BYTES);
    }
    s0.intoMemorySegment(m, y, LITTLE_ENDIAN);
    s1.intoMemorySegment(m, y + BYTES, LITTLE_ENDIAN);
    s2.intoMemorySegment(m, y + 2L * BYTES, LITTLE_ENDIAN);
    s3.intoMemorySegment(m, y + 3L * BYTES, LITTLE_ENDIAN);
    s4.intoMemorySegment(m, y + 4L * BYTES, LITTLE_ENDIAN);
    s5.intoMemorySegment(m, y + 5L * BYTES, LITTLE_ENDIAN);
    s6.intoMemorySegment(m, y + 6L * BYTES, LITTLE_ENDIAN);
    s7.intoMemorySegment(m, y + 7L * BYTES, LITTLE_ENDIAN);
  }

  /** 1 vector over {@code count} inputs, whose indices (int32) stand at {@code list}. */
  static void sparse1(long panel, long x, long list, int count, long y) {
    long w = panel & ADDRESS;
    long from = x & ADDRESS;
    long indices = list & ADDRESS;
    long to = y & ADDRESS;
    FloatVector s0 = FloatVector.fromMemorySegment(SPECIES, ALL, w, LITTLE_ENDIAN);
    long k = w + BYTES;
    for (int i = 0; i < count; i++) {
      long input = ALL.get(Tensor.INT, indices + i * 4L) & OFFSET;
      long row = k + input * BYTES;
      FloatVector a = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, from + input * 4));
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, ALL, row, LITTLE_ENDIAN);
      s0 = FMA ? a.fma(b0, s0) : a.mul(b0).add(s0);
    }
    s0.intoMemorySegment(ALL, to, LITTLE_ENDIAN);
  }

  /** 2 vectors over {@code count} inputs, whose indices (int32) stand at {@code list}. */
  static void sparse2(long panel, long x, long list, int count, long y) {
    long w = panel & ADDRESS;
    long from = x & ADDRESS;
    long indices = list & ADDRESS;
    long to = y & ADDRESS;
    FloatVector s0 = FloatVector.fromMemorySegment(SPECIES, ALL, w, LITTLE_ENDIAN);
    FloatVector s1 = FloatVector.fromMemorySegment(SPECIES, ALL, w + BYTES, LITTLE_ENDIAN);
    long k = w + 2L * BYTES;
    for (int i = 0; i < count; i++) {
      long input = ALL.get(Tensor.INT, indices + i * 4L) & OFFSET;
      long row = k + input * (2L * BYTES);
      FloatVector a = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, from + input * 4));
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, ALL, row, LITTLE_ENDIAN);
      s0 = FMA ? a.fma(b0, s0) : a.mul(b0).add(s0);
      FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, ALL, row + BYTES, LITTLE_ENDIAN);
      s1 = FMA ? a.fma(b1, s1) : a.mul(b1).add(s1);
    }
    s0.intoMemorySegment(ALL, to, LITTLE_ENDIAN);
    s1.intoMemorySegment(ALL, to + BYTES, LITTLE_ENDIAN);
  }

  /** 4 vectors over {@code count} inputs, whose indices (int32) stand at {@code list}. */
  static void sparse4(long panel, long x, long list, int count, long y) {
    long w = panel & ADDRESS;
    long from = x & ADDRESS;
    long indices = list & ADDRESS;
    long to = y & ADDRESS;
    FloatVector s0 = FloatVector.fromMemorySegment(SPECIES, ALL, w, LITTLE_ENDIAN);
    FloatVector s1 = FloatVector.fromMemorySegment(SPECIES, ALL, w + BYTES, LITTLE_ENDIAN);
    FloatVector s2 = FloatVector.fromMemorySegment(SPECIES, ALL, w + 2L * BYTES, LITTLE_ENDIAN);
    FloatVector s3 = FloatVector.fromMemorySegment(SPECIES, ALL, w + 3L * BYTES, LITTLE_ENDIAN);
    long k = w + 4L * BYTES;
    for (int i = 0; i < count; i++) {
      long input = ALL.get(Tensor.INT, indices + i * 4L) & OFFSET;
      long row = k + input * (4L * BYTES);
      FloatVector a = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, from + input * 4));
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, ALL, row, LITTLE_ENDIAN);
      s0 = FMA ? a.fma(b0, s0) : a.mul(b0).add(s0);
      FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, ALL, row + BYTES, LITTLE_ENDIAN);
      s1 = FMA ? a.fma(b1, s1) : a.mul(b1).add(s1);
      FloatVector b2 = FloatVector.fromMemorySegment(SPECIES, ALL, row + 2L * BYTES, LITTLE_ENDIAN);
      s2 = FMA ? a.fma(b2, s2) : a.mul(b2).add(s2);
      FloatVector b3 = FloatVector.fromMemorySegment(SPECIES, ALL, row + 3L * BYTES, LITTLE_ENDIAN);
      s3 = FMA ? a.fma(b3, s3) : a.mul(b3).add(s3);
    }
    s0.intoMemorySegment(ALL, to, LITTLE_ENDIAN);
    s1.intoMemorySegment(ALL, to + BYTES, LITTLE_ENDIAN);
    s2.intoMemorySegment(ALL, to + 2L * BYTES, LITTLE_ENDIAN);
    s3.intoMemorySegment(ALL, to + 3L * BYTES, LITTLE_ENDIAN);
  }

  /**
   * Two neighbouring panels of 4 vectors: twice the independent chains of {@link #sparse4}.
   *
   * @param begins whether sums begin as the biases, not as what stands at {@code y}
   */
  static void sparse8(
      long panel, long panel2, long x, long list, int count, long y, boolean begins) {
    long w = panel & ADDRESS;
    long w2 = panel2 & ADDRESS;
    long from = x & ADDRESS;
    long indices = list & ADDRESS;
    long to = y & ADDRESS;
    long z = begins ? w : to;
    long z2 = begins ? w2 : to + 4L * BYTES;
    FloatVector s0 = FloatVector.fromMemorySegment(SPECIES, ALL, z, LITTLE_ENDIAN);
    FloatVector s1 = FloatVector.fromMemorySegment(SPECIES, ALL, z + BYTES, LITTLE_ENDIAN);
    FloatVector s2 = FloatVector.fromMemorySegment(SPECIES, ALL, z + 2L * BYTES, LITTLE_ENDIAN);
    FloatVector s3 = FloatVector.fromMemorySegment(SPECIES, ALL, z + 3L * BYTES, LITTLE_ENDIAN);
    FloatVector s4 = FloatVector.fromMemorySegment(SPECIES, ALL, z2, LITTLE_ENDIAN);
    FloatVector s5 = FloatVector.fromMemorySegment(SPECIES, ALL, z2 + BYTES, LITTLE_ENDIAN);
    FloatVector s6 = FloatVector.fromMemorySegment(SPECIES, ALL, z2 + 2L * BYTES, LITTLE_ENDIAN);
    FloatVector s7 = FloatVector.fromMemorySegment(SPECIES, ALL, z2 + 3L * BYTES, LITTLE_ENDIAN);
    long k = w + 4L * BYTES;
    long k2 = w2 + 4L * BYTES;
    for (int i = 0; i < count; i++) {
      long input = ALL.get(Tensor.INT, indices + i * 4L) & OFFSET;
      long row = k + input * (4L * BYTES);
      long row2 = k2 + input * (4L * BYTES);
      FloatVector a = FloatVector.broadcast(SPECIES, ALL.get(Tensor.FLOAT, from + input * 4));
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, ALL, row, LITTLE_ENDIAN);
      s0 = FMA ? a.fma(b0, s0) : a.mul(b0).add(s0);
      FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, ALL, row + BYTES, LITTLE_ENDIAN);
      s1 = FMA ? a.fma(b1, s1) : a.mul(b1).add(s1);
      FloatVector b2 = FloatVector.fromMemorySegment(SPECIES, ALL, row + 2L * BYTES, LITTLE_ENDIAN);
      s2 = FMA ? a.fma(b2, s2) : a.mul(b2).add(s2);
      FloatVector b3 = FloatVector.fromMemorySegment(SPECIES, ALL, row + 3L * BYTES, LITTLE_ENDIAN);
      s3 = FMA ? a.fma(b3, s3) : a.mul(b3).add(s3);
      FloatVector b4 = FloatVector.fromMemorySegment(SPECIES, ALL, row2, LITTLE_ENDIAN);
      s4 = FMA ? a.fma(b4, s4) : a.mul(b4).add(s4);
      FloatVector b5 = FloatVector.fromMemorySegment(SPECIES, ALL, row2 + BYTES, LITTLE_ENDIAN);
      s5 = FMA ? a.fma(b5, s5) : a.mul(b5).add(s5);
      FloatVector b6 =
          FloatVector.fromMemorySegment(SPECIES, ALL, row2 + 2L * BYTES, LITTLE_ENDIAN);
      s6 = FMA ? a.fma(b6, s6) : a.mul(b6).add(s6);
      FloatVector b7 =
          FloatVector.fromMemorySegment(SPECIES, ALL, row2 + 3L * BYTES, LITTLE_ENDIAN);
      s7 = FMA ? a.fma(b7, s7) : a.mul(b7).add(s7);
    }
    s0.intoMemorySegment(ALL, to, LITTLE_ENDIAN);
    s1.intoMemorySegment(ALL, to + BYTES, LITTLE_ENDIAN);
    s2.intoMemorySegment(ALL, to + 2L * BYTES, LITTLE_ENDIAN);
    s3.intoMemorySegment(ALL, to + 3L * BYTES, LITTLE_ENDIAN);
    s4.intoMemorySegment(ALL, to + 4L * BYTES, LITTLE_ENDIAN);
    s5.intoMemorySegment(ALL, to + 5L * BYTES, LITTLE_ENDIAN);
    s6.intoMemorySegment(ALL, to + 6L * BYTES, LITTLE_ENDIAN);
    s7.intoMemorySegment(ALL, to + 7L * BYTES, LITTLE_ENDIAN);
  }
}
