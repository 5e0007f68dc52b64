package org.helu.device.vector.kernel;

import static jdk.incubator.vector.VectorOperators.BIT_COUNT;
import static jdk.incubator.vector.VectorOperators.XOR;
import static org.helu.device.vector.kernel.Ints.broadcast;
import static org.helu.device.vector.kernel.Ints.load;
import static org.helu.device.vector.kernel.Simd.BYTES;
import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;

/**
 * Register blocks of a product of bits: per row and column {@code sum over planes p of 2^p *
 * popcount(x_p XOR w)}, lanes being columns. Planes come greatest first, sums double between them.
 *
 * <p>Written out as {@link Tiles} is, and for the same reasons. Words of 32 bits cost as much as
 * words of 64 and leave sums that epilogues take as they are. Blocks of 4 × 4 would be no faster
 * (the popcounts are the limit, not the loads) and exceed what the JIT compiler inlines into one
 * method.
 */
final class BitTiles {
  private BitTiles() {}

  /** 4 rows × 2 vectors; x holds the rows' offsets. */
  static void tile4x2(
      MemorySegment w,
      long panel,
      MemorySegment m,
      long[] x,
      int first,
      BitPanels panels,
      long y,
      long yStride) {
    int ints = panels.ints;
    IntVector s00 = broadcast(0);
    IntVector s01 = broadcast(0);
    IntVector s10 = broadcast(0);
    IntVector s11 = broadcast(0);
    IntVector s20 = broadcast(0);
    IntVector s21 = broadcast(0);
    IntVector s30 = broadcast(0);
    IntVector s31 = broadcast(0);
    for (int plane = panels.planes - 1; plane >= 0; plane--) {
      long shift = plane * panels.planeBytes;
      long x0 = x[first] + shift;
      long x1 = x[first + 1] + shift;
      long x2 = x[first + 2] + shift;
      long x3 = x[first + 3] + shift;
      if (plane < panels.planes - 1) {
        s00 = s00.add(s00);
        s01 = s01.add(s01);
        s10 = s10.add(s10);
        s11 = s11.add(s11);
        s20 = s20.add(s20);
        s21 = s21.add(s21);
        s30 = s30.add(s30);
        s31 = s31.add(s31);
      }
      for (int i = 0; i < ints; i++) {
        long at = (long) i << 2;
        long row = panel + (long) i * (2L * BYTES);
        IntVector b0 = load(w, row);
        IntVector b1 = load(w, row + BYTES);
        IntVector a0 = broadcast(m, x0 + at);
        s00 = s00.add(a0.lanewise(XOR, b0).lanewise(BIT_COUNT));
        s01 = s01.add(a0.lanewise(XOR, b1).lanewise(BIT_COUNT));
        IntVector a1 = broadcast(m, x1 + at);
        s10 = s10.add(a1.lanewise(XOR, b0).lanewise(BIT_COUNT));
        s11 = s11.add(a1.lanewise(XOR, b1).lanewise(BIT_COUNT));
        IntVector a2 = broadcast(m, x2 + at);
        s20 = s20.add(a2.lanewise(XOR, b0).lanewise(BIT_COUNT));
        s21 = s21.add(a2.lanewise(XOR, b1).lanewise(BIT_COUNT));
        IntVector a3 = broadcast(m, x3 + at);
        s30 = s30.add(a3.lanewise(XOR, b0).lanewise(BIT_COUNT));
        s31 = s31.add(a3.lanewise(XOR, b1).lanewise(BIT_COUNT));
      }
    }
    s00.intoMemorySegment(m, y, LITTLE_ENDIAN);
    s01.intoMemorySegment(m, y + BYTES, LITTLE_ENDIAN);
    long y1 = y + 1 * yStride;
    s10.intoMemorySegment(m, y1, LITTLE_ENDIAN);
    s11.intoMemorySegment(m, y1 + BYTES, LITTLE_ENDIAN);
    long y2 = y + 2 * yStride;
    s20.intoMemorySegment(m, y2, LITTLE_ENDIAN);
    s21.intoMemorySegment(m, y2 + BYTES, LITTLE_ENDIAN);
    long y3 = y + 3 * yStride;
    s30.intoMemorySegment(m, y3, LITTLE_ENDIAN);
    s31.intoMemorySegment(m, y3 + BYTES, LITTLE_ENDIAN);
  }

  /** 8 rows × 1 vector; x holds the rows' offsets. */
  static void tile8x1(
      MemorySegment w,
      long panel,
      MemorySegment m,
      long[] x,
      int first,
      BitPanels panels,
      long y,
      long yStride) {
    int ints = panels.ints;
    IntVector s00 = broadcast(0);
    IntVector s10 = broadcast(0);
    IntVector s20 = broadcast(0);
    IntVector s30 = broadcast(0);
    IntVector s40 = broadcast(0);
    IntVector s50 = broadcast(0);
    IntVector s60 = broadcast(0);
    IntVector s70 = broadcast(0);
    for (int plane = panels.planes - 1; plane >= 0; plane--) {
      long shift = plane * panels.planeBytes;
      long x0 = x[first] + shift;
      long x1 = x[first + 1] + shift;
      long x2 = x[first + 2] + shift;
      long x3 = x[first + 3] + shift;
      long x4 = x[first + 4] + shift;
      long x5 = x[first + 5] + shift;
      long x6 = x[first + 6] + shift;
      long x7 = x[first + 7] + shift;
      if (plane < panels.planes - 1) {
        s00 = s00.add(s00);
        s10 = s10.add(s10);
        s20 = s20.add(s20);
        s30 = s30.add(s30);
        s40 = s40.add(s40);
        s50 = s50.add(s50);
        s60 = s60.add(s60);
        s70 = s70.add(s70);
      }
      for (int i = 0; i < ints; i++) {
        long at = (long) i << 2;
        long row = panel + (long) i * BYTES;
        IntVector b0 = load(w, row);
        IntVector a0 = broadcast(m, x0 + at);
        s00 = s00.add(a0.lanewise(XOR, b0).lanewise(BIT_COUNT));
        IntVector a1 = broadcast(m, x1 + at);
        s10 = s10.add(a1.lanewise(XOR, b0).lanewise(BIT_COUNT));
        IntVector a2 = broadcast(m, x2 + at);
        s20 = s20.add(a2.lanewise(XOR, b0).lanewise(BIT_COUNT));
        IntVector a3 = broadcast(m, x3 + at);
        s30 = s30.add(a3.lanewise(XOR, b0).lanewise(BIT_COUNT));
        IntVector a4 = broadcast(m, x4 + at);
        s40 = s40.add(a4.lanewise(XOR, b0).lanewise(BIT_COUNT));
        IntVector a5 = broadcast(m, x5 + at);
        s50 = s50.add(a5.lanewise(XOR, b0).lanewise(BIT_COUNT));
        IntVector a6 = broadcast(m, x6 + at);
        s60 = s60.add(a6.lanewise(XOR, b0).lanewise(BIT_COUNT));
        IntVector a7 = broadcast(m, x7 + at);
        s70 = s70.add(a7.lanewise(XOR, b0).lanewise(BIT_COUNT));
      }
    }
    s00.intoMemorySegment(m, y, LITTLE_ENDIAN);
    long y1 = y + 1 * yStride;
    s10.intoMemorySegment(m, y1, LITTLE_ENDIAN);
    long y2 = y + 2 * yStride;
    s20.intoMemorySegment(m, y2, LITTLE_ENDIAN);
    long y3 = y + 3 * yStride;
    s30.intoMemorySegment(m, y3, LITTLE_ENDIAN);
    long y4 = y + 4 * yStride;
    s40.intoMemorySegment(m, y4, LITTLE_ENDIAN);
    long y5 = y + 5 * yStride;
    s50.intoMemorySegment(m, y5, LITTLE_ENDIAN);
    long y6 = y + 6 * yStride;
    s60.intoMemorySegment(m, y6, LITTLE_ENDIAN);
    long y7 = y + 7 * yStride;
    s70.intoMemorySegment(m, y7, LITTLE_ENDIAN);
  }

  /** One row times the panels of a block: the rows that no taller block covers, and batch 1. */
  static void row(
      MemorySegment w,
      MemorySegment m,
      long x,
      BitPanels panels,
      int block,
      int weightPlane,
      long y) {
    int ints = panels.ints;
    Columns columns = panels.columns;
    int end = columns.firstPanel(block + 1);
    for (int panel = columns.firstPanel(block); panel < end; panel++) {
      long to = y + (columns.column(panel) - block * Columns.BLOCK) * 4L;
      long source = panels.offset(panel, weightPlane);
      if (columns.vectors(panel) == 2) {
        IntVector s0 = broadcast(0);
        IntVector s1 = broadcast(0);
        for (int plane = panels.planes - 1; plane >= 0; plane--) {
          long at = x + plane * panels.planeBytes;
          s0 = s0.add(s0);
          s1 = s1.add(s1);
          for (int i = 0; i < ints; i++) {
            long row = source + (long) i * (2L * BYTES);
            IntVector a = broadcast(m, at + ((long) i << 2));
            s0 = s0.add(a.lanewise(XOR, load(w, row)).lanewise(BIT_COUNT));
            s1 = s1.add(a.lanewise(XOR, load(w, row + BYTES)).lanewise(BIT_COUNT));
          }
        }
        s0.intoMemorySegment(m, to, LITTLE_ENDIAN);
        s1.intoMemorySegment(m, to + BYTES, LITTLE_ENDIAN);
      } else {
        IntVector s0 = broadcast(0);
        for (int plane = panels.planes - 1; plane >= 0; plane--) {
          long at = x + plane * panels.planeBytes;
          s0 = s0.add(s0);
          for (int i = 0; i < ints; i++) {
            IntVector a = broadcast(m, at + ((long) i << 2));
            IntVector b = load(w, source + (long) i * BYTES);
            s0 = s0.add(a.lanewise(XOR, b).lanewise(BIT_COUNT));
          }
        }
        s0.intoMemorySegment(m, to, LITTLE_ENDIAN);
      }
    }
  }
}
