package org.helu.compiler.analysis;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/**
 * Bounds every value by interval arithmetic from the declared input range.
 *
 * <p>Bounds hold for float32 execution in any order of summation: a sum of K products is widened by
 * {@code (K + 2) * 2^-23 * sum |w| |x|}, more than its rounding error (Higham, <i>Accuracy and
 * Stability of Numerical Algorithms</i>, section 3.1); where a device may filter minimally by
 * {@code (1.5 K + 64) * 2^-23 * sum |w| |x|} (docs/numerics.md).
 */
public final class IntervalAnalysis {
  private static final double EPSILON = 0x1p-23;

  private final Graph graph;
  private final Map<String, Intervals> intervals = new HashMap<>();

  private IntervalAnalysis(Graph graph) {
    this.graph = graph;
  }

  /** Bounds of every computed value and input of {@code graph}, by name. */
  public static Map<String, Intervals> of(Graph graph) {
    IntervalAnalysis analysis = new IntervalAnalysis(graph);
    for (GraphInput input : graph.inputs()) {
      analysis.intervals.put(input.name(), Intervals.of(input.range().min(), input.range().max()));
    }
    for (Node node : graph.nodes()) {
      analysis.intervals.put(node.output(), analysis.bound(node));
    }
    return analysis.intervals;
  }

  /** Bounds of the accumulator of {@code node} before its epilogues. */
  public static Intervals accumulator(Graph graph, Node node, Map<String, Intervals> known) {
    IntervalAnalysis analysis = new IntervalAnalysis(graph);
    analysis.intervals.putAll(known);
    return switch (node.op()) {
      case DeviceOp.Dense dense -> analysis.dense(node, dense);
      case DeviceOp.Conv2d conv -> analysis.conv(node, conv);
      default -> analysis.get(node.input(0));
    };
  }

  private Intervals get(String value) {
    Tensor constant = graph.constant(value);
    if (constant == null) {
      return intervals.get(value);
    }
    return constant.type().elementType() == ElementType.FLOAT32
        ? ofConstant(constant)
        : Intervals.ALL;
  }

  private static Intervals ofConstant(Tensor constant) {
    int channels = constant.shape().last();
    if (constant.elements() == 0) {
      return Intervals.ALL;
    }
    double[] min = new double[channels];
    double[] max = new double[channels];
    Arrays.fill(min, Double.POSITIVE_INFINITY);
    Arrays.fill(max, Double.NEGATIVE_INFINITY);
    for (int i = 0; i < constant.elements(); i++) {
      int c = i % channels;
      min[c] = Math.min(min[c], constant.getFloat(i));
      max[c] = Math.max(max[c], constant.getFloat(i));
    }
    return new Intervals(min, max);
  }

  private Intervals bound(Node node) {
    return switch (node.op()) {
      case DeviceOp.Dense dense -> finish(dense(node, dense), dense);
      case DeviceOp.Conv2d conv -> finish(conv(node, conv), conv);
      case DeviceOp.Gate _, FloatOp.Helu _ -> get(node.input(0)).gated();
      case DeviceOp.Pool2d pool -> pool(node, pool);
      case DeviceOp.Unary unary -> unary(unary, get(node.input(0)));
      case DeviceOp.Binary binary -> binary(node, binary);
      case DeviceOp.Reshape _ -> reshape(node);
      case DeviceOp.Transpose _, DeviceOp.Slice _, DeviceOp.Gather _ -> get(node.input(0)).hull();
      case DeviceOp.Concat _ -> concat(node);
      case DeviceOp.Pad pad -> get(node.input(0)).hull().including(pad.value());
      case DeviceOp.Reduce reduce -> reduce(node, reduce);
      case DeviceOp.Softmax softmax ->
          softmax.log() ? Intervals.of(Double.NEGATIVE_INFINITY, 0) : Intervals.of(0, 1);
      default -> Intervals.ALL;
    };
  }

  private static Intervals finish(Intervals accumulator, DeviceOp op) {
    Intervals result = accumulator;
    for (Epilogue epilogue : op.epilogues()) {
      result =
          switch (epilogue) {
            case Epilogue.Gate _ -> result.gated();
            // Of integer ops, which are bounded where they are lowered.
            default -> Intervals.ALL;
          };
    }
    return result;
  }

  private Intervals dense(Node node, DeviceOp.Dense op) {
    return products(node, get(node.input(0)), 1, false, op.bias(), op.residual());
  }

  private Intervals conv(Node node, DeviceOp.Conv2d op) {
    Window w = op.window();
    boolean padded = w.padTop() + w.padLeft() + w.padBottom() + w.padRight() > 0;
    Intervals x = get(node.input(0));
    boolean filtered = op.groups() == 1 && w.allowsMinimalFiltering();
    return products(
        node, padded ? x.including(0) : x, op.groups(), filtered, op.bias(), op.residual());
  }

  /** Bounds of {@code sum_k w[o,k] x[k]} with {@code k mod channels} telling x's channel. */
  private Intervals products(
      Node node, Intervals input, int groups, boolean filtered, boolean bias, boolean residual) {
    Tensor weight = graph.constant(node.input(1));
    if (weight == null) {
      return Intervals.ALL;
    }
    Shape shape = weight.shape();
    int outputs = shape.dim(0);
    int groupChannels = shape.last();
    int terms = (int) (shape.elements() / Math.max(1, outputs));
    int groupOutputs = Math.max(1, outputs / groups);
    double[] min = new double[outputs];
    double[] max = new double[outputs];
    float[] w = weight.toFloats();
    float[] b = bias ? graph.constant(node.input(2)).toFloats() : new float[outputs];
    Intervals other = residual ? get(node.input(node.inputs().size() - 1)) : Intervals.of(0, 0);
    for (int o = 0; o < outputs; o++) {
      double low = b[o];
      double high = b[o];
      double magnitude = Math.abs(b[o]);
      boolean negative = b[o] < 0 || other.min(o) < 0;
      boolean positive = b[o] > 0 || other.max(o) > 0;
      for (int k = 0; k < terms; k++) {
        int channel = o / groupOutputs * groupChannels + k % groupChannels;
        double weightValue = w[o * terms + k];
        if (weightValue != 0) {
          double left = weightValue * input.min(channel);
          double right = weightValue * input.max(channel);
          low += Math.min(left, right);
          high += Math.max(left, right);
          negative |= Math.min(left, right) < 0;
          positive |= Math.max(left, right) > 0;
          magnitude += Math.max(Math.abs(left), Math.abs(right));
        }
      }
      low += other.min(o);
      high += other.max(o);
      magnitude += Math.max(Math.abs(other.min(o)), Math.abs(other.max(o)));
      double error = (filtered ? 1.5 * terms + 64 : terms + 2) * EPSILON * magnitude;
      // Terms of one sign sum to that sign however they are rounded.
      min[o] = known(negative ? low - error : Math.max(0, low - error), Double.NEGATIVE_INFINITY);
      max[o] = known(positive ? high + error : Math.min(0, high + error), Double.POSITIVE_INFINITY);
    }
    return new Intervals(min, max);
  }

  private static double known(double value, double otherwise) {
    return Double.isNaN(value) ? otherwise : value;
  }

  private Intervals pool(Node node, DeviceOp.Pool2d op) {
    Intervals x = get(node.input(0));
    if (op.kind() == PoolKind.MAX) {
      return x;
    }
    Window w = op.window();
    boolean padded = w.padTop() + w.padLeft() + w.padBottom() + w.padRight() > 0;
    boolean countsZeros = padded && op.kind() == PoolKind.AVERAGE_INCLUDE_PAD;
    return mean(countsZeros ? x.including(0) : x, w.taps());
  }

  /**
   * Bounds of a float32 mean: it can leave its terms' hull by its rounding error, never past zero.
   */
  private static Intervals mean(Intervals x, long terms) {
    double[] min = x.min().clone();
    double[] max = x.max().clone();
    for (int c = 0; c < min.length; c++) {
      double slack = (terms + 2) * EPSILON * Math.max(Math.abs(min[c]), Math.abs(max[c]));
      min[c] = known(min[c] >= 0 ? Math.max(0, min[c] - slack) : min[c] - slack, min[c]);
      max[c] = known(max[c] <= 0 ? Math.min(0, max[c] + slack) : max[c] + slack, max[c]);
    }
    return new Intervals(min, max);
  }

  private static Intervals unary(DeviceOp.Unary op, Intervals x) {
    return switch (op.kind()) {
      case CLIP -> Intervals.of(op.a(), op.b());
      case SIGMOID, HARD_SIGMOID -> Intervals.of(0, 1);
      case TANH, ERF, SIGN, SOFTSIGN -> Intervals.of(-1, 1);
      case SOFTPLUS, EXP, SQRT -> Intervals.of(0, Double.POSITIVE_INFINITY);
      case ABS -> {
        double largest = Math.max(Math.abs(x.hull().min(0)), Math.abs(x.hull().max(0)));
        yield Intervals.of(0, largest);
      }
      case NEG -> Intervals.of(-x.hull().max(0), -x.hull().min(0));
      default -> Intervals.ALL;
    };
  }

  private Intervals binary(Node node, DeviceOp.Binary op) {
    int channels = graph.type(node.output()).shape().last();
    Intervals x = get(node.input(0));
    Intervals y = get(node.input(1));
    double[] min = new double[channels];
    double[] max = new double[channels];
    for (int c = 0; c < channels; c++) {
      double low;
      double high;
      switch (op.kind()) {
        case ADD -> {
          low = x.min(c) + y.min(c);
          high = x.max(c) + y.max(c);
        }
        case SUB -> {
          low = x.min(c) - y.max(c);
          high = x.max(c) - y.min(c);
        }
        case MAX -> {
          low = Math.max(x.min(c), y.min(c));
          high = Math.max(x.max(c), y.max(c));
        }
        case MIN -> {
          low = Math.min(x.min(c), y.min(c));
          high = Math.min(x.max(c), y.max(c));
        }
        default -> {
          return Intervals.ALL;
        }
      }
      // Rounding is monotone: a sum of non-negative floats is never below zero.
      min[c] = known(outward(low, -1), Double.NEGATIVE_INFINITY);
      max[c] = known(outward(high, 1), Double.POSITIVE_INFINITY);
    }
    return new Intervals(min, max);
  }

  private static double outward(double bound, int direction) {
    return bound == 0 ? 0 : bound + direction * EPSILON * Math.abs(bound);
  }

  private Intervals reshape(Node node) {
    Intervals x = get(node.input(0));
    int from = graph.type(node.input(0)).shape().last();
    int to = graph.type(node.output()).shape().last();
    if (x.min().length == 1 || from == to) {
      return x;
    }
    if (from == 0 || to % from != 0) {
      return x.hull();
    }
    double[] min = new double[to];
    double[] max = new double[to];
    for (int c = 0; c < to; c++) {
      min[c] = x.min(c % from);
      max[c] = x.max(c % from);
    }
    return new Intervals(min, max);
  }

  private Intervals concat(Node node) {
    Intervals result = get(node.input(0)).hull();
    for (String input : node.inputs()) {
      Intervals next = get(input).hull();
      result = result.including(next.min(0)).including(next.max(0));
    }
    return result;
  }

  private Intervals reduce(Node node, DeviceOp.Reduce op) {
    boolean bounded = op.kind() == ReduceKind.MAX || op.kind() == ReduceKind.MIN;
    Intervals x = get(node.input(0)).hull();
    if (op.kind() == ReduceKind.MEAN) {
      return mean(x, graph.type(node.input(0)).shape().elementsPerSample());
    }
    return bounded ? x : Intervals.ALL;
  }
}
