package org.helu.bench;

import java.util.ArrayList;
import java.util.List;
import org.helu.compiler.analysis.LayerCost;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.TensorType;

/**
 * What one node has to do for one sample, closed gates not left out.
 *
 * @param node the node's name
 * @param op the op's name
 * @param macs multiply-accumulates
 * @param activationBits bits of an activation that is multiplied
 * @param weightBits bits of a weight
 * @param weightBytes bytes of constants, read once for all samples of a run
 * @param activationBytes bytes of activations that are read and written for one sample
 */
public record LayerWork(
    String node,
    String op,
    long macs,
    int activationBits,
    int weightBits,
    long weightBytes,
    long activationBytes) {

  /** All nodes of a graph in execution order. */
  static List<LayerWork> of(Graph graph) {
    List<LayerWork> layers = new ArrayList<>();
    graph.nodes().forEach(node -> layers.add(of(graph, node)));
    return layers;
  }

  private static LayerWork of(Graph graph, Node node) {
    LayerCost cost = LayerCost.of(graph, node);
    long bytes = cost.outputBytes();
    for (String input : node.inputs()) {
      if (graph.constant(input) == null) {
        bytes += graph.type(input).withBatch(1).byteSize();
      }
    }
    boolean integer =
        node.op() instanceof IntegerOp.IntegerDense || node.op() instanceof IntegerOp.IntegerConv2d;
    return new LayerWork(
        node.name(),
        node.op().name(),
        cost.macs(),
        integer ? bits(graph.type(node.input(0))) : Float.SIZE,
        integer ? bits(graph.type(node.input(1))) : Float.SIZE,
        cost.weightBytes(),
        bytes);
  }

  private static int bits(TensorType type) {
    return type.elementType() == ElementType.BIT
        ? type.planes()
        : type.elementType().bytes() * Byte.SIZE;
  }

  /** Nodes that a device computes in one step: named by all, counted together. */
  static LayerWork joined(List<LayerWork> parts) {
    LayerWork main = parts.getFirst();
    if (parts.size() == 1) {
      return main;
    }
    long macs = 0;
    long weightBytes = 0;
    long activationBytes = 0;
    List<String> names = new ArrayList<>();
    for (LayerWork part : parts) {
      main = part.macs > main.macs ? part : main;
      macs += part.macs;
      weightBytes += part.weightBytes;
      activationBytes += part.activationBytes;
      names.add(part.node);
    }
    return new LayerWork(
        String.join(" + ", names),
        main.op,
        macs,
        main.activationBits,
        main.weightBits,
        weightBytes,
        activationBytes);
  }

  /** {@code macs * activationBits * weightBits}, the usual measure of low-bit work. */
  long bitOps() {
    return macs * activationBits * weightBits;
  }

  /**
   * Which of the machine's ceilings limits the arithmetic: {@code float}, {@code bit}, {@code
   * int8}.
   */
  String kind() {
    if (weightBits == 1) {
      return "bit";
    }
    return weightBits == Float.SIZE ? "float" : "int8";
  }

  /**
   * Multiplies and adds for one sample; with one-bit weights each bit plane of the activations is
   * multiplied by itself.
   */
  long operations() {
    return 2 * macs * (weightBits == 1 ? activationBits : 1);
  }

  /** Bytes that a run of {@code batch} samples has to move if nothing stays in the caches. */
  long bytes(int batch) {
    return weightBytes + batch * activationBytes;
  }
}
