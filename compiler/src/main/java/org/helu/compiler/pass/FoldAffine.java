package org.helu.compiler.pass;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/**
 * Folds additions and multiplications by constants per output channel, and linear functions, into
 * the weights and bias of the dense layer or convolution before them.
 */
public final class FoldAffine implements Pass {
  @Override
  public Graph apply(Graph graph, PassLog log) {
    return Rewrites.untilStable(graph, current -> step(current, log));
  }

  private static Graph step(Graph graph, PassLog log) {
    for (Node node : graph.nodes()) {
      for (String input : node.inputs()) {
        Node producer = graph.producer(input);
        if (producer == null || !Rewrites.isBareProduct(producer) || !graph.hasSingleUse(input)) {
          continue;
        }
        int channels = Rewrites.shape(graph, input).last();
        float[][] affine = affine(graph, node, input, channels);
        if (affine != null && Rewrites.sameShape(graph, input, node.output())) {
          log.note(node, "folded into '" + producer.name() + "'");
          return fold(graph, node, producer, affine[0], affine[1]);
        }
      }
    }
    return graph;
  }

  /** {scale, shift} per channel such that {@code node = scale * input + shift}, or null. */
  private static float[][] affine(Graph graph, Node node, String input, int channels) {
    float[] ones = new float[channels];
    java.util.Arrays.fill(ones, 1);
    float[] zeros = new float[channels];
    if (node.op() instanceof DeviceOp.Unary unary) {
      float[] a = new float[channels];
      float[] b = new float[channels];
      java.util.Arrays.fill(a, unary.kind() == UnaryKind.NEG ? -1 : unary.a());
      java.util.Arrays.fill(b, unary.kind() == UnaryKind.NEG ? 0 : unary.b());
      boolean linear = unary.kind() == UnaryKind.LINEAR || unary.kind() == UnaryKind.NEG;
      return linear ? new float[][] {a, b} : null;
    }
    if (!(node.op() instanceof DeviceOp.Binary binary)) {
      return null;
    }
    boolean left = node.input(0).equals(input);
    Tensor constant = graph.constant(node.input(left ? 1 : 0));
    float[] c = Rewrites.perLastAxis(constant, channels);
    if (c == null) {
      return null;
    }
    return switch (binary.kind()) {
      case ADD -> new float[][] {ones, c};
      case SUB -> left ? new float[][] {ones, negated(c)} : new float[][] {negated(ones), c};
      case MUL -> new float[][] {c, zeros};
      case DIV -> left && nonZero(c) ? new float[][] {inverse(c), zeros} : null;
      default -> null;
    };
  }

  private static float[] negated(float[] values) {
    float[] negated = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      negated[i] = -values[i];
    }
    return negated;
  }

  private static boolean nonZero(float[] values) {
    for (float value : values) {
      if (value == 0 || !Float.isFinite(1 / value)) {
        return false;
      }
    }
    return true;
  }

  private static float[] inverse(float[] values) {
    float[] inverse = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      inverse[i] = 1 / values[i];
    }
    return inverse;
  }

  private static Graph fold(Graph graph, Node node, Node producer, float[] scale, float[] shift) {
    boolean hasBias = producer.inputs().size() > 2;
    float[] bias = hasBias ? graph.constant(producer.input(2)).toFloats() : new float[scale.length];
    for (int c = 0; c < bias.length; c++) {
      bias[c] = (float) ((double) scale[c] * bias[c] + shift[c]);
    }
    Tensor weight = graph.constant(producer.input(1));
    float[] values = weight.toFloats();
    int rowLength = values.length / scale.length;
    for (int i = 0; i < values.length; i++) {
      values[i] *= scale[i / rowLength];
    }
    GraphBuilder builder = graph.toBuilder();
    List<String> inputs = new ArrayList<>();
    inputs.add(producer.input(0));
    inputs.add(
        builder.freshConstant(
            Rewrites.changed(producer.input(1), "@folded"),
            Tensor.ofFloats(weight.shape(), values)));
    inputs.add(
        builder.freshConstant(
            node.output() + "@bias", Tensor.ofFloats(Shape.of(bias.length), bias)));
    DeviceOp op =
        switch (producer.op()) {
          case DeviceOp.Dense _ -> new DeviceOp.Dense(true, false, List.of());
          case DeviceOp.Conv2d conv ->
              new DeviceOp.Conv2d(conv.window(), conv.groups(), true, false, List.of());
          default -> throw new IllegalStateException(producer.label());
        };
    Node folded =
        new Node(producer.name(), op, inputs, node.output(), Rewrites.origins(producer, node));
    return builder.remove(node).replace(producer, folded).build();
  }
}
