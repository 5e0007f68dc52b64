package org.helu.device.vector.kernel;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;
import static org.helu.device.vector.kernel.Simd.ADDRESS;
import static org.helu.device.vector.kernel.Simd.ALL;
import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;
import static org.helu.device.vector.kernel.Simd.OFFSET;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * {@link SubsetSums} in bytes: of four inputs the sums of all 16 subsets fill a vector of 128 bits,
 * from which one instruction (pshufb) takes those of 16 columns. A code's halves of four bits have
 * tables of their own, so that sums of four groups fit a byte: {@code c = low + 16 * high}.
 *
 * <p>Of a table of 256 bits x86 takes nothing across its halves before AVX-512. Addresses are
 * absolute in inner loops, as in {@link BitTiles}.
 */
final class NibbleKernels {
  private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_128;
  private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_128;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_256;

  private static final int UNIT = NibblePanels.UNIT;

  /** Bytes of a unit's tables: low and high of its first four inputs, then of the others. */
  private static final int TABLES_BYTES = 64;

  /** Bytes of a vector's counts: all and upper ones, low and high. */
  private static final int COUNTS_BYTES = 64;

  /** Pairs of units whose sums of halves fit 16 bits: {@code 273 * 16 * 15 < 2^16}. */
  private static final int MOST_PAIRS = 273;

  /** Every second byte of a word, and what adds up four numbers of 16 bits. */
  private static final long BYTES_OF_SHORTS = 0x00ff00ff00ff00ffL;

  private static final long SUM_OF_SHORTS = 0x0001000100010001L;

  /** The lower half of each of a unit's codes. */
  private static final byte[] LOW = new byte[BYTES.length()];

  /** Of each pair of a unit's codes the lanes of two summands of all four subsets. */
  private static final byte[][] OF_PAIR = new byte[2][BYTES.length()];

  /** Of each two pairs' sums the lanes of two summands of all 16 subsets. */
  private static final byte[][] OF_FIRST = new byte[2][BYTES.length()];

  private static final byte[][] OF_SECOND = new byte[2][BYTES.length()];

  static {
    for (int lane = 0; lane < BYTES.length(); lane++) {
      LOW[lane] = (byte) (lane < UNIT ? 15 : 0);
      int pair = lane / 4;
      // The lane behind the codes is 0.
      OF_PAIR[0][lane] = (byte) ((lane & 1) == 0 ? UNIT : 2 * pair);
      OF_PAIR[1][lane] = (byte) ((lane & 2) == 0 ? UNIT : 2 * pair + 1);
      OF_FIRST[0][lane] = (byte) (lane % 4);
      OF_FIRST[1][lane] = (byte) (4 + lane / 4);
      OF_SECOND[0][lane] = (byte) (8 + lane % 4);
      OF_SECOND[1][lane] = (byte) (12 + lane / 4);
    }
  }

  private NibbleKernels() {}

  // Scratch: listed codes, places and tables, with a unit of zeros behind them; a panel's counts.

  static long scratchBytes(NibblePanels panels) {
    return counts(panels) + NibblePanels.VECTORS * COUNTS_BYTES;
  }

  private static long places(NibblePanels panels) {
    // The last codes are read as whole vectors.
    return TensorType.align((panels.units + 2L) * UNIT);
  }

  private static long tables(NibblePanels panels) {
    return places(panels) + TensorType.align((panels.units + 1) * 4L);
  }

  private static long counts(NibblePanels panels) {
    return tables(panels) + (panels.units + 1L) * TABLES_BYTES;
  }

  /** See {@link SubsetSums#sum}. */
  static void sum(
      NibblePanels panels,
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
    long places = codes + places(panels);
    long tables = codes + tables(panels);
    long counts = codes + counts(panels);
    int pairs = listUnits(m.address() + x, panels.inputs, codes, places) + 1 >> 1;
    int all = panels.step * writeTables(codes, 2 * pairs, tables);
    long vectorBytes = (long) panels.units * NibblePanels.LANES;
    for (int panel = panelFrom; panel < panelTo; panel++) {
      long names = w.address() + panels.offset(panel);
      long to = m.address() + sums + panel * (Columns.BLOCK * 4L);
      long from = w.address() + panels.constants(panel);
      int less = all;
      int first = 0;
      do {
        int end = Math.min(pairs, first + MOST_PAIRS);
        for (int i = 0; i < NibblePanels.VECTORS; i++) {
          count(tables, places, first, end, names + i * vectorBytes, counts + i * COUNTS_BYTES);
        }
        addCounts(from, counts, less, 2 * panels.step, to);
        from = to;
        less = 0;
        first = end;
      } while (first < pairs);
    }
  }

  /**
   * Lists the units that hold a code other than 0, their codes and their places in the names;
   * returns their number. A unit of zeros follows them.
   */
  private static int listUnits(long x, int count, long codes, long places) {
    long from = x & ADDRESS;
    long to = codes & ADDRESS;
    long list = places & ADDRESS;
    int units = 0;
    int left = count % UNIT;
    for (int i = 0; i < count - left; i += UNIT) {
      long unit = ALL.get(Tensor.LONG, from + i);
      // Written over where it is not listed.
      ALL.set(Tensor.LONG, to + (units & OFFSET) * UNIT, unit);
      ALL.set(Tensor.INT, list + (units & OFFSET) * 4, i / UNIT * NibblePanels.LANES);
      units += unit == 0 ? 0 : 1;
    }
    if (left > 0) {
      long unit = ALL.get(Tensor.LONG, from + (count - left)) & (1L << left * 8) - 1;
      ALL.set(Tensor.LONG, to + (units & OFFSET) * UNIT, unit);
      ALL.set(Tensor.INT, list + (units & OFFSET) * 4, (count - left) / UNIT * NibblePanels.LANES);
      units += unit == 0 ? 0 : 1;
    }
    ALL.set(Tensor.LONG, to + (units & OFFSET) * UNIT, 0);
    ALL.set(Tensor.INT, list + (units & OFFSET) * 4, 0);
    return units;
  }

  /** Writes the tables of listed units; returns the sum of all codes. */
  private static int writeTables(long codes, int units, long tables) {
    long from = codes & ADDRESS;
    long to = tables & ADDRESS;
    ByteVector low = ByteVector.fromArray(BYTES, LOW, 0);
    ByteVector pair0 = ByteVector.fromArray(BYTES, OF_PAIR[0], 0);
    ByteVector pair1 = ByteVector.fromArray(BYTES, OF_PAIR[1], 0);
    ByteVector first0 = ByteVector.fromArray(BYTES, OF_FIRST[0], 0);
    ByteVector first1 = ByteVector.fromArray(BYTES, OF_FIRST[1], 0);
    ByteVector second0 = ByteVector.fromArray(BYTES, OF_SECOND[0], 0);
    ByteVector second1 = ByteVector.fromArray(BYTES, OF_SECOND[1], 0);
    int sum = 0;
    for (int i = 0; i < units; i++) {
      long table = to + i * (long) TABLES_BYTES;
      ByteVector unit =
          ByteVector.fromMemorySegment(BYTES, ALL, from + i * (long) UNIT, LITTLE_ENDIAN);
      ByteVector lows = unit.and(low);
      ByteVector highs = unit.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsBytes().and(low);
      ByteVector lowPairs = pair0.selectFrom(lows).add(pair1.selectFrom(lows));
      ByteVector highPairs = pair0.selectFrom(highs).add(pair1.selectFrom(highs));
      first0
          .selectFrom(lowPairs)
          .add(first1.selectFrom(lowPairs))
          .intoMemorySegment(ALL, table, LITTLE_ENDIAN);
      first0
          .selectFrom(highPairs)
          .add(first1.selectFrom(highPairs))
          .intoMemorySegment(ALL, table + 16, LITTLE_ENDIAN);
      second0
          .selectFrom(lowPairs)
          .add(second1.selectFrom(lowPairs))
          .intoMemorySegment(ALL, table + 32, LITTLE_ENDIAN);
      second0
          .selectFrom(highPairs)
          .add(second1.selectFrom(highPairs))
          .intoMemorySegment(ALL, table + 48, LITTLE_ENDIAN);
      long word = ALL.get(Tensor.LONG, from + i * (long) UNIT);
      long shorts = (word & BYTES_OF_SHORTS) + (word >>> 8 & BYTES_OF_SHORTS);
      sum += (int) (shorts * SUM_OF_SHORTS >>> 48);
    }
    return sum;
  }

  /**
   * Counts of 16 columns over the pairs {@code first..end-1} of listed units, in lanes of 16 bits:
   * those of both bytes of a lane together, whose upper bits are lost, and those of the upper byte.
   */
  private static void count(long tables, long places, int first, int end, long names, long counts) {
    long t = tables & ADDRESS;
    long list = places & ADDRESS;
    long w = names & ADDRESS;
    long y = counts & ADDRESS;
    ShortVector low = ShortVector.broadcast(SHORTS, 0);
    ShortVector upperLow = low;
    ShortVector high = low;
    ShortVector upperHigh = low;
    for (int i = first; i < end; i++) {
      long pair = ALL.get(Tensor.LONG, list + i * 8L);
      long table = t + i * (2L * TABLES_BYTES);
      ByteVector names0 =
          ByteVector.fromMemorySegment(BYTES, ALL, w + (pair & OFFSET), LITTLE_ENDIAN);
      ByteVector names2 =
          ByteVector.fromMemorySegment(BYTES, ALL, w + (pair >>> 32 & OFFSET), LITTLE_ENDIAN);
      // In lanes of 32 bits, whose shift is one instruction: what it moves over is not looked at.
      ByteVector names1 = names0.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsBytes();
      ByteVector names3 = names2.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsBytes();
      ShortVector lows =
          names0
              .selectFrom(ByteVector.fromMemorySegment(BYTES, ALL, table, LITTLE_ENDIAN))
              .add(
                  names1.selectFrom(
                      ByteVector.fromMemorySegment(BYTES, ALL, table + 32, LITTLE_ENDIAN)))
              .add(
                  names2.selectFrom(
                      ByteVector.fromMemorySegment(BYTES, ALL, table + 64, LITTLE_ENDIAN)))
              .add(
                  names3.selectFrom(
                      ByteVector.fromMemorySegment(BYTES, ALL, table + 96, LITTLE_ENDIAN)))
              .reinterpretAsShorts();
      ShortVector highs =
          names0
              .selectFrom(ByteVector.fromMemorySegment(BYTES, ALL, table + 16, LITTLE_ENDIAN))
              .add(
                  names1.selectFrom(
                      ByteVector.fromMemorySegment(BYTES, ALL, table + 48, LITTLE_ENDIAN)))
              .add(
                  names2.selectFrom(
                      ByteVector.fromMemorySegment(BYTES, ALL, table + 80, LITTLE_ENDIAN)))
              .add(
                  names3.selectFrom(
                      ByteVector.fromMemorySegment(BYTES, ALL, table + 112, LITTLE_ENDIAN)))
              .reinterpretAsShorts();
      low = low.add(lows);
      upperLow = upperLow.add(lows.lanewise(LSHR, 8));
      high = high.add(highs);
      upperHigh = upperHigh.add(highs.lanewise(LSHR, 8));
    }
    low.intoMemorySegment(ALL, y, LITTLE_ENDIAN);
    upperLow.intoMemorySegment(ALL, y + 16, LITTLE_ENDIAN);
    high.intoMemorySegment(ALL, y + 32, LITTLE_ENDIAN);
    upperHigh.intoMemorySegment(ALL, y + 48, LITTLE_ENDIAN);
  }

  /** {@code y = x - less + factor * (low + 16 * high)}, of a panel. */
  private static void addCounts(long x, long counts, int less, int factor, long y) {
    long from = x & ADDRESS;
    long count = counts & ADDRESS;
    long to = y & ADDRESS;
    for (int i = 0; i < NibblePanels.VECTORS; i++) {
      long at = i * (NibblePanels.LANES * 4L);
      long half = at + NibblePanels.LANES * 2L;
      ShortVector low = ShortVector.fromMemorySegment(SHORTS, ALL, count + at, LITTLE_ENDIAN);
      ShortVector upperLow =
          ShortVector.fromMemorySegment(SHORTS, ALL, count + at + 16, LITTLE_ENDIAN);
      ShortVector high = ShortVector.fromMemorySegment(SHORTS, ALL, count + at + 32, LITTLE_ENDIAN);
      ShortVector upperHigh =
          ShortVector.fromMemorySegment(SHORTS, ALL, count + at + 48, LITTLE_ENDIAN);
      ((IntVector) high.sub(upperHigh.lanewise(LSHL, 8)).convertShape(ZERO_EXTEND_S2I, INTS, 0))
          .lanewise(LSHL, 4)
          .add(low.sub(upperLow.lanewise(LSHL, 8)).convertShape(ZERO_EXTEND_S2I, INTS, 0))
          .mul(factor)
          .add(IntVector.fromMemorySegment(INTS, ALL, from + at, LITTLE_ENDIAN))
          .sub(less)
          .intoMemorySegment(ALL, to + at, LITTLE_ENDIAN);
      ((IntVector) upperHigh.convertShape(ZERO_EXTEND_S2I, INTS, 0))
          .lanewise(LSHL, 4)
          .add(upperLow.convertShape(ZERO_EXTEND_S2I, INTS, 0))
          .mul(factor)
          .add(IntVector.fromMemorySegment(INTS, ALL, from + half, LITTLE_ENDIAN))
          .sub(less)
          .intoMemorySegment(ALL, to + half, LITTLE_ENDIAN);
    }
  }
}
