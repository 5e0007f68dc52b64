package org.helu.device.vector.kernel;

import static jdk.incubator.vector.VectorOperators.BIT_COUNT;
import static jdk.incubator.vector.VectorOperators.XOR;
import static org.helu.device.vector.kernel.BitKernels.SUMS_BYTES;
import static org.helu.device.vector.kernel.Ints.broadcast;
import static org.helu.device.vector.kernel.Ints.load;
import static org.helu.device.vector.kernel.Simd.ADDRESS;
import static org.helu.device.vector.kernel.Simd.ALL;
import static org.helu.device.vector.kernel.Simd.BYTES;
import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;
import static org.helu.device.vector.kernel.Simd.OFFSET;

import jdk.incubator.vector.IntVector;

/**
 * Register blocks of a product of bits: per row and column {@code sum over planes p of 2^p *
 * popcount(x_p XOR w)}, lanes being columns. Planes come greatest first, sums double between them.
 *
 * <p>Written out, and with inputs found by a table of offsets, as in {@link Tiles} and for the same
 * reasons. Addresses are absolute and not checked here: {@link BitKernels} does that once for all
 * rows and panels of a block. Words of 32 bits cost as much as words of 64 and leave sums that
 * epilogues take as they are.
 *
 * <p>Common parameters: {@code panel}, the address of a panel's weights of one plane; {@code x},
 * the addresses of rows, of which those from {@code first} on are taken; {@code sums}, the address
 * of the first row's sums.
 */
final class BitTiles {
  private BitTiles() {}

  /** 4 rows × 2 vectors. */
  static void tile4x2(long panel, long[] x, int first, BitPanels panels, long sums) {
    int[] taps = panels.taps;
    long weights = panel & ADDRESS;
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
      long x0 = (x[first] + shift) & ADDRESS;
      long x1 = (x[first + 1] + shift) & ADDRESS;
      long x2 = (x[first + 2] + shift) & ADDRESS;
      long x3 = (x[first + 3] + shift) & ADDRESS;
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
      for (int i = 0; i < taps.length; i++) {
        long tap = taps[i] & OFFSET;
        long row = weights + i * (2L * BYTES);
        IntVector b0 = load(ALL, row);
        IntVector b1 = load(ALL, row + BYTES);
        IntVector a0 = broadcast(ALL, x0 + tap);
        s00 = s00.add(a0.lanewise(XOR, b0).lanewise(BIT_COUNT));
        s01 = s01.add(a0.lanewise(XOR, b1).lanewise(BIT_COUNT));
        IntVector a1 = broadcast(ALL, x1 + tap);
        s10 = s10.add(a1.lanewise(XOR, b0).lanewise(BIT_COUNT));
        s11 = s11.add(a1.lanewise(XOR, b1).lanewise(BIT_COUNT));
        IntVector a2 = broadcast(ALL, x2 + tap);
        s20 = s20.add(a2.lanewise(XOR, b0).lanewise(BIT_COUNT));
        s21 = s21.add(a2.lanewise(XOR, b1).lanewise(BIT_COUNT));
        IntVector a3 = broadcast(ALL, x3 + tap);
        s30 = s30.add(a3.lanewise(XOR, b0).lanewise(BIT_COUNT));
        s31 = s31.add(a3.lanewise(XOR, b1).lanewise(BIT_COUNT));
      }
    }
    long y0 = sums & ADDRESS;
    s00.intoMemorySegment(ALL, y0, LITTLE_ENDIAN);
    s01.intoMemorySegment(ALL, y0 + BYTES, LITTLE_ENDIAN);
    long y1 = y0 + 1 * SUMS_BYTES;
    s10.intoMemorySegment(ALL, y1, LITTLE_ENDIAN);
    s11.intoMemorySegment(ALL, y1 + BYTES, LITTLE_ENDIAN);
    long y2 = y0 + 2 * SUMS_BYTES;
    s20.intoMemorySegment(ALL, y2, LITTLE_ENDIAN);
    s21.intoMemorySegment(ALL, y2 + BYTES, LITTLE_ENDIAN);
    long y3 = y0 + 3 * SUMS_BYTES;
    s30.intoMemorySegment(ALL, y3, LITTLE_ENDIAN);
    s31.intoMemorySegment(ALL, y3 + BYTES, LITTLE_ENDIAN);
  }

  /** 8 rows × 1 vector. */
  static void tile8x1(long panel, long[] x, int first, BitPanels panels, long sums) {
    int[] taps = panels.taps;
    long weights = panel & ADDRESS;
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
      long x0 = (x[first] + shift) & ADDRESS;
      long x1 = (x[first + 1] + shift) & ADDRESS;
      long x2 = (x[first + 2] + shift) & ADDRESS;
      long x3 = (x[first + 3] + shift) & ADDRESS;
      long x4 = (x[first + 4] + shift) & ADDRESS;
      long x5 = (x[first + 5] + shift) & ADDRESS;
      long x6 = (x[first + 6] + shift) & ADDRESS;
      long x7 = (x[first + 7] + shift) & ADDRESS;
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
      for (int i = 0; i < taps.length; i++) {
        long tap = taps[i] & OFFSET;
        long row = weights + i * (long) BYTES;
        IntVector b0 = load(ALL, row);
        IntVector a0 = broadcast(ALL, x0 + tap);
        s00 = s00.add(a0.lanewise(XOR, b0).lanewise(BIT_COUNT));
        IntVector a1 = broadcast(ALL, x1 + tap);
        s10 = s10.add(a1.lanewise(XOR, b0).lanewise(BIT_COUNT));
        IntVector a2 = broadcast(ALL, x2 + tap);
        s20 = s20.add(a2.lanewise(XOR, b0).lanewise(BIT_COUNT));
        IntVector a3 = broadcast(ALL, x3 + tap);
        s30 = s30.add(a3.lanewise(XOR, b0).lanewise(BIT_COUNT));
        IntVector a4 = broadcast(ALL, x4 + tap);
        s40 = s40.add(a4.lanewise(XOR, b0).lanewise(BIT_COUNT));
        IntVector a5 = broadcast(ALL, x5 + tap);
        s50 = s50.add(a5.lanewise(XOR, b0).lanewise(BIT_COUNT));
        IntVector a6 = broadcast(ALL, x6 + tap);
        s60 = s60.add(a6.lanewise(XOR, b0).lanewise(BIT_COUNT));
        IntVector a7 = broadcast(ALL, x7 + tap);
        s70 = s70.add(a7.lanewise(XOR, b0).lanewise(BIT_COUNT));
      }
    }
    long y0 = sums & ADDRESS;
    s00.intoMemorySegment(ALL, y0, LITTLE_ENDIAN);
    long y1 = y0 + 1 * SUMS_BYTES;
    s10.intoMemorySegment(ALL, y1, LITTLE_ENDIAN);
    long y2 = y0 + 2 * SUMS_BYTES;
    s20.intoMemorySegment(ALL, y2, LITTLE_ENDIAN);
    long y3 = y0 + 3 * SUMS_BYTES;
    s30.intoMemorySegment(ALL, y3, LITTLE_ENDIAN);
    long y4 = y0 + 4 * SUMS_BYTES;
    s40.intoMemorySegment(ALL, y4, LITTLE_ENDIAN);
    long y5 = y0 + 5 * SUMS_BYTES;
    s50.intoMemorySegment(ALL, y5, LITTLE_ENDIAN);
    long y6 = y0 + 6 * SUMS_BYTES;
    s60.intoMemorySegment(ALL, y6, LITTLE_ENDIAN);
    long y7 = y0 + 7 * SUMS_BYTES;
    s70.intoMemorySegment(ALL, y7, LITTLE_ENDIAN);
  }

  /** 1 row × 2 vectors. */
  static void tile1x2(long panel, long[] x, int first, BitPanels panels, long sums) {
    int[] taps = panels.taps;
    long weights = panel & ADDRESS;
    IntVector s00 = broadcast(0);
    IntVector s01 = broadcast(0);
    for (int plane = panels.planes - 1; plane >= 0; plane--) {
      long shift = plane * panels.planeBytes;
      long x0 = (x[first] + shift) & ADDRESS;
      if (plane < panels.planes - 1) {
        s00 = s00.add(s00);
        s01 = s01.add(s01);
      }
      for (int i = 0; i < taps.length; i++) {
        long tap = taps[i] & OFFSET;
        long row = weights + i * (2L * BYTES);
        IntVector b0 = load(ALL, row);
        IntVector b1 = load(ALL, row + BYTES);
        IntVector a0 = broadcast(ALL, x0 + tap);
        s00 = s00.add(a0.lanewise(XOR, b0).lanewise(BIT_COUNT));
        s01 = s01.add(a0.lanewise(XOR, b1).lanewise(BIT_COUNT));
      }
    }
    long y0 = sums & ADDRESS;
    s00.intoMemorySegment(ALL, y0, LITTLE_ENDIAN);
    s01.intoMemorySegment(ALL, y0 + BYTES, LITTLE_ENDIAN);
  }

  /** 1 row × 1 vector. */
  static void tile1x1(long panel, long[] x, int first, BitPanels panels, long sums) {
    int[] taps = panels.taps;
    long weights = panel & ADDRESS;
    IntVector s00 = broadcast(0);
    for (int plane = panels.planes - 1; plane >= 0; plane--) {
      long shift = plane * panels.planeBytes;
      long x0 = (x[first] + shift) & ADDRESS;
      if (plane < panels.planes - 1) {
        s00 = s00.add(s00);
      }
      for (int i = 0; i < taps.length; i++) {
        long tap = taps[i] & OFFSET;
        long row = weights + i * (long) BYTES;
        IntVector b0 = load(ALL, row);
        IntVector a0 = broadcast(ALL, x0 + tap);
        s00 = s00.add(a0.lanewise(XOR, b0).lanewise(BIT_COUNT));
      }
    }
    long y0 = sums & ADDRESS;
    s00.intoMemorySegment(ALL, y0, LITTLE_ENDIAN);
  }
}
