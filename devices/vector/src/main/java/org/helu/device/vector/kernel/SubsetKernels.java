package org.helu.device.vector.kernel;

import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.NE;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2S;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;
import static org.helu.device.vector.kernel.Simd.ADDRESS;
import static org.helu.device.vector.kernel.Simd.ALL;
import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * {@link SubsetSums} in 16-bit lanes: one permutation of a table by a vector of names (see {@link
 * SubsetPanels}) adds five codes to the {@code c} of 32 columns.
 *
 * <p>For vectors of 512 bits, whose 32 lanes hold a table; addresses are absolute in inner loops,
 * as in {@link BitTiles}.
 */
final class SubsetKernels {
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_512;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_512;
  private static final int TABLE_BYTES = 64;

  /** Groups whose sums of bytes fit 16 bits: {@code 51 * 5 * 255 < 2^16}. */
  private static final int MOST_GROUPS = 51;

  /** Bytes that are looked through at once: whole elements of {@link SubsetPanels}. */
  private static final int CHUNK = 60;

  private static final int CHUNK_GROUPS = CHUNK / SubsetPanels.GROUP;

  /** The lowest bit of each group of a chunk's bits. */
  private static final long GROUP_BITS = 0x084210842108421L;

  /** A group's place: its element's number times 16, plus the shift of its name in there. */
  private static final int[] PLACES = new int[INTS.length()];

  static {
    for (int g = 0; g < CHUNK_GROUPS; g++) {
      PLACES[g] = g / SubsetPanels.GROUPS << 4 | g % SubsetPanels.GROUPS * SubsetPanels.GROUP;
    }
  }

  private SubsetKernels() {}

  static long scratchBytes(SubsetPanels panels) {
    return counts(panels) + 8 * TABLE_BYTES;
  }

  // Scratch: the row's codes in 16 bits, tables, places, then a panel's counts.

  private static long tables(SubsetPanels panels) {
    return TensorType.align(panels.inputs * 2L + TABLE_BYTES);
  }

  private static long places(SubsetPanels panels) {
    return tables(panels) + panels.groups() * (long) TABLE_BYTES;
  }

  private static long counts(SubsetPanels panels) {
    return places(panels) + TensorType.align((panels.groups() + INTS.length()) * 4L);
  }

  /** See {@link SubsetSums#sum}. */
  static void sum(
      SubsetPanels panels,
      int panelFrom,
      int panelTo,
      MemorySegment w,
      MemorySegment m,
      long x,
      long sums,
      long scratch) {
    Objects.checkFromIndexSize(x, panels.inputs + 64L, m.byteSize());
    Objects.checkFromIndexSize(scratch, scratchBytes(panels), m.byteSize());
    Objects.checkFromIndexSize(sums, panels.columns() * 4L, m.byteSize());
    Objects.checkFromToIndex(panels.constants(0), panels.offset(panels.count()), w.byteSize());
    long codes = m.address() + scratch;
    long tables = codes + tables(panels);
    long places = codes + places(panels);
    long counts = codes + counts(panels);
    widen(m.address() + x, panels.inputs, codes);
    int groups = listGroups(m.address() + x, panels.inputs, places);
    int all = panels.step * writeTables(codes, places, groups, tables);
    for (int panel = panelFrom; panel < panelTo; panel++) {
      int vectors = panels.vectors(panel);
      long names = w.address() + panels.offset(panel);
      long to = m.address() + sums + panels.firstBlock(panel) * (Columns.BLOCK * 4L);
      long from = w.address() + panels.constants(panel);
      int less = all;
      int first = 0;
      do {
        int end = Math.min(groups, first + MOST_GROUPS);
        if (vectors == 8) {
          count8(tables, places, first, end, names, counts);
        } else {
          count2(tables, places, first, end, names, counts);
        }
        addCounts(from, counts, vectors, less, 2 * panels.step, to);
        from = to;
        less = 0;
        first = end;
      } while (first < groups);
    }
  }

  /** Codes in 16 bits, zeros behind them. */
  private static void widen(long x, int count, long y) {
    long from = x & ADDRESS;
    long to = y & ADDRESS;
    for (int i = 0; i < count; i += SHORTS.length()) {
      ((ShortVector)
              ByteVector.fromMemorySegment(ByteVector.SPECIES_256, ALL, from + i, LITTLE_ENDIAN)
                  .convertShape(ZERO_EXTEND_B2S, SHORTS, 0))
          .intoMemorySegment(ALL, to + i * 2L, LITTLE_ENDIAN);
    }
    ShortVector.broadcast(SHORTS, 0).intoMemorySegment(ALL, to + count * 2L, LITTLE_ENDIAN);
  }

  /** Writes the places of the groups that hold a code other than 0; returns their number. */
  private static int listGroups(long x, int count, long places) {
    long from = x & ADDRESS;
    long to = places & ADDRESS;
    int groups = 0;
    IntVector chunkPlaces = IntVector.fromArray(INTS, PLACES, 0);
    for (int i = 0; i < count; i += CHUNK) {
      long codes =
          ByteVector.fromMemorySegment(ByteVector.SPECIES_512, ALL, from + i, LITTLE_ENDIAN)
              .compare(NE, (byte) 0)
              .toLong();
      codes &= -1L >>> Math.max(0, 64 - (count - i));
      codes |= codes >>> 1;
      codes |= codes >>> 2 | codes >>> 3;
      long open = Long.compress(codes, GROUP_BITS);
      chunkPlaces
          .add(i / SubsetPanels.INPUTS << 4)
          .compress(VectorMask.fromLong(INTS, open))
          .intoMemorySegment(ALL, to + groups * 4L, LITTLE_ENDIAN);
      groups += Long.bitCount(open);
    }
    return groups;
  }

  /** Writes the tables of listed groups; returns the sum of all codes. */
  private static int writeTables(long x, long places, int groups, long tables) {
    long from = x & ADDRESS;
    long list = places & ADDRESS;
    long to = tables & ADDRESS;
    // Lane i stands for the subset of the inputs whose bits are set in i.
    VectorMask<Short> with0 = VectorMask.fromLong(SHORTS, 0xAAAAAAAAL);
    VectorMask<Short> with1 = VectorMask.fromLong(SHORTS, 0xCCCCCCCCL);
    VectorMask<Short> with2 = VectorMask.fromLong(SHORTS, 0xF0F0F0F0L);
    VectorMask<Short> with3 = VectorMask.fromLong(SHORTS, 0xFF00FF00L);
    VectorMask<Short> with4 = VectorMask.fromLong(SHORTS, 0xFFFF0000L);
    ShortVector none = ShortVector.broadcast(SHORTS, 0);
    int sum = 0;
    for (int i = 0; i < groups; i++) {
      int place = ALL.get(Tensor.INT, list + i * 4L);
      long codes = from + ((place >>> 4) * SubsetPanels.INPUTS + (place & 15)) * 2L;
      long table = to + i * (long) TABLE_BYTES;
      none.add(ShortVector.broadcast(SHORTS, ALL.get(SHORT, codes)), with0)
          .add(ShortVector.broadcast(SHORTS, ALL.get(SHORT, codes + 2)), with1)
          .add(ShortVector.broadcast(SHORTS, ALL.get(SHORT, codes + 4)), with2)
          .add(ShortVector.broadcast(SHORTS, ALL.get(SHORT, codes + 6)), with3)
          .add(ShortVector.broadcast(SHORTS, ALL.get(SHORT, codes + 8)), with4)
          .intoMemorySegment(ALL, table, LITTLE_ENDIAN);
      sum += ALL.get(SHORT, table + TABLE_BYTES - 2);
    }
    return sum;
  }

  /** Counts of a panel of eight vectors, over the groups {@code first..end-1} of the list. */
  private static void count8(
      long tables, long places, int first, int end, long names, long counts) {
    long t = tables & ADDRESS;
    long list = places & ADDRESS;
    long w = names & ADDRESS;
    long y = counts & ADDRESS;
    ShortVector c0 = ShortVector.broadcast(SHORTS, 0);
    ShortVector c1 = c0;
    ShortVector c2 = c0;
    ShortVector c3 = c0;
    ShortVector c4 = c0;
    ShortVector c5 = c0;
    ShortVector c6 = c0;
    ShortVector c7 = c0;
    for (int i = first; i < end; i++) {
      int place = ALL.get(Tensor.INT, list + i * 4L);
      int shift = place & 15;
      long row = w + (place >>> 4) * 512L;
      ShortVector table =
          ShortVector.fromMemorySegment(SHORTS, ALL, t + i * (long) TABLE_BYTES, LITTLE_ENDIAN);
      c0 =
          c0.add(
              ShortVector.fromMemorySegment(SHORTS, ALL, row, LITTLE_ENDIAN)
                  .lanewise(LSHR, shift)
                  .selectFrom(table));
      c1 =
          c1.add(
              ShortVector.fromMemorySegment(SHORTS, ALL, row + 64, LITTLE_ENDIAN)
                  .lanewise(LSHR, shift)
                  .selectFrom(table));
      c2 =
          c2.add(
              ShortVector.fromMemorySegment(SHORTS, ALL, row + 128, LITTLE_ENDIAN)
                  .lanewise(LSHR, shift)
                  .selectFrom(table));
      c3 =
          c3.add(
              ShortVector.fromMemorySegment(SHORTS, ALL, row + 192, LITTLE_ENDIAN)
                  .lanewise(LSHR, shift)
                  .selectFrom(table));
      c4 =
          c4.add(
              ShortVector.fromMemorySegment(SHORTS, ALL, row + 256, LITTLE_ENDIAN)
                  .lanewise(LSHR, shift)
                  .selectFrom(table));
      c5 =
          c5.add(
              ShortVector.fromMemorySegment(SHORTS, ALL, row + 320, LITTLE_ENDIAN)
                  .lanewise(LSHR, shift)
                  .selectFrom(table));
      c6 =
          c6.add(
              ShortVector.fromMemorySegment(SHORTS, ALL, row + 384, LITTLE_ENDIAN)
                  .lanewise(LSHR, shift)
                  .selectFrom(table));
      c7 =
          c7.add(
              ShortVector.fromMemorySegment(SHORTS, ALL, row + 448, LITTLE_ENDIAN)
                  .lanewise(LSHR, shift)
                  .selectFrom(table));
    }
    c0.intoMemorySegment(ALL, y, LITTLE_ENDIAN);
    c1.intoMemorySegment(ALL, y + 64, LITTLE_ENDIAN);
    c2.intoMemorySegment(ALL, y + 128, LITTLE_ENDIAN);
    c3.intoMemorySegment(ALL, y + 192, LITTLE_ENDIAN);
    c4.intoMemorySegment(ALL, y + 256, LITTLE_ENDIAN);
    c5.intoMemorySegment(ALL, y + 320, LITTLE_ENDIAN);
    c6.intoMemorySegment(ALL, y + 384, LITTLE_ENDIAN);
    c7.intoMemorySegment(ALL, y + 448, LITTLE_ENDIAN);
  }

  /** Counts of a panel of two vectors. */
  private static void count2(
      long tables, long places, int first, int end, long names, long counts) {
    long t = tables & ADDRESS;
    long list = places & ADDRESS;
    long w = names & ADDRESS;
    long y = counts & ADDRESS;
    ShortVector c0 = ShortVector.broadcast(SHORTS, 0);
    ShortVector c1 = c0;
    for (int i = first; i < end; i++) {
      int place = ALL.get(Tensor.INT, list + i * 4L);
      int shift = place & 15;
      long row = w + (place >>> 4) * 128L;
      ShortVector table =
          ShortVector.fromMemorySegment(SHORTS, ALL, t + i * (long) TABLE_BYTES, LITTLE_ENDIAN);
      c0 =
          c0.add(
              ShortVector.fromMemorySegment(SHORTS, ALL, row, LITTLE_ENDIAN)
                  .lanewise(LSHR, shift)
                  .selectFrom(table));
      c1 =
          c1.add(
              ShortVector.fromMemorySegment(SHORTS, ALL, row + 64, LITTLE_ENDIAN)
                  .lanewise(LSHR, shift)
                  .selectFrom(table));
    }
    c0.intoMemorySegment(ALL, y, LITTLE_ENDIAN);
    c1.intoMemorySegment(ALL, y + 64, LITTLE_ENDIAN);
  }

  /** {@code y = x - less + factor * count}, of vectors of 16-bit counts without a sign. */
  private static void addCounts(long x, long counts, int vectors, int less, int factor, long y) {
    long from = x & ADDRESS;
    long count = counts & ADDRESS;
    long to = y & ADDRESS;
    for (int i = 0; i < vectors; i++) {
      ShortVector c = ShortVector.fromMemorySegment(SHORTS, ALL, count + i * 64L, LITTLE_ENDIAN);
      long at = i * 128L;
      ((IntVector) c.convertShape(ZERO_EXTEND_S2I, INTS, 0))
          .mul(factor)
          .add(IntVector.fromMemorySegment(INTS, ALL, from + at, LITTLE_ENDIAN))
          .sub(less)
          .intoMemorySegment(ALL, to + at, LITTLE_ENDIAN);
      ((IntVector) c.convertShape(ZERO_EXTEND_S2I, INTS, 1))
          .mul(factor)
          .add(IntVector.fromMemorySegment(INTS, ALL, from + at + 64, LITTLE_ENDIAN))
          .sub(less)
          .intoMemorySegment(ALL, to + at + 64, LITTLE_ENDIAN);
    }
  }
}
