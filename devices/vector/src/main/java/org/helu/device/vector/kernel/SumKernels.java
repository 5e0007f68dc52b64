package org.helu.device.vector.kernel;

import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.IntVector;
import org.helu.runtime.tensor.Tensor;

/** Sums of 32-bit integers with broadcasting. */
public final class SumKernels {
  private SumKernels() {}

  /**
   * {@code y[i0,i1,...] = a[sum i_k * aStrides_k] + b[sum i_k * bStrides_k]}.
   *
   * @param first elements of the outermost axis, in place of {@code extents[0]}
   * @param extents elements per axis, the innermost last
   * @param aStrides in elements, 0 where a is repeated; likewise {@code bStrides}
   * @param index as many elements as there are axes, for this caller alone
   */
  public static void add(
      MemorySegment m,
      long first,
      long[] extents,
      long a,
      long[] aStrides,
      long b,
      long[] bStrides,
      long y,
      long[] index) {
    int last = extents.length - 1;
    long width = last == 0 ? first : extents[last];
    Arrays.fill(index, 0);
    long fromA = a;
    long fromB = b;
    long to = y;
    while (true) {
      row(m, fromA, aStrides[last], fromB, bStrides[last], to, width);
      to += width * 4;
      int axis = last - 1;
      for (; axis >= 0; axis--) {
        fromA += aStrides[axis] * 4;
        fromB += bStrides[axis] * 4;
        if (++index[axis] < (axis == 0 ? first : extents[axis])) {
          break;
        }
        fromA -= aStrides[axis] * 4 * index[axis];
        fromB -= bStrides[axis] * 4 * index[axis];
        index[axis] = 0;
      }
      if (axis < 0) {
        return;
      }
    }
  }

  /** One row; of broadcast operands the innermost stride is 0 or 1. */
  private static void row(
      MemorySegment m, long a, long aStride, long b, long bStride, long y, long width) {
    long bound = aStride + bStride > 0 ? Simd.bound(width) : 0;
    if (aStride == 0) {
      addScalar(m, b, a, y, bound);
    } else if (bStride == 0) {
      addScalar(m, a, b, y, bound);
    } else {
      for (long i = 0; i < bound; i += Simd.LANES) {
        IntVector.fromMemorySegment(Ints.SPECIES, m, a + i * 4, LITTLE_ENDIAN)
            .add(IntVector.fromMemorySegment(Ints.SPECIES, m, b + i * 4, LITTLE_ENDIAN))
            .intoMemorySegment(m, y + i * 4, LITTLE_ENDIAN);
      }
    }
    for (long i = bound; i < width; i++) {
      int sum = m.get(Tensor.INT, a + i * aStride * 4) + m.get(Tensor.INT, b + i * bStride * 4);
      m.set(Tensor.INT, y + i * 4, sum);
    }
  }

  private static void addScalar(MemorySegment m, long x, long scalar, long y, long count) {
    IntVector addend =
        count > 0
            ? IntVector.broadcast(Ints.SPECIES, m.get(Tensor.INT, scalar))
            : IntVector.broadcast(Ints.SPECIES, 0);
    for (long i = 0; i < count; i += Simd.LANES) {
      IntVector.fromMemorySegment(Ints.SPECIES, m, x + i * 4, LITTLE_ENDIAN)
          .add(addend)
          .intoMemorySegment(m, y + i * 4, LITTLE_ENDIAN);
    }
  }
}
