package org.helu.compiler.calibration;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/**
 * A dense layer or convolution of a float graph that can take an encoding: its weights are
 * constants, and a sum of its products fits 32 bits.
 *
 * @param node Conv, Gemm or MatMul
 * @param weightAxis axis of the weights that counts outputs
 * @param outputs output channels
 * @param products products that are summed to one output
 * @param macs multiply-accumulates of one sample
 * @param elements outputs of one sample
 * @param nonNegative whether the graph proves that no input is negative
 */
record FloatLayer(
    Node node,
    int weightAxis,
    int outputs,
    long products,
    long macs,
    long elements,
    boolean nonNegative) {
  /** So many products of an 8-bit code and an 8-bit weight fit 31 bits. */
  private static final long MAX_PRODUCTS = 1 << 15;

  /** All such layers in execution order. */
  static List<FloatLayer> of(Graph graph) {
    List<FloatLayer> layers = new ArrayList<>();
    for (Node node : graph.nodes()) {
      FloatLayer layer = of(graph, node);
      if (layer != null && layer.products <= MAX_PRODUCTS) {
        layers.add(layer);
      }
    }
    return layers;
  }

  private static FloatLayer of(Graph graph, Node node) {
    int axis =
        switch (node.op()) {
          case FloatOp.Conv _ -> 0;
          case FloatOp.Gemm gemm -> gemm.transB() ? 0 : 1;
          case FloatOp.MatMul _ -> 1;
          default -> -1;
        };
    if (axis < 0) {
      return null;
    }
    Tensor weight = graph.constant(node.input(1));
    boolean plain =
        !(node.op() instanceof FloatOp.Gemm gemm)
            || !gemm.transA() && gemm.alpha() == 1 && gemm.beta() == 1;
    boolean fits =
        weight != null
            && plain
            && weight.type().elementType() == ElementType.FLOAT32
            && (node.op() instanceof FloatOp.Conv || weight.shape().rank() == 2)
            && graph.type(node.input(0)).shape().rank() > 1
            && graph.constant(node.input(0)) == null
            && weight.elements() > 0;
    if (!fits) {
      return null;
    }
    int outputs = weight.shape().dim(axis);
    if (node.inputs().size() > 2) {
      Tensor bias = graph.constant(node.input(2));
      if (bias == null || bias.elements() != outputs || bias.shape().last() != outputs) {
        return null;
      }
    }
    long products = weight.elements() / outputs;
    long elements = graph.type(node.output()).shape().elementsPerSample();
    return new FloatLayer(
        node,
        axis,
        outputs,
        products,
        elements * products,
        elements,
        nonNegative(graph, node.input(0)));
  }

  String name() {
    return node.name();
  }

  /** Elements of the weights. */
  long weights() {
    return outputs * products;
  }

  /** What this layer can be, from the most exact to the cheapest. */
  List<LayerEncoding> encodings() {
    return nonNegative
        ? List.of(LayerEncoding.values())
        : List.of(LayerEncoding.EXACT, LayerEncoding.INT8);
  }

  /** Features of the input and how many elements in a row belong to one. */
  EdgeStatistics statistics(Graph graph) {
    Shape x = graph.type(node.input(0)).shape();
    boolean image = node.op() instanceof FloatOp.Conv;
    int features = image ? x.dim(1) : x.last();
    int inner = image ? x.dim(2) * x.dim(3) : 1;
    return new EdgeStatistics(node.input(0), nonNegative, features, Math.max(1, inner));
  }

  /** Index of the input feature that weight element {@code index} multiplies. */
  int feature(Tensor weight, int index) {
    Shape shape = weight.shape();
    if (node.op() instanceof FloatOp.Conv conv) {
      int taps = shape.dim(2) * shape.dim(3);
      int perGroup = shape.dim(1);
      int output = index / (taps * perGroup);
      int group = output / (outputs / conv.groups());
      return group * perGroup + index / taps % perGroup;
    }
    return weightAxis == 0 ? index % shape.dim(1) : index / shape.dim(1);
  }

  /** Index of the output that weight element {@code index} contributes to. */
  int output(Tensor weight, int index) {
    return weightAxis == 0
        ? (int) (index / (weight.elements() / outputs))
        : index % weight.shape().dim(1);
  }

  /** Whether the graph proves that a value is never negative. */
  static boolean nonNegative(Graph graph, String value) {
    Node producer = graph.producer(value);
    if (producer == null) {
      return graph.inputs().stream()
          .anyMatch(input -> input.name().equals(value) && input.range().min() >= 0);
    }
    return switch (producer.op()) {
      case FloatOp.Helu _, DeviceOp.Gate _ -> true;
      case DeviceOp.Unary unary ->
          switch (unary.kind()) {
            case SIGMOID, HARD_SIGMOID, EXP, ABS, SOFTPLUS -> true;
            case CLIP -> unary.a() >= 0;
            default -> unary.kind() == UnaryKind.SQRT;
          };
      case DeviceOp.Softmax softmax -> !softmax.log();
      case FloatOp.Pool _ -> nonNegative(graph, producer.input(0));
      case DeviceOp.Reduce reduce ->
          (reduce.kind() == ReduceKind.MEAN
                  || reduce.kind() == ReduceKind.MAX
                  || reduce.kind() == ReduceKind.SUM)
              && nonNegative(graph, producer.input(0));
      case DeviceOp.Reshape _, DeviceOp.Transpose _, DeviceOp.Slice _, DeviceOp.Concat _ ->
          producer.inputs().stream().allMatch(input -> nonNegative(graph, input));
      default -> false;
    };
  }
}
