package org.helu.compiler.analysis;

import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * How many bits one node computes with.
 *
 * @param activationBits bits of an element that a layer with weights reads; 0 for other nodes
 * @param weightBits bits of a weight; 0 for other nodes
 * @param bitOperations BOPs of one sample: multiply-accumulates x activation bits x weight bits
 * @param accumulatorBound largest magnitude that a sum of an integer layer can have, from its
 *     weights and the codes that occur: the proof that 32 bits suffice; 0 for other nodes
 * @param thresholds integer thresholds of all channels together
 */
public record LayerBits(
    int activationBits,
    int weightBits,
    long bitOperations,
    long accumulatorBound,
    long thresholds) {

  /** What {@code node} computes with; a symbolic batch counts as one sample. */
  public static LayerBits of(Graph graph, Node node) {
    long macs = LayerCost.of(graph, node).macs();
    long thresholds = thresholds(graph, node);
    if (macs == 0 || node.inputs().size() < 2) {
      return new LayerBits(0, 0, 0, 0, thresholds);
    }
    int activation = graph.type(node.input(0)).planes();
    int weight = graph.type(node.input(1)).planes();
    return new LayerBits(
        activation, weight, macs * activation * weight, accumulatorBound(graph, node), thresholds);
  }

  /** Whether activations and weights have one bit. */
  public boolean isBinary() {
    return activationBits == 1 && weightBits == 1;
  }

  /** BOPs of one sample of all nodes. */
  public static long bitOperations(Graph graph) {
    return graph.nodes().stream().mapToLong(node -> of(graph, node).bitOperations).sum();
  }

  /** BOPs that the same multiply-accumulates take in float32: 32 x 32 bits each. */
  public static long floatBitOperations(Graph graph) {
    return graph.nodes().stream()
        .mapToLong(node -> LayerCost.of(graph, node).macs() * 32 * 32)
        .sum();
  }

  /** {@code uint8 x bit}: what a layer multiplies; empty for other nodes. */
  public static String arithmetic(Graph graph, Node node) {
    if (LayerCost.of(graph, node).macs() == 0 || node.inputs().size() < 2) {
      return "";
    }
    return name(graph.type(node.input(0))) + " x " + name(graph.type(node.input(1)));
  }

  private static String name(TensorType type) {
    if (type.elementType() == ElementType.BIT && type.planes() > 1) {
      return type.planes() + " planes";
    }
    return type.elementType().name().toLowerCase(java.util.Locale.ROOT);
  }

  private static long thresholds(Graph graph, Node node) {
    if (!(node.op() instanceof IntegerOp op)) {
      return 0;
    }
    for (Epilogue epilogue : op.epilogues()) {
      if (epilogue instanceof Epilogue.Threshold threshold) {
        int at = node.op() instanceof IntegerOp.Convert ? 1 : 2;
        return (long) threshold.steps() * graph.type(node.input(at)).shape().dim(0);
      }
    }
    return 0;
  }

  private static long accumulatorBound(Graph graph, Node node) {
    Codes codes;
    boolean padded = false;
    switch (node.op()) {
      case IntegerOp.IntegerDense dense -> codes = dense.codes();
      case IntegerOp.IntegerConv2d conv -> {
        codes = conv.codes();
        Window w = conv.window();
        padded = w.padTop() + w.padLeft() + w.padBottom() + w.padRight() > 0;
      }
      default -> {
        return 0;
      }
    }
    Tensor weight = graph.constant(node.input(1));
    if (weight == null || weight.elements() == 0) {
      return 0;
    }
    long least = codes.value(0);
    long most = codes.value(highestCode(graph, node.input(0)));
    least = padded ? Math.min(least, codes.pad()) : least;
    most = padded ? Math.max(most, codes.pad()) : most;
    boolean bits = weight.type().elementType() == ElementType.BIT;
    long row = weight.elements() / weight.shape().dim(0);
    long bound = 0;
    for (int o = 0; o < weight.shape().dim(0); o++) {
      long low = 0;
      long high = 0;
      for (long i = o * row; i < (o + 1) * row; i++) {
        long w = bits ? 2 * weight.getLong(i) - 1 : weight.getLong(i);
        low += w * (w > 0 ? least : most);
        high += w * (w > 0 ? most : least);
      }
      bound = Math.max(bound, Math.max(-low, high));
    }
    return bound;
  }

  /** The largest code that an edge can hold. */
  public static int highestCode(Graph graph, String value) {
    int limit =
        graph.type(value).elementType() == ElementType.UINT8
            ? 255
            : (1 << graph.type(value).planes()) - 1;
    Node node = graph.producer(value);
    while (node != null
        && (node.op() instanceof DeviceOp.Pool2d
            || node.op() instanceof DeviceOp.Reshape
            || node.op() instanceof DeviceOp.Transpose)) {
      node = graph.producer(node.input(0));
    }
    if (node == null || !(node.op() instanceof IntegerOp op) || op.epilogues().isEmpty()) {
      return limit;
    }
    return switch (op.epilogues().getLast()) {
      case Epilogue.Threshold threshold -> threshold.steps();
      case Epilogue.Requantize requantize -> requantize.high();
      case Epilogue.Quantize quantize -> quantize.high();
      default -> limit;
    };
  }
}
