package org.helu.device.testkit;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.reference.ReferenceKernels;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/**
 * How far a device's result may be from the reference's, per op and in one place.
 *
 * <p>Both sides round. A sum of {@code n} products in any order, with or without fused
 * multiply-add, is off by at most {@code n u sum|a b|} to first order, {@code u = 2^-24} (Higham,
 * <i>Accuracy and Stability of Numerical Algorithms</i>, 3.1): two such sums differ by at most
 * twice that. Ops that only move, select or compare have no rounding and no tolerance.
 */
final class Tolerance {
  /** Twice the unit round-off: what two correctly rounded results of one sum step may differ by. */
  private static final double EPSILON = 0x1p-23;

  private Tolerance() {}

  /** How results are compared. */
  enum Rule {
    /** Every bit, NaN payloads included. */
    BITS,
    /** Equal numbers: any NaN equals any NaN, -0 equals 0. */
    VALUE,
    /** Within {@link Tolerance#bounds}. */
    BOUNDED
  }

  /** The rule for an op. */
  static Rule rule(DeviceOp op) {
    return switch (op) {
      case DeviceOp.Dense _, DeviceOp.Conv2d _, DeviceOp.BatchMatMul _ -> Rule.BOUNDED;
      case DeviceOp.Softmax _, DeviceOp.LayerNorm _ -> Rule.BOUNDED;
      case DeviceOp.Pool2d pool -> pool.kind() == PoolKind.MAX ? Rule.VALUE : Rule.BOUNDED;
      case DeviceOp.Reduce reduce ->
          reduce.kind() == ReduceKind.MAX || reduce.kind() == ReduceKind.MIN
              ? Rule.VALUE
              : Rule.BOUNDED;
      case DeviceOp.Unary unary -> ulps(unary.kind()) == 0 ? Rule.VALUE : Rule.BOUNDED;
      // IEEE 754 rounds each of these once, everywhere; only powers are computed in steps.
      case DeviceOp.Binary binary -> binary.kind() == BinaryKind.POW ? Rule.BOUNDED : Rule.VALUE;
      case DeviceOp.Cast _ -> Rule.VALUE;
      case DeviceOp.Gate _, DeviceOp.Where _, DeviceOp.Reshape _, DeviceOp.Transpose _ -> Rule.BITS;
      // Integers, and floats of which each operation is rounded once: the same bits everywhere.
      case IntegerOp _ -> Rule.BITS;
      case DeviceOp.Concat _, DeviceOp.Slice _, DeviceOp.Pad _, DeviceOp.Gather _ -> Rule.BITS;
    };
  }

  /**
   * Units in the last place that an element-wise function may be off, relative to the terms it is
   * made of: 0 for selections and single operations, a few for a formula's own rounding steps, more
   * for what GPUs and vector libraries approximate (OpenCL C, section 7.4, grants 4 for exp, 5 for
   * tanh, 16 for erf).
   */
  private static int ulps(UnaryKind kind) {
    return switch (kind) {
      case ABS, NEG, SIGN, FLOOR, CEIL, ROUND, CLIP, NOT -> 0;
      case LEAKY_RELU -> 0;
      case SQRT, RECIPROCAL, LINEAR, HARD_SIGMOID, HARD_SWISH, SOFTSIGN -> 4;
      case EXP, LOG, SIGMOID, TANH, SOFTPLUS, ELU, SELU, SWISH, MISH -> 16;
      case ERF, GELU, GELU_TANH -> 32;
    };
  }

  /**
   * The largest allowed absolute difference per element of a {@link Rule#BOUNDED} op's output;
   * infinite where finite operands overflow, since then the order of summation decides.
   */
  static double[] bounds(DeviceOp op, List<Tensor> operands, Tensor expected) {
    int count = Math.toIntExact(expected.elements());
    double[] bounds = new double[count];
    switch (op) {
      case DeviceOp.Conv2d conv
          when conv.groups() == 1 && conv.window().allowsMinimalFiltering() -> {
        // Such errors are relative to all inputs of a tile: docs/numerics.md has the bound.
        List<Tensor> largest = new ArrayList<>(absolute(operands));
        largest.set(0, largestNearby(largest.getFirst()));
        Tensor sums = ReferenceKernels.evaluate(withoutEpilogue(op), largest);
        double terms = terms(op, operands);
        for (int i = 0; i < count; i++) {
          bounds[i] = (1.5 * terms + 64) * (EPSILON * sums.getFloat(i) + 0x1p-148);
        }
      }
      case DeviceOp.Dense _, DeviceOp.Conv2d _, DeviceOp.BatchMatMul _, DeviceOp.Pool2d _ -> {
        Tensor sums = ReferenceKernels.evaluate(withoutEpilogue(op), absolute(operands));
        double terms = terms(op, operands);
        for (int i = 0; i < count; i++) {
          // The second term: products below the normal range are rounded to multiples of 2^-149.
          bounds[i] = (terms + 4) * (EPSILON * sums.getFloat(i) + 0x1p-148);
        }
      }
      case DeviceOp.Reduce reduce -> {
        double terms = 4;
        for (int axis : reduce.axes()) {
          terms += operands.get(0).shape().dim(axis);
        }
        terms *= Math.max(1, operands.get(0).elements() / (double) Math.max(1, count));
        Tensor sums = ReferenceKernels.evaluate(op, absolute(operands));
        for (int i = 0; i < count; i++) {
          bounds[i] = terms * (EPSILON * sums.getFloat(i) + 0x1p-148);
        }
      }
      case DeviceOp.Softmax softmax -> softmaxBounds(softmax, operands.get(0), expected, bounds);
      case DeviceOp.LayerNorm norm -> layerNormBounds(norm, operands, expected, bounds);
      case DeviceOp.Unary unary -> {
        for (int i = 0; i < count; i++) {
          // Formulas such as GELU's x/2 (1 + erf x) cancel: their error is relative to x, a and b.
          double x = finite(operands.get(0).getFloat(i));
          double scale = Math.abs(finite(expected.getFloat(i)));
          if (unary.kind() != UnaryKind.EXP && unary.kind() != UnaryKind.RECIPROCAL) {
            scale += Math.abs(x) * Math.max(1, Math.abs(unary.a())) + Math.abs(unary.b());
          }
          bounds[i] = ulps(unary.kind()) * (EPSILON * scale + 0x1p-148);
        }
      }
      default -> {
        for (int i = 0; i < count; i++) {
          bounds[i] = 16 * (EPSILON * Math.abs(finite(expected.getFloat(i))) + 0x1p-148);
        }
      }
    }
    return bounds;
  }

  /** Each element's greatest neighbour of its channel, no farther than a tile is wide. */
  private static Tensor largestNearby(Tensor x) {
    Window near = new Window(7, 7, 1, 1, 1, 1, 3, 3, 3, 3);
    DeviceOp pool = new DeviceOp.Pool2d(PoolKind.MAX, near, false);
    return ReferenceKernels.evaluate(pool, List.of(x));
  }

  /** The op without gate, whose result decides how near a gate is to closing. */
  static DeviceOp withoutEpilogue(DeviceOp op) {
    return switch (op) {
      case DeviceOp.Dense dense -> new DeviceOp.Dense(dense.bias(), dense.residual(), List.of());
      case DeviceOp.Conv2d conv ->
          new DeviceOp.Conv2d(
              conv.window(), conv.groups(), conv.bias(), conv.residual(), List.of());
      default -> op;
    };
  }

  private static double terms(DeviceOp op, List<Tensor> operands) {
    return switch (op) {
      case DeviceOp.Dense _ -> operands.get(1).shape().dim(1);
      case DeviceOp.Conv2d conv -> conv.window().taps() * (double) operands.get(1).shape().dim(3);
      case DeviceOp.Pool2d pool -> pool.window().taps();
      default -> operands.get(0).shape().last();
    };
  }

  /** Magnitudes, with 0 for NaN and infinities: those spread alike in any order of summation. */
  private static List<Tensor> absolute(List<Tensor> operands) {
    List<Tensor> absolute = new ArrayList<>(operands.size());
    for (Tensor operand : operands) {
      float[] values = operand.toFloats();
      for (int i = 0; i < values.length; i++) {
        values[i] = Math.abs((float) finite(values[i]));
      }
      absolute.add(Tensor.ofFloats(operand.shape(), values));
    }
    return absolute;
  }

  private static double finite(float value) {
    return Float.isFinite(value) ? value : 0;
  }

  /** Error of e^(x-max) is relative and grows with the argument; the sum adds one per term. */
  private static void softmaxBounds(
      DeviceOp.Softmax op, Tensor x, Tensor expected, double[] bounds) {
    int terms = x.shape().dim(op.axis());
    double widest = 0;
    for (int i = 0; i < bounds.length; i++) {
      widest = Math.max(widest, Math.abs(finite(x.getFloat(i))));
    }
    for (int i = 0; i < bounds.length; i++) {
      double scale = op.log() ? 1 + Math.abs(finite(expected.getFloat(i))) : expected.getFloat(i);
      double steps = op.log() ? terms + 16 : terms + 16 + Math.min(2 * widest, 1 / EPSILON);
      bounds[i] = steps * EPSILON * scale + Float.MIN_NORMAL;
    }
  }

  /** Mean and variance are sums of n terms; centering cancels, so errors are relative to |x|. */
  private static void layerNormBounds(
      DeviceOp.LayerNorm op, List<Tensor> operands, Tensor expected, double[] bounds) {
    Shape shape = expected.shape();
    int first = op.axis() < 0 ? op.axis() + shape.rank() : op.axis();
    int size = 1;
    for (int axis = first; axis < shape.rank(); axis++) {
      size *= shape.dim(axis);
    }
    Tensor x = operands.get(0);
    double parameters = 0;
    for (Tensor parameter : operands.subList(1, operands.size())) {
      for (float value : parameter.toFloats()) {
        parameters = Math.max(parameters, Math.abs(value));
      }
    }
    for (int row = 0; row * size < bounds.length; row++) {
      double widest = 0;
      double sum = 0;
      double squares = 0;
      for (int i = row * size; i < (row + 1) * size; i++) {
        double value = finite(x.getFloat(i));
        widest = Math.max(widest, Math.abs(value));
        sum += value;
        squares += value * value;
      }
      double variance = Math.max(0, squares / size - sum / size * (sum / size));
      double normal = 1 + widest / Math.sqrt(variance + op.epsilon());
      for (int i = row * size; i < (row + 1) * size; i++) {
        bounds[i] = (size + 16) * EPSILON * (normal * parameters + parameters);
      }
    }
  }
}
