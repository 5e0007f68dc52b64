package org.helu.device.vector.kernel;

import static jdk.incubator.vector.VectorOperators.BIT_COUNT;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;
import static org.helu.device.vector.kernel.BitKernels.SUMS_BYTES;
import static org.helu.device.vector.kernel.Simd.ADDRESS;
import static org.helu.device.vector.kernel.Simd.ALL;
import static org.helu.device.vector.kernel.Simd.BYTES;
import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;
import static org.helu.device.vector.kernel.Simd.OFFSET;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;
import org.helu.runtime.tensor.Tensor;

/**
 * {@link BitTiles} for processors whose popcount is one of bytes ({@link Simd#POPCOUNT}): AVX2
 * makes it of two permutations of 4 bits, NEON has an instruction. A popcount of 32 bits would add
 * up neighbouring bytes for each word; here that is done once for up to {@link #MOST_WORDS} words,
 * whose counts a byte holds.
 *
 * <p>Parameters are those of {@link BitTiles}, and {@code from} and {@code words}: which words are
 * taken. Weights are those from that word on.
 */
final class ByteCountTiles {
  /** Words whose counts fit a byte: {@code 31 * 8 < 2^8}. */
  static final int MOST_WORDS = 31;

  private static final VectorSpecies<Byte> BYTE_LANES =
      VectorSpecies.of(byte.class, Simd.SPECIES.vectorShape());

  /** The even ones of a word's four bytes. */
  private static final int EVEN = 0x00ff00ff;

  private ByteCountTiles() {}

  /** Runs that so many words are cut into. */
  static int runs(int words) {
    return (words + MOST_WORDS - 1) / MOST_WORDS;
  }

  /** 4 rows × 2 vectors. */
  static void tile4x2(
      long panel,
      int[] taps,
      int from,
      int words,
      long[] x,
      int first,
      long shift,
      int scale,
      long sums) {
    long weights = panel & ADDRESS;
    long x0 = (x[first] + shift) & ADDRESS;
    long x1 = (x[first + 1] + shift) & ADDRESS;
    long x2 = (x[first + 2] + shift) & ADDRESS;
    long x3 = (x[first + 3] + shift) & ADDRESS;
    ByteVector c00 = ByteVector.zero(BYTE_LANES);
    ByteVector c01 = c00;
    ByteVector c10 = c00;
    ByteVector c11 = c00;
    ByteVector c20 = c00;
    ByteVector c21 = c00;
    ByteVector c30 = c00;
    ByteVector c31 = c00;
    for (int i = 0; i < words; i++) {
      long tap = taps[from + i] & OFFSET;
      long row = weights + i * (2L * BYTES);
      IntVector b0 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, row, LITTLE_ENDIAN);
      IntVector b1 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, row + BYTES, LITTLE_ENDIAN);
      IntVector a0 = IntVector.broadcast(Ints.SPECIES, ALL.get(Tensor.INT, x0 + tap));
      c00 = c00.add(a0.lanewise(XOR, b0).reinterpretAsBytes().lanewise(BIT_COUNT));
      c01 = c01.add(a0.lanewise(XOR, b1).reinterpretAsBytes().lanewise(BIT_COUNT));
      IntVector a1 = IntVector.broadcast(Ints.SPECIES, ALL.get(Tensor.INT, x1 + tap));
      c10 = c10.add(a1.lanewise(XOR, b0).reinterpretAsBytes().lanewise(BIT_COUNT));
      c11 = c11.add(a1.lanewise(XOR, b1).reinterpretAsBytes().lanewise(BIT_COUNT));
      IntVector a2 = IntVector.broadcast(Ints.SPECIES, ALL.get(Tensor.INT, x2 + tap));
      c20 = c20.add(a2.lanewise(XOR, b0).reinterpretAsBytes().lanewise(BIT_COUNT));
      c21 = c21.add(a2.lanewise(XOR, b1).reinterpretAsBytes().lanewise(BIT_COUNT));
      IntVector a3 = IntVector.broadcast(Ints.SPECIES, ALL.get(Tensor.INT, x3 + tap));
      c30 = c30.add(a3.lanewise(XOR, b0).reinterpretAsBytes().lanewise(BIT_COUNT));
      c31 = c31.add(a3.lanewise(XOR, b1).reinterpretAsBytes().lanewise(BIT_COUNT));
    }
    long y0 = sums & ADDRESS;
    long y1 = y0 + 1 * SUMS_BYTES;
    long y2 = y0 + 2 * SUMS_BYTES;
    long y3 = y0 + 3 * SUMS_BYTES;
    IntVector factor = IntVector.broadcast(Ints.SPECIES, scale);
    IntVector low = IntVector.broadcast(Ints.SPECIES, 0xffff);
    IntVector even = IntVector.broadcast(Ints.SPECIES, EVEN);
    IntVector h00 = c00.reinterpretAsInts();
    h00 = h00.and(even).add(h00.lanewise(LSHR, 8).and(even));
    h00.lanewise(LSHR, 16)
        .add(h00.and(low))
        .add(IntVector.fromMemorySegment(Ints.SPECIES, ALL, y0, LITTLE_ENDIAN).mul(factor))
        .intoMemorySegment(ALL, y0, LITTLE_ENDIAN);
    IntVector h01 = c01.reinterpretAsInts();
    h01 = h01.and(even).add(h01.lanewise(LSHR, 8).and(even));
    h01.lanewise(LSHR, 16)
        .add(h01.and(low))
        .add(IntVector.fromMemorySegment(Ints.SPECIES, ALL, y0 + BYTES, LITTLE_ENDIAN).mul(factor))
        .intoMemorySegment(ALL, y0 + BYTES, LITTLE_ENDIAN);
    IntVector h10 = c10.reinterpretAsInts();
    h10 = h10.and(even).add(h10.lanewise(LSHR, 8).and(even));
    h10.lanewise(LSHR, 16)
        .add(h10.and(low))
        .add(IntVector.fromMemorySegment(Ints.SPECIES, ALL, y1, LITTLE_ENDIAN).mul(factor))
        .intoMemorySegment(ALL, y1, LITTLE_ENDIAN);
    IntVector h11 = c11.reinterpretAsInts();
    h11 = h11.and(even).add(h11.lanewise(LSHR, 8).and(even));
    h11.lanewise(LSHR, 16)
        .add(h11.and(low))
        .add(IntVector.fromMemorySegment(Ints.SPECIES, ALL, y1 + BYTES, LITTLE_ENDIAN).mul(factor))
        .intoMemorySegment(ALL, y1 + BYTES, LITTLE_ENDIAN);
    IntVector h20 = c20.reinterpretAsInts();
    h20 = h20.and(even).add(h20.lanewise(LSHR, 8).and(even));
    h20.lanewise(LSHR, 16)
        .add(h20.and(low))
        .add(IntVector.fromMemorySegment(Ints.SPECIES, ALL, y2, LITTLE_ENDIAN).mul(factor))
        .intoMemorySegment(ALL, y2, LITTLE_ENDIAN);
    IntVector h21 = c21.reinterpretAsInts();
    h21 = h21.and(even).add(h21.lanewise(LSHR, 8).and(even));
    h21.lanewise(LSHR, 16)
        .add(h21.and(low))
        .add(IntVector.fromMemorySegment(Ints.SPECIES, ALL, y2 + BYTES, LITTLE_ENDIAN).mul(factor))
        .intoMemorySegment(ALL, y2 + BYTES, LITTLE_ENDIAN);
    IntVector h30 = c30.reinterpretAsInts();
    h30 = h30.and(even).add(h30.lanewise(LSHR, 8).and(even));
    h30.lanewise(LSHR, 16)
        .add(h30.and(low))
        .add(IntVector.fromMemorySegment(Ints.SPECIES, ALL, y3, LITTLE_ENDIAN).mul(factor))
        .intoMemorySegment(ALL, y3, LITTLE_ENDIAN);
    IntVector h31 = c31.reinterpretAsInts();
    h31 = h31.and(even).add(h31.lanewise(LSHR, 8).and(even));
    h31.lanewise(LSHR, 16)
        .add(h31.and(low))
        .add(IntVector.fromMemorySegment(Ints.SPECIES, ALL, y3 + BYTES, LITTLE_ENDIAN).mul(factor))
        .intoMemorySegment(ALL, y3 + BYTES, LITTLE_ENDIAN);
  }

  /** 4 rows × 1 vector. */
  static void tile4x1(
      long panel,
      int[] taps,
      int from,
      int words,
      long[] x,
      int first,
      long shift,
      int scale,
      long sums) {
    long weights = panel & ADDRESS;
    long x0 = (x[first] + shift) & ADDRESS;
    long x1 = (x[first + 1] + shift) & ADDRESS;
    long x2 = (x[first + 2] + shift) & ADDRESS;
    long x3 = (x[first + 3] + shift) & ADDRESS;
    ByteVector c00 = ByteVector.zero(BYTE_LANES);
    ByteVector c10 = c00;
    ByteVector c20 = c00;
    ByteVector c30 = c00;
    for (int i = 0; i < words; i++) {
      long tap = taps[from + i] & OFFSET;
      long row = weights + i * (long) BYTES;
      IntVector b0 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, row, LITTLE_ENDIAN);
      IntVector a0 = IntVector.broadcast(Ints.SPECIES, ALL.get(Tensor.INT, x0 + tap));
      c00 = c00.add(a0.lanewise(XOR, b0).reinterpretAsBytes().lanewise(BIT_COUNT));
      IntVector a1 = IntVector.broadcast(Ints.SPECIES, ALL.get(Tensor.INT, x1 + tap));
      c10 = c10.add(a1.lanewise(XOR, b0).reinterpretAsBytes().lanewise(BIT_COUNT));
      IntVector a2 = IntVector.broadcast(Ints.SPECIES, ALL.get(Tensor.INT, x2 + tap));
      c20 = c20.add(a2.lanewise(XOR, b0).reinterpretAsBytes().lanewise(BIT_COUNT));
      IntVector a3 = IntVector.broadcast(Ints.SPECIES, ALL.get(Tensor.INT, x3 + tap));
      c30 = c30.add(a3.lanewise(XOR, b0).reinterpretAsBytes().lanewise(BIT_COUNT));
    }
    long y0 = sums & ADDRESS;
    long y1 = y0 + 1 * SUMS_BYTES;
    long y2 = y0 + 2 * SUMS_BYTES;
    long y3 = y0 + 3 * SUMS_BYTES;
    IntVector factor = IntVector.broadcast(Ints.SPECIES, scale);
    IntVector low = IntVector.broadcast(Ints.SPECIES, 0xffff);
    IntVector even = IntVector.broadcast(Ints.SPECIES, EVEN);
    IntVector h00 = c00.reinterpretAsInts();
    h00 = h00.and(even).add(h00.lanewise(LSHR, 8).and(even));
    h00.lanewise(LSHR, 16)
        .add(h00.and(low))
        .add(IntVector.fromMemorySegment(Ints.SPECIES, ALL, y0, LITTLE_ENDIAN).mul(factor))
        .intoMemorySegment(ALL, y0, LITTLE_ENDIAN);
    IntVector h10 = c10.reinterpretAsInts();
    h10 = h10.and(even).add(h10.lanewise(LSHR, 8).and(even));
    h10.lanewise(LSHR, 16)
        .add(h10.and(low))
        .add(IntVector.fromMemorySegment(Ints.SPECIES, ALL, y1, LITTLE_ENDIAN).mul(factor))
        .intoMemorySegment(ALL, y1, LITTLE_ENDIAN);
    IntVector h20 = c20.reinterpretAsInts();
    h20 = h20.and(even).add(h20.lanewise(LSHR, 8).and(even));
    h20.lanewise(LSHR, 16)
        .add(h20.and(low))
        .add(IntVector.fromMemorySegment(Ints.SPECIES, ALL, y2, LITTLE_ENDIAN).mul(factor))
        .intoMemorySegment(ALL, y2, LITTLE_ENDIAN);
    IntVector h30 = c30.reinterpretAsInts();
    h30 = h30.and(even).add(h30.lanewise(LSHR, 8).and(even));
    h30.lanewise(LSHR, 16)
        .add(h30.and(low))
        .add(IntVector.fromMemorySegment(Ints.SPECIES, ALL, y3, LITTLE_ENDIAN).mul(factor))
        .intoMemorySegment(ALL, y3, LITTLE_ENDIAN);
  }

  /** 1 row × 2 vectors. */
  static void tile1x2(
      long panel,
      int[] taps,
      int from,
      int words,
      long[] x,
      int first,
      long shift,
      int scale,
      long sums) {
    long weights = panel & ADDRESS;
    long x0 = (x[first] + shift) & ADDRESS;
    ByteVector c00 = ByteVector.zero(BYTE_LANES);
    ByteVector c01 = c00;
    for (int i = 0; i < words; i++) {
      long tap = taps[from + i] & OFFSET;
      long row = weights + i * (2L * BYTES);
      IntVector b0 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, row, LITTLE_ENDIAN);
      IntVector b1 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, row + BYTES, LITTLE_ENDIAN);
      IntVector a0 = IntVector.broadcast(Ints.SPECIES, ALL.get(Tensor.INT, x0 + tap));
      c00 = c00.add(a0.lanewise(XOR, b0).reinterpretAsBytes().lanewise(BIT_COUNT));
      c01 = c01.add(a0.lanewise(XOR, b1).reinterpretAsBytes().lanewise(BIT_COUNT));
    }
    long y0 = sums & ADDRESS;
    IntVector factor = IntVector.broadcast(Ints.SPECIES, scale);
    IntVector low = IntVector.broadcast(Ints.SPECIES, 0xffff);
    IntVector even = IntVector.broadcast(Ints.SPECIES, EVEN);
    IntVector h00 = c00.reinterpretAsInts();
    h00 = h00.and(even).add(h00.lanewise(LSHR, 8).and(even));
    h00.lanewise(LSHR, 16)
        .add(h00.and(low))
        .add(IntVector.fromMemorySegment(Ints.SPECIES, ALL, y0, LITTLE_ENDIAN).mul(factor))
        .intoMemorySegment(ALL, y0, LITTLE_ENDIAN);
    IntVector h01 = c01.reinterpretAsInts();
    h01 = h01.and(even).add(h01.lanewise(LSHR, 8).and(even));
    h01.lanewise(LSHR, 16)
        .add(h01.and(low))
        .add(IntVector.fromMemorySegment(Ints.SPECIES, ALL, y0 + BYTES, LITTLE_ENDIAN).mul(factor))
        .intoMemorySegment(ALL, y0 + BYTES, LITTLE_ENDIAN);
  }

  /** 1 row × 1 vector. */
  static void tile1x1(
      long panel,
      int[] taps,
      int from,
      int words,
      long[] x,
      int first,
      long shift,
      int scale,
      long sums) {
    long weights = panel & ADDRESS;
    long x0 = (x[first] + shift) & ADDRESS;
    ByteVector c00 = ByteVector.zero(BYTE_LANES);
    for (int i = 0; i < words; i++) {
      long tap = taps[from + i] & OFFSET;
      long row = weights + i * (long) BYTES;
      IntVector b0 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, row, LITTLE_ENDIAN);
      IntVector a0 = IntVector.broadcast(Ints.SPECIES, ALL.get(Tensor.INT, x0 + tap));
      c00 = c00.add(a0.lanewise(XOR, b0).reinterpretAsBytes().lanewise(BIT_COUNT));
    }
    long y0 = sums & ADDRESS;
    IntVector factor = IntVector.broadcast(Ints.SPECIES, scale);
    IntVector low = IntVector.broadcast(Ints.SPECIES, 0xffff);
    IntVector even = IntVector.broadcast(Ints.SPECIES, EVEN);
    IntVector h00 = c00.reinterpretAsInts();
    h00 = h00.and(even).add(h00.lanewise(LSHR, 8).and(even));
    h00.lanewise(LSHR, 16)
        .add(h00.and(low))
        .add(IntVector.fromMemorySegment(Ints.SPECIES, ALL, y0, LITTLE_ENDIAN).mul(factor))
        .intoMemorySegment(ALL, y0, LITTLE_ENDIAN);
  }

  /**
   * 1 row × some panels of 2 vectors, of neighbouring words: a call for each panel would take as
   * long as 16 of its words.
   *
   * @param panelBytes from one panel to the next
   * @param panels how many
   * @param x address of the row's plane
   * @param sums address of the first panel's sums; the next one's follow
   */
  static void run1x2(
      long panel, long panelBytes, int panels, int words, long x, int scale, long sums) {
    long inputs = x & ADDRESS;
    IntVector factor = IntVector.broadcast(Ints.SPECIES, scale);
    IntVector low = IntVector.broadcast(Ints.SPECIES, 0xffff);
    IntVector even = IntVector.broadcast(Ints.SPECIES, EVEN);
    for (int p = 0; p < panels; p++) {
      long weights = (panel + p * panelBytes) & ADDRESS;
      long y = (sums + p * (2L * BYTES)) & ADDRESS;
      ByteVector c0 = ByteVector.zero(BYTE_LANES);
      ByteVector c1 = c0;
      for (int i = 0; i < words; i++) {
        long row = weights + i * (2L * BYTES);
        IntVector a = IntVector.broadcast(Ints.SPECIES, ALL.get(Tensor.INT, inputs + i * 4L));
        IntVector b0 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, row, LITTLE_ENDIAN);
        IntVector b1 = IntVector.fromMemorySegment(Ints.SPECIES, ALL, row + BYTES, LITTLE_ENDIAN);
        c0 = c0.add(a.lanewise(XOR, b0).reinterpretAsBytes().lanewise(BIT_COUNT));
        c1 = c1.add(a.lanewise(XOR, b1).reinterpretAsBytes().lanewise(BIT_COUNT));
      }
      IntVector h0 = c0.reinterpretAsInts();
      IntVector h1 = c1.reinterpretAsInts();
      h0 = h0.and(even).add(h0.lanewise(LSHR, 8).and(even));
      h1 = h1.and(even).add(h1.lanewise(LSHR, 8).and(even));
      h0.lanewise(LSHR, 16)
          .add(h0.and(low))
          .add(IntVector.fromMemorySegment(Ints.SPECIES, ALL, y, LITTLE_ENDIAN).mul(factor))
          .intoMemorySegment(ALL, y, LITTLE_ENDIAN);
      h1.lanewise(LSHR, 16)
          .add(h1.and(low))
          .add(IntVector.fromMemorySegment(Ints.SPECIES, ALL, y + BYTES, LITTLE_ENDIAN).mul(factor))
          .intoMemorySegment(ALL, y + BYTES, LITTLE_ENDIAN);
    }
  }
}
