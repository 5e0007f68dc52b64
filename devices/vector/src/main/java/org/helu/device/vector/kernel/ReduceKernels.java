package org.helu.device.vector.kernel;

import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.tensor.Tensor;

/** Reductions of neighbouring axes, and softmax. */
public final class ReduceKernels {
  private ReduceKernels() {}

  /** {@code y[o, i] = reduction over r of x[o, r, i]}; MEAN, SUM, MAX or MIN. */
  public static void reduce(
      MemorySegment m, ReduceKind kind, long x, long outer, long size, long inner, long y) {
    for (long o = 0; o < outer; o++) {
      long from = x + o * size * inner * 4;
      long to = y + o * inner * 4;
      long bound = Simd.bound(inner);
      for (long i = 0; i < bound; i += Simd.LANES) {
        column(m, kind, from + i * 4, size, inner * 4, to + i * 4);
      }
      for (long i = bound; i < inner; i++) {
        float value = scalarColumn(m, kind, from + i * 4, size, inner * 4);
        m.set(Tensor.FLOAT, to + i * 4, value);
      }
    }
  }

  private static void column(
      MemorySegment m, ReduceKind kind, long x, long size, long stride, long y) {
    switch (kind) {
      case MAX -> {
        FloatVector best = FloatVector.broadcast(Simd.SPECIES, Float.NEGATIVE_INFINITY);
        for (long r = 0; r < size; r++) {
          best =
              best.max(
                  FloatVector.fromMemorySegment(Simd.SPECIES, m, x + r * stride, LITTLE_ENDIAN));
        }
        best.intoMemorySegment(m, y, LITTLE_ENDIAN);
      }
      case MIN -> {
        FloatVector best = FloatVector.broadcast(Simd.SPECIES, Float.POSITIVE_INFINITY);
        for (long r = 0; r < size; r++) {
          best =
              best.min(
                  FloatVector.fromMemorySegment(Simd.SPECIES, m, x + r * stride, LITTLE_ENDIAN));
        }
        best.intoMemorySegment(m, y, LITTLE_ENDIAN);
      }
      default -> {
        FloatVector sum = FloatVector.broadcast(Simd.SPECIES, 0f);
        for (long r = 0; r < size; r++) {
          sum =
              sum.add(
                  FloatVector.fromMemorySegment(Simd.SPECIES, m, x + r * stride, LITTLE_ENDIAN));
        }
        FloatVector divisor =
            FloatVector.broadcast(Simd.SPECIES, kind == ReduceKind.MEAN ? (float) size : 1f);
        sum.div(divisor).intoMemorySegment(m, y, LITTLE_ENDIAN);
      }
    }
  }

  private static float scalarColumn(
      MemorySegment m, ReduceKind kind, long x, long size, long stride) {
    float result = initial(kind);
    long at = x;
    for (long r = 0; r < size; r++) {
      float value = m.get(Tensor.FLOAT, at);
      result =
          switch (kind) {
            case MAX -> Math.max(result, value);
            case MIN -> Math.min(result, value);
            default -> result + value;
          };
      at += stride;
    }
    return kind == ReduceKind.MEAN ? result / size : result;
  }

  private static float initial(ReduceKind kind) {
    return switch (kind) {
      case MAX -> Float.NEGATIVE_INFINITY;
      case MIN -> Float.POSITIVE_INFINITY;
      default -> 0f;
    };
  }

  /** Softmax over the middle of {@code [outer, size, inner]}, in double as the reference does. */
  public static void softmax(
      MemorySegment m, boolean log, long x, long outer, long size, long inner, long y) {
    long stride = inner * 4;
    for (long row = 0; row < outer * inner; row++) {
      long base = (row / inner * inner * size + row % inner) * 4;
      double max = Double.NEGATIVE_INFINITY;
      for (long i = 0; i < size; i++) {
        max = Math.max(max, m.get(Tensor.FLOAT, x + base + i * stride));
      }
      double sum = 0;
      for (long i = 0; i < size; i++) {
        sum += Math.exp(m.get(Tensor.FLOAT, x + base + i * stride) - max);
      }
      double logSum = log ? Math.log(sum) : 0;
      for (long i = 0; i < size; i++) {
        double shifted = m.get(Tensor.FLOAT, x + base + i * stride) - max;
        double value = log ? shifted - logSum : Math.exp(shifted) / sum;
        m.set(Tensor.FLOAT, y + base + i * stride, (float) value);
      }
    }
  }
}
