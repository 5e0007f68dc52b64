package org.helu.compiler.analysis;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.helu.compiler.analysis.DoubleInterpreter.Value;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.Op;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Ops on doubles; null for an op that has no kernel here. */
final class DoubleKernels {
  private DoubleKernels() {}

  static Value evaluate(Op op, List<Value> in) {
    Value x = in.get(0);
    TensorType type = op.infer(in.stream().map(Value::type).toList());
    boolean floats = x.doubles() != null;
    return switch (op) {
      case FloatOp.Conv conv ->
          new DoubleWindow(conv.window(), x.type().shape(), type.shape(), false)
              .conv(in, conv.groups());
      case DeviceOp.Conv2d conv when !conv.residual() && conv.epilogues().isEmpty() ->
          new DoubleWindow(conv.window(), x.type().shape(), type.shape(), true)
              .conv(in, conv.groups());
      case FloatOp.Pool pool when pool.kind() == PoolKind.MAX ->
          new DoubleWindow(pool.window(), x.type().shape(), type.shape(), false).max(x);
      case DeviceOp.Pool2d pool when pool.kind() == PoolKind.MAX && floats ->
          new DoubleWindow(pool.window(), x.type().shape(), type.shape(), true).max(x);
      case FloatOp.Pool pool ->
          new DoubleWindow(pool.window(), x.type().shape(), type.shape(), false)
              .mean(x, pool.kind());
      case DeviceOp.Pool2d pool when floats ->
          new DoubleWindow(pool.window(), x.type().shape(), type.shape(), true)
              .mean(x, pool.kind());
      case DeviceOp.Reduce reduce when reduce.kind() == ReduceKind.MEAN ->
          mean(reduce, type.shape(), x);
      case FloatOp.Gemm gemm when !gemm.transA() -> gemm(gemm, type.shape(), in);
      case FloatOp.MatMul _ when in.get(1).type().shape().rank() == 2 ->
          product(x, in.get(1), type.shape(), false);
      case DeviceOp.Dense dense when !dense.residual() && dense.epilogues().isEmpty() -> {
        Value product = product(x, in.get(1), type.shape(), true);
        yield in.size() < 3 ? product : binary(type, product, in.get(2), Double::sum);
      }
      case FloatOp.BatchNorm norm -> batchNorm(norm, in);
      case FloatOp.Helu _, DeviceOp.Gate _ -> map(x, z -> z <= 0 ? 0 : z);
      case DeviceOp.Unary unary when floats -> unary(unary, x);
      case DeviceOp.Binary binary when floats -> binary(binary.kind(), type, in);
      case DeviceOp.Where _ when in.get(1).doubles() != null -> where(type, in);
      case FloatOp.Quantize quantize -> quantize(quantize, type, in);
      case FloatOp.Dequantize dequantize -> dequantize(dequantize, type, in);
      case FloatOp.MultiThreshold threshold -> multiThreshold(threshold, type, in);
      case IntegerOp.Convert convert when floats -> convert(convert.epilogue(), type, in);
      default -> null;
    };
  }

  /** The exact sum of products, rounded once: error-free transformations, 106 bits. */
  static final class Dot {
    private double high;
    private double low;

    void add(double a, double b) {
      double product = a * b;
      double error = Math.fma(a, b, -product);
      double sum = high + product;
      double t = sum - high;
      double rest = (high - (sum - t)) + (product - t) + error + low;
      high = sum + rest;
      low = rest - (high - sum);
    }

    double value() {
      return high;
    }
  }

  /** The exact sum, rounded once, divided by the number of elements. */
  private static Value mean(DeviceOp.Reduce op, Shape out, Value x) {
    Shape in = x.type().shape();
    int[] strides = new int[in.rank()];
    int outputs = 1;
    for (int axis = in.rank() - 1; axis >= 0; axis--) {
      if (!op.axes().contains(axis) && !op.axes().contains(axis - in.rank())) {
        strides[axis] = outputs;
        outputs *= in.dim(axis);
      }
    }
    Dot[] sums = new Dot[outputs];
    Arrays.setAll(sums, _ -> new Dot());
    for (int i = 0; i < x.count(); i++) {
      int target = 0;
      int rest = i;
      for (int axis = in.rank() - 1; axis >= 0; axis--) {
        target += rest % in.dim(axis) * strides[axis];
        rest /= in.dim(axis);
      }
      sums[target].add(x.at(i), 1);
    }
    double count = (double) x.count() / outputs;
    return Value.of(out, Arrays.stream(sums).mapToDouble(sum -> sum.value() / count).toArray());
  }

  private static Value product(Value x, Value w, Shape out, boolean rows) {
    int columns = out.last();
    int inner = x.type().shape().last();
    double[] y = new double[(int) out.elements()];
    for (int i = 0; i < y.length; i++) {
      Dot dot = new Dot();
      for (int k = 0; k < inner; k++) {
        int o = i % columns;
        dot.add(x.at((long) i / columns * inner + k), w.at(rows ? o * inner + k : k * columns + o));
      }
      y[i] = dot.value();
    }
    return Value.of(out, y);
  }

  private static Value gemm(FloatOp.Gemm gemm, Shape out, List<Value> in) {
    Value y = product(in.get(0), in.get(1), out, gemm.transB());
    y = gemm.alpha() == 1 ? y : map(y, z -> z * gemm.alpha());
    if (in.size() < 3) {
      return y;
    }
    Value c = gemm.beta() == 1 ? in.get(2) : map(in.get(2), z -> z * gemm.beta());
    return binary(y.type(), y, c, Double::sum);
  }

  private static Value batchNorm(FloatOp.BatchNorm norm, List<Value> in) {
    Shape shape = in.get(0).type().shape();
    double[] y = new double[in.get(0).count()];
    int inner = (int) (shape.elements() / Math.max(1, (long) shape.dim(0) * shape.dim(1)));
    for (int i = 0; i < y.length; i++) {
      int c = i / inner % shape.dim(1);
      double deviation = Math.sqrt(in.get(4).at(c) + norm.epsilon());
      double centered = in.get(0).at(i) - in.get(3).at(c);
      y[i] = centered / deviation * in.get(1).at(c) + in.get(2).at(c);
    }
    return Value.of(shape, y);
  }

  private static Value map(Value x, DoubleUnaryOperator f) {
    double[] y = new double[x.count()];
    for (int i = 0; i < y.length; i++) {
      y[i] = f.applyAsDouble(x.at(i));
    }
    return Value.of(x.type().shape(), y);
  }

  private static Value unary(DeviceOp.Unary unary, Value x) {
    double a = unary.a();
    double b = unary.b();
    DoubleUnaryOperator f =
        switch (unary.kind()) {
          case NEG -> z -> -z;
          case ABS -> Math::abs;
          case SIGN -> Math::signum;
          case LINEAR -> z -> a * z + b;
          case CLIP -> z -> Math.min(Math.max(z, a), b);
          case LEAKY_RELU -> z -> z > 0 ? z : a * z;
          case ROUND -> Math::rint;
          case FLOOR -> Math::floor;
          case CEIL -> Math::ceil;
          default -> null;
        };
    return f == null || unary.kind() == UnaryKind.NOT ? null : map(x, f);
  }

  private static Value binary(BinaryKind kind, TensorType type, List<Value> in) {
    DoubleBinaryOperator f =
        switch (kind) {
          case ADD -> Double::sum;
          case SUB -> (p, q) -> p - q;
          case MUL -> (p, q) -> p * q;
          case DIV -> (p, q) -> p / q;
          case MIN -> Math::min;
          case MAX -> Math::max;
          case GREATER -> (p, q) -> p > q ? 1 : 0;
          case GREATER_OR_EQUAL -> (p, q) -> p >= q ? 1 : 0;
          case LESS -> (p, q) -> p < q ? 1 : 0;
          case LESS_OR_EQUAL -> (p, q) -> p <= q ? 1 : 0;
          default -> null;
        };
    return f == null ? null : binary(type, in.get(0), in.get(1), f);
  }

  private static Value binary(TensorType type, Value p, Value q, DoubleBinaryOperator f) {
    int[] left = offsets(type.shape(), p.type().shape());
    int[] right = offsets(type.shape(), q.type().shape());
    double[] y = new double[left.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = f.applyAsDouble(p.at(left[i]), q.at(right[i]));
    }
    return type.elementType() == ElementType.FLOAT32
        ? Value.of(type.shape(), y)
        : integers(type, y);
  }

  /** For every element of {@code out} the element of a broadcast operand. */
  private static int[] offsets(Shape out, Shape operand) {
    int[] offsets = new int[Math.toIntExact(out.elements())];
    for (int i = 0; i < offsets.length; i++) {
      int rest = i;
      int offset = 0;
      int stride = 1;
      for (int axis = out.rank() - 1; axis >= 0; axis--) {
        int at = rest % out.dim(axis);
        rest /= out.dim(axis);
        int own = axis - out.rank() + operand.rank();
        if (own >= 0) {
          offset += operand.dim(own) == 1 ? 0 : at * stride;
          stride *= operand.dim(own);
        }
      }
      offsets[i] = offset;
    }
    return offsets;
  }

  private static Value where(TensorType type, List<Value> in) {
    int[][] at = new int[3][];
    for (int i = 0; i < 3; i++) {
      at[i] = offsets(type.shape(), in.get(i).type().shape());
    }
    double[] y = new double[at[0].length];
    for (int i = 0; i < y.length; i++) {
      int source = in.get(0).at(at[0][i]) != 0 ? 1 : 2;
      y[i] = in.get(source).at(at[source][i]);
    }
    return Value.of(type.shape(), y);
  }

  private static Value integers(TensorType type, double[] values) {
    Tensor tensor = Tensor.zeros(type);
    for (int i = 0; i < values.length; i++) {
      tensor.setLong(i, (long) values[i]);
    }
    return new Value(type, tensor, null);
  }

  private static int channel(int element, Shape shape, int axis, Value perChannel) {
    if (perChannel.count() == 1) {
      return 0;
    }
    int inner = 1;
    int normal = axis < 0 ? axis + shape.rank() : axis;
    for (int a = normal + 1; a < shape.rank(); a++) {
      inner *= shape.dim(a);
    }
    return element / inner % shape.dim(normal);
  }

  private static Value quantize(FloatOp.Quantize op, TensorType type, List<Value> in) {
    double[] y = new double[in.get(0).count()];
    for (int i = 0; i < y.length; i++) {
      int c = channel(i, type.shape(), op.axis(), in.get(1));
      double rounded = op.rounding().round(in.get(0).at(i) / in.get(1).at(c));
      double code = (Double.isNaN(rounded) ? 0 : rounded) + in.get(2).at(c);
      y[i] = Math.clamp(code, op.low(), op.high());
    }
    return integers(type, y);
  }

  private static Value dequantize(FloatOp.Dequantize op, TensorType type, List<Value> in) {
    double[] y = new double[in.get(0).count()];
    for (int i = 0; i < y.length; i++) {
      int c = channel(i, type.shape(), op.axis(), in.get(1));
      y[i] = (in.get(0).at(i) - in.get(2).at(c)) * in.get(1).at(c);
    }
    return Value.of(type.shape(), y);
  }

  private static Value multiThreshold(FloatOp.MultiThreshold op, TensorType type, List<Value> in) {
    int steps = in.get(1).type().shape().dim(1);
    int rows = in.get(1).type().shape().dim(0);
    double[] y = new double[in.get(0).count()];
    for (int i = 0; i < y.length; i++) {
      int row = rows == 1 ? 0 : channel(i, type.shape(), 1, in.get(1));
      int reached = 0;
      for (int t = 0; t < steps; t++) {
        double threshold = in.get(1).at((long) row * steps + t);
        double z = in.get(0).at(i);
        reached += op.strict() ? z > threshold ? 1 : 0 : z >= threshold ? 1 : 0;
      }
      y[i] = (double) op.outScale() * reached + op.outBias();
    }
    return Value.of(type.shape(), y);
  }

  private static Value convert(Epilogue epilogue, TensorType type, List<Value> in) {
    Value x = in.get(0);
    double[] y = new double[x.count()];
    for (int i = 0; i < y.length; i++) {
      double z = x.at(i);
      switch (epilogue) {
        case Epilogue.Quantize op -> {
          double rounded = Math.rint(z / op.scale());
          double code = (Double.isNaN(rounded) ? 0 : rounded) + op.zeroPoint();
          y[i] = Math.clamp(code, 0, op.high());
        }
        case Epilogue.Threshold op -> {
          int rows = in.get(1).type().shape().dim(0);
          long row = rows == 1 ? 0 : (long) (i % type.shape().last()) * (op.steps() + 1);
          for (int t = 1; t <= op.steps(); t++) {
            y[i] += z * in.get(1).at(row) >= in.get(1).at(row + t) ? 1 : 0;
          }
        }
        default -> {
          return null;
        }
      }
    }
    return integers(type, y);
  }
}
