package org.helu.device.vector.kernel;

import static jdk.incubator.vector.VectorOperators.BIT_COUNT;
import static jdk.incubator.vector.VectorOperators.XOR;
import static org.helu.device.vector.kernel.BitKernels.SUMS_BYTES;
import static org.helu.device.vector.kernel.Simd.ADDRESS;
import static org.helu.device.vector.kernel.Simd.ALL;
import static org.helu.device.vector.kernel.Simd.BYTES;
import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;
import static org.helu.device.vector.kernel.Simd.OFFSET;

import jdk.incubator.vector.IntVector;
import org.helu.runtime.tensor.Tensor;

/**
 * Register blocks of a product of bits: per row and column {@code scale * sum + popcount(x XOR w)}
 * of one plane of inputs and one of weights, lanes being columns.
 *
 * <p>Written out, and with inputs found by a table of offsets, as in {@link Tiles} and for the same
 * reasons. Addresses are absolute and not checked here: {@link BitKernels} does that once for all
 * rows and panels of a block. Words of 32 bits cost as much as words of 64 and leave sums that
 * epilogues take as they are. The loop over planes is outside, and sums are scaled by a product
 * even where they begin at 0: where a second loop or a branch met in the sums, they were boxed.
 *
 * <p>Common parameters: {@code panel}, the address of a panel's weights of one plane; {@code taps},
 * the byte offset of each word of an input row; {@code x}, the addresses of rows, of which those
 * from {@code first} on are taken, and {@code shift}, what is added to them; {@code scale}, 0, 1 or
 * 2; {@code sums}, the address of the first row's sums.
 */
final class BitTiles {
  private BitTiles() {}

  /** 4 rows × 2 vectors. */
  static void tile4x2(
      long panel, int[] taps, long[] x, int first, long shift, int scale, long sums) {
    long weights = panel & ADDRESS;
    long x0 = (x[first] + shift) & ADDRESS;
    long x1 = (x[first + 1] + shift) & ADDRESS;
    long x2 = (x[first + 2] + shift) & ADDRESS;
    long x3 = (x[first + 3] + shift) & ADDRESS;
    long y0 = sums & ADDRESS;
    long y1 = y0 + 1 * SUMS_BYTES;
    long y2 = y0 + 2 * SUMS_BYTES;
    long y3 = y0 + 3 * SUMS_BYTES;
    IntVector factor = IntVector.broadcast(Ints.SPECIES, scale);
    IntVector s00 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, y0, LITTLE_ENDIAN).mul(factor);
    IntVector s01 =
        IntVector.fromMemorySegment(Ints.SPECIES, ALL, y0 + BYTES, LITTLE_ENDIAN).mul(factor);
    IntVector s10 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, y1, LITTLE_ENDIAN).mul(factor);
    IntVector s11 =
        IntVector.fromMemorySegment(Ints.SPECIES, ALL, y1 + BYTES, LITTLE_ENDIAN).mul(factor);
    IntVector s20 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, y2, LITTLE_ENDIAN).mul(factor);
    IntVector s21 =
        IntVector.fromMemorySegment(Ints.SPECIES, ALL, y2 + BYTES, LITTLE_ENDIAN).mul(factor);
    IntVector s30 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, y3, LITTLE_ENDIAN).mul(factor);
    IntVector s31 =
        IntVector.fromMemorySegment(Ints.SPECIES, ALL, y3 + BYTES, LITTLE_ENDIAN).mul(factor);
    for (int i = 0; i < taps.length; i++) {
      long tap = taps[i] & OFFSET;
      long row = weights + i * (2L * BYTES);
      IntVector b0 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, row, LITTLE_ENDIAN);
      IntVector b1 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, row + BYTES, LITTLE_ENDIAN);
      IntVector a0 = IntVector.broadcast(Ints.SPECIES, ALL.get(Tensor.INT, x0 + tap));
      s00 = s00.add(a0.lanewise(XOR, b0).lanewise(BIT_COUNT));
      s01 = s01.add(a0.lanewise(XOR, b1).lanewise(BIT_COUNT));
      IntVector a1 = IntVector.broadcast(Ints.SPECIES, ALL.get(Tensor.INT, x1 + tap));
      s10 = s10.add(a1.lanewise(XOR, b0).lanewise(BIT_COUNT));
      s11 = s11.add(a1.lanewise(XOR, b1).lanewise(BIT_COUNT));
      IntVector a2 = IntVector.broadcast(Ints.SPECIES, ALL.get(Tensor.INT, x2 + tap));
      s20 = s20.add(a2.lanewise(XOR, b0).lanewise(BIT_COUNT));
      s21 = s21.add(a2.lanewise(XOR, b1).lanewise(BIT_COUNT));
      IntVector a3 = IntVector.broadcast(Ints.SPECIES, ALL.get(Tensor.INT, x3 + tap));
      s30 = s30.add(a3.lanewise(XOR, b0).lanewise(BIT_COUNT));
      s31 = s31.add(a3.lanewise(XOR, b1).lanewise(BIT_COUNT));
    }
    s00.intoMemorySegment(ALL, y0, LITTLE_ENDIAN);
    s01.intoMemorySegment(ALL, y0 + BYTES, LITTLE_ENDIAN);
    s10.intoMemorySegment(ALL, y1, LITTLE_ENDIAN);
    s11.intoMemorySegment(ALL, y1 + BYTES, LITTLE_ENDIAN);
    s20.intoMemorySegment(ALL, y2, LITTLE_ENDIAN);
    s21.intoMemorySegment(ALL, y2 + BYTES, LITTLE_ENDIAN);
    s30.intoMemorySegment(ALL, y3, LITTLE_ENDIAN);
    s31.intoMemorySegment(ALL, y3 + BYTES, LITTLE_ENDIAN);
  }

  /** 4 rows × 1 vector. */
  static void tile4x1(
      long panel, int[] taps, long[] x, int first, long shift, int scale, long sums) {
    long weights = panel & ADDRESS;
    long x0 = (x[first] + shift) & ADDRESS;
    long x1 = (x[first + 1] + shift) & ADDRESS;
    long x2 = (x[first + 2] + shift) & ADDRESS;
    long x3 = (x[first + 3] + shift) & ADDRESS;
    long y0 = sums & ADDRESS;
    long y1 = y0 + 1 * SUMS_BYTES;
    long y2 = y0 + 2 * SUMS_BYTES;
    long y3 = y0 + 3 * SUMS_BYTES;
    IntVector factor = IntVector.broadcast(Ints.SPECIES, scale);
    IntVector s00 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, y0, LITTLE_ENDIAN).mul(factor);
    IntVector s10 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, y1, LITTLE_ENDIAN).mul(factor);
    IntVector s20 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, y2, LITTLE_ENDIAN).mul(factor);
    IntVector s30 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, y3, LITTLE_ENDIAN).mul(factor);
    for (int i = 0; i < taps.length; i++) {
      long tap = taps[i] & OFFSET;
      long row = weights + i * (long) BYTES;
      IntVector b0 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, row, LITTLE_ENDIAN);
      IntVector a0 = IntVector.broadcast(Ints.SPECIES, ALL.get(Tensor.INT, x0 + tap));
      s00 = s00.add(a0.lanewise(XOR, b0).lanewise(BIT_COUNT));
      IntVector a1 = IntVector.broadcast(Ints.SPECIES, ALL.get(Tensor.INT, x1 + tap));
      s10 = s10.add(a1.lanewise(XOR, b0).lanewise(BIT_COUNT));
      IntVector a2 = IntVector.broadcast(Ints.SPECIES, ALL.get(Tensor.INT, x2 + tap));
      s20 = s20.add(a2.lanewise(XOR, b0).lanewise(BIT_COUNT));
      IntVector a3 = IntVector.broadcast(Ints.SPECIES, ALL.get(Tensor.INT, x3 + tap));
      s30 = s30.add(a3.lanewise(XOR, b0).lanewise(BIT_COUNT));
    }
    s00.intoMemorySegment(ALL, y0, LITTLE_ENDIAN);
    s10.intoMemorySegment(ALL, y1, LITTLE_ENDIAN);
    s20.intoMemorySegment(ALL, y2, LITTLE_ENDIAN);
    s30.intoMemorySegment(ALL, y3, LITTLE_ENDIAN);
  }

  /** 1 row × 2 vectors. */
  static void tile1x2(
      long panel, int[] taps, long[] x, int first, long shift, int scale, long sums) {
    long weights = panel & ADDRESS;
    long x0 = (x[first] + shift) & ADDRESS;
    long y0 = sums & ADDRESS;
    IntVector factor = IntVector.broadcast(Ints.SPECIES, scale);
    IntVector s00 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, y0, LITTLE_ENDIAN).mul(factor);
    IntVector s01 =
        IntVector.fromMemorySegment(Ints.SPECIES, ALL, y0 + BYTES, LITTLE_ENDIAN).mul(factor);
    for (int i = 0; i < taps.length; i++) {
      long tap = taps[i] & OFFSET;
      long row = weights + i * (2L * BYTES);
      IntVector b0 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, row, LITTLE_ENDIAN);
      IntVector b1 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, row + BYTES, LITTLE_ENDIAN);
      IntVector a0 = IntVector.broadcast(Ints.SPECIES, ALL.get(Tensor.INT, x0 + tap));
      s00 = s00.add(a0.lanewise(XOR, b0).lanewise(BIT_COUNT));
      s01 = s01.add(a0.lanewise(XOR, b1).lanewise(BIT_COUNT));
    }
    s00.intoMemorySegment(ALL, y0, LITTLE_ENDIAN);
    s01.intoMemorySegment(ALL, y0 + BYTES, LITTLE_ENDIAN);
  }

  /** 1 row × 1 vector. */
  static void tile1x1(
      long panel, int[] taps, long[] x, int first, long shift, int scale, long sums) {
    long weights = panel & ADDRESS;
    long x0 = (x[first] + shift) & ADDRESS;
    long y0 = sums & ADDRESS;
    IntVector factor = IntVector.broadcast(Ints.SPECIES, scale);
    IntVector s00 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, y0, LITTLE_ENDIAN).mul(factor);
    for (int i = 0; i < taps.length; i++) {
      long tap = taps[i] & OFFSET;
      long row = weights + i * (long) BYTES;
      IntVector b0 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, row, LITTLE_ENDIAN);
      IntVector a0 = IntVector.broadcast(Ints.SPECIES, ALL.get(Tensor.INT, x0 + tap));
      s00 = s00.add(a0.lanewise(XOR, b0).lanewise(BIT_COUNT));
    }
    s00.intoMemorySegment(ALL, y0, LITTLE_ENDIAN);
  }

  /** 1 row of {@code words} neighbouring words × 2 vectors: a table of them would cost a sixth. */
  static void run1x2(long panel, int words, long x, int scale, long sums) {
    long weights = panel & ADDRESS;
    long x0 = x & ADDRESS;
    long y0 = sums & ADDRESS;
    IntVector factor = IntVector.broadcast(Ints.SPECIES, scale);
    IntVector s00 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, y0, LITTLE_ENDIAN).mul(factor);
    IntVector s01 =
        IntVector.fromMemorySegment(Ints.SPECIES, ALL, y0 + BYTES, LITTLE_ENDIAN).mul(factor);
    for (int i = 0; i < words; i++) {
      long row = weights + i * (2L * BYTES);
      IntVector b0 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, row, LITTLE_ENDIAN);
      IntVector b1 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, row + BYTES, LITTLE_ENDIAN);
      IntVector a0 = IntVector.broadcast(Ints.SPECIES, ALL.get(Tensor.INT, x0 + i * 4L));
      s00 = s00.add(a0.lanewise(XOR, b0).lanewise(BIT_COUNT));
      s01 = s01.add(a0.lanewise(XOR, b1).lanewise(BIT_COUNT));
    }
    s00.intoMemorySegment(ALL, y0, LITTLE_ENDIAN);
    s01.intoMemorySegment(ALL, y0 + BYTES, LITTLE_ENDIAN);
  }
}
