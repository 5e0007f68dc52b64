package org.helu.device.vector.kernel;

import static org.helu.device.vector.kernel.Simd.ADDRESS;
import static org.helu.device.vector.kernel.Simd.ALL;
import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.helu.runtime.tensor.Tensor;

/**
 * Gate masks and what is made of them. A gate stores +0 where it is closed, so its bit is {@code
 * magnitude != 0} (NaN included): a mask is read off the magnitudes, which costs one compare per
 * vector, and works for any other activation that holds zeros.
 */
public final class OpenGates {
  private OpenGates() {}

  /** Bits of up to 64 elements from byte offset {@code x}; the tail is zero. */
  static long word(MemorySegment m, long x, int count) {
    long bits = 0;
    int i = 0;
    for (; i + Simd.LANES <= count; i += Simd.LANES) {
      long lanes =
          FloatVector.fromMemorySegment(Simd.SPECIES, m, x + i * 4L, LITTLE_ENDIAN)
              .compare(VectorOperators.NE, 0f)
              .toLong();
      bits |= lanes << i;
    }
    for (; i < count; i++) {
      bits |= (m.get(Tensor.FLOAT, x + i * 4L) != 0 ? 1L : 0L) << i;
    }
    return bits;
  }

  /** Writes the packed mask of {@code rows} rows of {@code channels} magnitudes. */
  public static void writeMask(MemorySegment m, long x, long rows, int channels, long mask) {
    long at = mask;
    for (long row = 0; row < rows; row++) {
      long from = x + row * channels * 4L;
      for (int c = 0; c < channels; c += 64) {
        m.set(Tensor.LONG, at, word(m, from + c * 4L, Math.min(64, channels - c)));
        at += 8;
      }
    }
  }

  /** How many of {@code count} elements are not 0. */
  public static int countOpen(MemorySegment m, long x, int count) {
    int open = 0;
    for (int i = 0; i < count; i += 64) {
      open += Long.bitCount(word(m, x + i * 4L, Math.min(64, count - i)));
    }
    return open;
  }

  /** Chunks of a row of {@code count} elements. */
  public static int chunks(int count, int chunk) {
    return Math.max(1, Math.ceilDiv(count, chunk));
  }

  /**
   * Writes the indices (int32, ascending) of the elements that are not 0.
   *
   * @param list byte offset of their list, of {@code count} elements
   * @param chunk elements of a chunk
   * @param starts byte offset of {@code chunks + 1} int32: where in the list each chunk's indices
   *     begin, and how many there are
   */
  public static void list(MemorySegment m, long x, int count, long list, int chunk, long starts) {
    Objects.checkFromIndexSize(x, count * 4L, m.byteSize());
    Objects.checkFromIndexSize(list, count * 4L, m.byteSize());
    int listed = 0;
    long start = starts;
    for (int first = 0; first < count; first += chunk) {
      m.set(Tensor.INT, start, listed);
      start += 4;
      int end = Math.min(count, first + chunk);
      listed =
          Simd.LANES == 16
              ? compress(m, x, first, end, list, listed)
              : walk(m, x, first, end, list, listed);
    }
    m.set(Tensor.INT, starts + chunks(count, chunk) * 4L, listed);
  }

  /** Lists elements {@code first..end - 1} behind those listed; returns how many are then. */
  private static int walk(MemorySegment m, long x, int first, int end, long list, int listed) {
    int open = listed;
    for (int i = first; i < end; i += 64) {
      long bits = word(m, x + i * 4L, Math.min(64, end - i));
      while (bits != 0) {
        m.set(Tensor.INT, list + open * 4L, i + Long.numberOfTrailingZeros(bits));
        open++;
        bits &= bits - 1;
      }
    }
    return open;
  }

  /** Likewise, without a branch for each element; not every machine has an instruction for it. */
  private static int compress(MemorySegment m, long x, int first, int end, long list, int listed) {
    long from = m.address() + x & ADDRESS;
    long to = m.address() + list & ADDRESS;
    int open = listed;
    int whole = end - (end - first) % Simd.LANES;
    IntVector lanes = IntVector.broadcast(Ints.SPECIES, 0).addIndex(1);
    for (int i = first; i < whole; i += Simd.LANES) {
      VectorMask<Integer> mask =
          FloatVector.fromMemorySegment(Simd.SPECIES, ALL, from + i * 4L, LITTLE_ENDIAN)
              .compare(VectorOperators.NE, 0f)
              .cast(Ints.SPECIES);
      // Whole vectors are written: what lies behind the last index is written over, or unused.
      lanes.add(i).compress(mask).intoMemorySegment(ALL, to + open * 4L, LITTLE_ENDIAN);
      open += mask.trueCount();
    }
    for (int i = whole; i < end; i++) {
      ALL.set(Tensor.INT, to + open * 4L, i);
      open += ALL.get(Tensor.FLOAT, from + i * 4L) != 0 ? 1 : 0;
    }
    return open;
  }
}
