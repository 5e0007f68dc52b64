package org.helu.device.tornado;

import java.util.Optional;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;

/** Which nodes there are kernels for. */
final class Support {
  private Support() {}

  /** Why a node cannot be run, or empty where it can. */
  static Optional<String> objection(Graph graph, Node node) {
    ElementType element = graph.type(node.input(0)).elementType();
    return switch (BinarizedGraph.op(node)) {
      case DeviceOp.Dense dense -> weights(graph, node, dense.bias());
      case DeviceOp.Conv2d conv -> weights(graph, node, conv.bias());
      case DeviceOp.Unary unary -> unary(unary.kind(), element);
      case DeviceOp.Binary binary -> binary(binary.kind(), element);
      case DeviceOp.Gather _ ->
          graph.constant(node.input(1)) == null
              ? Optional.of("Gather by computed indices")
              : Optional.empty();
      case DeviceOp.LayerNorm _ ->
          node.inputs().stream().skip(1).anyMatch(input -> graph.type(input).shape().isBatched())
              ? Optional.of("LayerNorm with parameters per sample")
              : Optional.empty();
      case DeviceOp.BatchMatMul _ -> matMul(graph, node);
      case DeviceOp.Pool2d _, DeviceOp.Gate _, DeviceOp.Where _, DeviceOp.Cast _ ->
          Optional.empty();
      case DeviceOp.Reduce _, DeviceOp.Reshape _, DeviceOp.Transpose _, DeviceOp.Concat _ ->
          Optional.empty();
      case DeviceOp.Slice _, DeviceOp.Pad _, DeviceOp.Softmax _ -> Optional.empty();
      case IntegerOp _ -> Optional.empty();
    };
  }

  private static Optional<String> weights(Graph graph, Node node, boolean bias) {
    boolean constant =
        graph.constant(node.input(1)) != null && (!bias || graph.constant(node.input(2)) != null);
    return constant ? Optional.empty() : Optional.of("computed weights");
  }

  private static Optional<String> unary(UnaryKind kind, ElementType element) {
    return isNarrow(element) && kind != UnaryKind.NOT
        ? Optional.of(kind + " of " + element)
        : Optional.empty();
  }

  private static Optional<String> binary(BinaryKind kind, ElementType element) {
    boolean predicate = kind.isPredicate();
    boolean unsupported =
        (isNarrow(element) && !predicate)
            || (element != ElementType.FLOAT32 && kind == BinaryKind.POW);
    return unsupported ? Optional.of(kind + " of " + element) : Optional.empty();
  }

  /** Types whose arithmetic would wrap at 8 bits. */
  private static boolean isNarrow(ElementType element) {
    return element == ElementType.INT8 || element == ElementType.UINT8;
  }

  private static Optional<String> matMul(Graph graph, Node node) {
    Shape left = graph.type(node.input(0)).shape();
    Shape right = graph.type(node.input(1)).shape();
    boolean mixes =
        (left.isBatched() && left.rank() < 2) || (right.isBatched() && right.rank() < 3);
    return mixes ? Optional.of("a product that mixes samples") : Optional.empty();
  }
}
