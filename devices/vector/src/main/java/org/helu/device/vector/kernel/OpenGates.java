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

  /** Writes the indices (int32, ascending) of the elements that are not 0; returns their number. */
  public static int list(MemorySegment m, long x, int count, long list) {
    if (Simd.LANES == 16) {
      return compress(m, x, count, list);
    }
    long at = list;
    for (int i = 0; i < count; i += 64) {
      long bits = word(m, x + i * 4L, Math.min(64, count - i));
      while (bits != 0) {
        m.set(Tensor.INT, at, i + Long.numberOfTrailingZeros(bits));
        at += 4;
        bits &= bits - 1;
      }
    }
    return (int) ((at - list) >> 2);
  }

  /** Likewise, without a branch for each element; not every machine has an instruction for it. */
  private static int compress(MemorySegment m, long x, int count, long list) {
    Objects.checkFromIndexSize(x, count * 4L, m.byteSize());
    Objects.checkFromIndexSize(list, count * 4L, m.byteSize());
    long from = m.address() + x & ADDRESS;
    long to = m.address() + list & ADDRESS;
    int open = 0;
    int whole = (int) Simd.bound(count);
    IntVector lanes = IntVector.broadcast(Ints.SPECIES, 0).addIndex(1);
    for (int i = 0; i < whole; i += Simd.LANES) {
      VectorMask<Integer> mask =
          FloatVector.fromMemorySegment(Simd.SPECIES, ALL, from + i * 4L, LITTLE_ENDIAN)
              .compare(VectorOperators.NE, 0f)
              .cast(Ints.SPECIES);
      // Whole vectors are written: what lies behind the last index is written over, or unused.
      lanes.add(i).compress(mask).intoMemorySegment(ALL, to + open * 4L, LITTLE_ENDIAN);
      open += mask.trueCount();
    }
    for (int i = whole; i < count; i++) {
      ALL.set(Tensor.INT, to + open * 4L, i);
      open += ALL.get(Tensor.FLOAT, from + i * 4L) != 0 ? 1 : 0;
    }
    return open;
  }
}
