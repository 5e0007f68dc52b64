package org.helu.device.vector.kernel;

import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.reference.ScalarFunctions;
import org.helu.runtime.tensor.Tensor;

/** Element-wise functions of float32; what has no cheap vector form runs the scalar definition. */
public final class ElementwiseKernels {
  private ElementwiseKernels() {}

  /** {@code y = gate(x)} over {@code count} elements. */
  public static void gate(MemorySegment m, long x, long y, long count) {
    long bound = Simd.bound(count);
    for (long i = 0; i < bound; i += Simd.LANES) {
      FloatVector z = FloatVector.fromMemorySegment(Simd.SPECIES, m, x + i * 4, LITTLE_ENDIAN);
      z.blend(0f, z.compare(VectorOperators.LE, 0f)).intoMemorySegment(m, y + i * 4, LITTLE_ENDIAN);
    }
    for (long i = bound; i < count; i++) {
      m.set(Tensor.FLOAT, y + i * 4, Simd.gate(m.get(Tensor.FLOAT, x + i * 4)));
    }
  }

  /** {@code y = kind(x)} over {@code count} elements. */
  public static void unary(
      MemorySegment m, UnaryKind kind, float a, float b, long x, long y, long count) {
    long done = isVectorised(kind) ? Simd.bound(count) : 0;
    switch (kind) {
      case ABS, NEG, SQRT, RECIPROCAL -> simple(m, kind, x, y, done);
      case LEAKY_RELU, CLIP, LINEAR -> parametric(m, kind, a, b, x, y, done);
      case HARD_SIGMOID, HARD_SWISH -> hard(m, kind == UnaryKind.HARD_SWISH, a, b, x, y, done);
      default -> done = 0;
    }
    for (long i = done; i < count; i++) {
      float value = ScalarFunctions.unary(kind, a, b, m.get(Tensor.FLOAT, x + i * 4));
      m.set(Tensor.FLOAT, y + i * 4, value);
    }
  }

  /** Whether {@code kind} has a vector form. */
  public static boolean isVectorised(UnaryKind kind) {
    return switch (kind) {
      case ABS, NEG, SQRT, RECIPROCAL, LEAKY_RELU, CLIP, LINEAR, HARD_SIGMOID, HARD_SWISH -> true;
      default -> false;
    };
  }

  private static void simple(MemorySegment m, UnaryKind kind, long x, long y, long count) {
    FloatVector one = FloatVector.broadcast(Simd.SPECIES, 1f);
    for (long i = 0; i < count; i += Simd.LANES) {
      FloatVector v = FloatVector.fromMemorySegment(Simd.SPECIES, m, x + i * 4, LITTLE_ENDIAN);
      long at = y + i * 4;
      switch (kind) {
        case ABS -> v.abs().intoMemorySegment(m, at, LITTLE_ENDIAN);
        case NEG -> v.neg().intoMemorySegment(m, at, LITTLE_ENDIAN);
        case SQRT -> v.sqrt().intoMemorySegment(m, at, LITTLE_ENDIAN);
        default -> one.div(v).intoMemorySegment(m, at, LITTLE_ENDIAN);
      }
    }
  }

  private static void parametric(
      MemorySegment m, UnaryKind kind, float a, float b, long x, long y, long count) {
    FloatVector va = FloatVector.broadcast(Simd.SPECIES, a);
    FloatVector vb = FloatVector.broadcast(Simd.SPECIES, b);
    for (long i = 0; i < count; i += Simd.LANES) {
      FloatVector v = FloatVector.fromMemorySegment(Simd.SPECIES, m, x + i * 4, LITTLE_ENDIAN);
      long at = y + i * 4;
      switch (kind) {
        case LEAKY_RELU ->
            v.blend(v.mul(va), v.compare(VectorOperators.LT, 0f))
                .intoMemorySegment(m, at, LITTLE_ENDIAN);
        case CLIP -> v.max(va).min(vb).intoMemorySegment(m, at, LITTLE_ENDIAN);
        default -> v.mul(va).add(vb).intoMemorySegment(m, at, LITTLE_ENDIAN);
      }
    }
  }

  private static void hard(
      MemorySegment m, boolean swish, float a, float b, long x, long y, long count) {
    FloatVector slope = FloatVector.broadcast(Simd.SPECIES, swish ? 1f / 6f : a);
    FloatVector shift = FloatVector.broadcast(Simd.SPECIES, swish ? 0.5f : b);
    FloatVector zero = FloatVector.broadcast(Simd.SPECIES, 0f);
    FloatVector one = FloatVector.broadcast(Simd.SPECIES, 1f);
    for (long i = 0; i < count; i += Simd.LANES) {
      FloatVector v = FloatVector.fromMemorySegment(Simd.SPECIES, m, x + i * 4, LITTLE_ENDIAN);
      FloatVector gate = v.mul(slope).add(shift).max(zero).min(one);
      if (swish) {
        gate.mul(v).intoMemorySegment(m, y + i * 4, LITTLE_ENDIAN);
      } else {
        gate.intoMemorySegment(m, y + i * 4, LITTLE_ENDIAN);
      }
    }
  }

  /**
   * {@code y = kind(a, b)} over a box of elements.
   *
   * @param first elements of the outermost axis, in place of {@code extents[0]}
   * @param extents elements per axis, the innermost last
   * @param aStrides in elements, the innermost 0 or 1
   * @param bStrides likewise
   * @param index as many elements as there are axes, for this caller alone
   */
  public static void binary(
      MemorySegment m,
      BinaryKind kind,
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
    boolean aMoves = aStrides[last] != 0;
    boolean bMoves = bStrides[last] != 0;
    long fromA = a;
    long fromB = b;
    long to = y;
    while (true) {
      row(m, kind, fromA, aMoves, fromB, bMoves, to, width);
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

  private static void row(
      MemorySegment m,
      BinaryKind kind,
      long a,
      boolean aMoves,
      long b,
      boolean bMoves,
      long y,
      long count) {
    long bound = kind == BinaryKind.POW || !(aMoves || bMoves) ? 0 : Simd.bound(count);
    if (aMoves && bMoves) {
      both(m, kind, a, b, y, bound);
    } else if (aMoves) {
      left(m, kind, a, b, y, bound);
    } else {
      right(m, kind, a, b, y, bound);
    }
    for (long i = bound; i < count; i++) {
      float left = m.get(Tensor.FLOAT, aMoves ? a + i * 4 : a);
      float right = m.get(Tensor.FLOAT, bMoves ? b + i * 4 : b);
      m.set(Tensor.FLOAT, y + i * 4, ScalarFunctions.binary(kind, left, right));
    }
  }

  /** Both operands step. */
  private static void both(MemorySegment m, BinaryKind kind, long x, long z, long y, long count) {
    for (long i = 0; i < count; i += Simd.LANES) {
      long at = y + i * 4;
      FloatVector a = FloatVector.fromMemorySegment(Simd.SPECIES, m, x + i * 4, LITTLE_ENDIAN);
      FloatVector b = FloatVector.fromMemorySegment(Simd.SPECIES, m, z + i * 4, LITTLE_ENDIAN);
      // Stored in each case: a vector that cases merge into would be boxed.
      switch (kind) {
        case ADD -> a.add(b).intoMemorySegment(m, at, LITTLE_ENDIAN);
        case SUB -> a.sub(b).intoMemorySegment(m, at, LITTLE_ENDIAN);
        case MUL -> a.mul(b).intoMemorySegment(m, at, LITTLE_ENDIAN);
        case DIV -> a.div(b).intoMemorySegment(m, at, LITTLE_ENDIAN);
        case MIN -> a.min(b).intoMemorySegment(m, at, LITTLE_ENDIAN);
        case MAX -> a.max(b).intoMemorySegment(m, at, LITTLE_ENDIAN);
        default -> // PRELU
            a.blend(a.mul(b), a.compare(VectorOperators.LT, 0f))
                .intoMemorySegment(m, at, LITTLE_ENDIAN);
      }
    }
  }

  /** Only the left operand steps. */
  private static void left(MemorySegment m, BinaryKind kind, long x, long z, long y, long count) {
    FloatVector b = FloatVector.broadcast(Simd.SPECIES, m.get(Tensor.FLOAT, z));
    for (long i = 0; i < count; i += Simd.LANES) {
      long at = y + i * 4;
      FloatVector a = FloatVector.fromMemorySegment(Simd.SPECIES, m, x + i * 4, LITTLE_ENDIAN);
      // Stored in each case: a vector that cases merge into would be boxed.
      switch (kind) {
        case ADD -> a.add(b).intoMemorySegment(m, at, LITTLE_ENDIAN);
        case SUB -> a.sub(b).intoMemorySegment(m, at, LITTLE_ENDIAN);
        case MUL -> a.mul(b).intoMemorySegment(m, at, LITTLE_ENDIAN);
        case DIV -> a.div(b).intoMemorySegment(m, at, LITTLE_ENDIAN);
        case MIN -> a.min(b).intoMemorySegment(m, at, LITTLE_ENDIAN);
        case MAX -> a.max(b).intoMemorySegment(m, at, LITTLE_ENDIAN);
        default -> // PRELU
            a.blend(a.mul(b), a.compare(VectorOperators.LT, 0f))
                .intoMemorySegment(m, at, LITTLE_ENDIAN);
      }
    }
  }

  /** Only the right operand steps. */
  private static void right(MemorySegment m, BinaryKind kind, long x, long z, long y, long count) {
    FloatVector a = FloatVector.broadcast(Simd.SPECIES, m.get(Tensor.FLOAT, x));
    for (long i = 0; i < count; i += Simd.LANES) {
      long at = y + i * 4;
      FloatVector b = FloatVector.fromMemorySegment(Simd.SPECIES, m, z + i * 4, LITTLE_ENDIAN);
      // Stored in each case: a vector that cases merge into would be boxed.
      switch (kind) {
        case ADD -> a.add(b).intoMemorySegment(m, at, LITTLE_ENDIAN);
        case SUB -> a.sub(b).intoMemorySegment(m, at, LITTLE_ENDIAN);
        case MUL -> a.mul(b).intoMemorySegment(m, at, LITTLE_ENDIAN);
        case DIV -> a.div(b).intoMemorySegment(m, at, LITTLE_ENDIAN);
        case MIN -> a.min(b).intoMemorySegment(m, at, LITTLE_ENDIAN);
        case MAX -> a.max(b).intoMemorySegment(m, at, LITTLE_ENDIAN);
        default -> // PRELU
            a.blend(a.mul(b), a.compare(VectorOperators.LT, 0f))
                .intoMemorySegment(m, at, LITTLE_ENDIAN);
      }
    }
  }
}
