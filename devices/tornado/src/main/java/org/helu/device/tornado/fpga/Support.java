package org.helu.device.tornado.fpga;

import java.util.Optional;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.TensorType;

/** Which nodes there is code for. */
final class Support {
  private Support() {}

  /** Why a node has no code, or empty where it has. */
  static Optional<String> objection(Graph graph, Node node) {
    for (String input : node.inputs()) {
      if (isEmpty(graph.type(input))) {
        return Optional.of("value '" + input + "' is empty");
      }
    }
    TensorType y = graph.type(node.output());
    if (isEmpty(y)) {
      return Optional.of("value '" + node.output() + "' is empty");
    }
    TensorType x = graph.type(node.input(0));
    return switch ((DeviceOp) node.op()) {
      case DeviceOp.Dense dense -> weights(graph, node, dense.bias());
      case DeviceOp.Conv2d conv -> weights(graph, node, conv.bias()).or(() -> images(x));
      case IntegerOp.IntegerConv2d _, DeviceOp.Pool2d _ -> images(x);
      case IntegerOp.IntegerDense _, IntegerOp.Convert _ -> Optional.empty();
      case DeviceOp.Unary unary -> ElementwiseWriter.objection(unary, x.elementType());
      case DeviceOp.Binary binary -> ElementwiseWriter.objection(binary, x.elementType());
      case DeviceOp.Gather _ when graph.constant(node.input(1)) == null ->
          Optional.of("indices are computed");
      case DeviceOp.Gate _, DeviceOp.Reduce _, DeviceOp.Reshape _ -> Optional.empty();
      case DeviceOp.Transpose _, DeviceOp.Concat _, DeviceOp.Slice _ -> dimensions(x, y);
      case DeviceOp.Pad _, DeviceOp.Gather _ -> dimensions(x, y);
      case DeviceOp.Where _, DeviceOp.Cast _ -> Optional.of("no code for this op");
      case DeviceOp.Softmax _, DeviceOp.LayerNorm _, DeviceOp.BatchMatMul _ ->
          Optional.of("no code for this op");
    };
  }

  private static boolean isEmpty(TensorType type) {
    return type.shape().elementsPerSample() == 0;
  }

  /** Moves go by the dimensions of a sample. */
  private static Optional<String> dimensions(TensorType x, TensorType y) {
    int batch = x.shape().isBatched() ? 1 : 0;
    return x.shape().rank() > batch && y.shape().rank() > batch
        ? Optional.empty()
        : Optional.of("a sample of " + x + " or " + y + " is a lone number");
  }

  private static Optional<String> weights(Graph graph, Node node, boolean bias) {
    boolean constant =
        graph.constant(node.input(1)) != null && (!bias || graph.constant(node.input(2)) != null);
    return constant ? Optional.empty() : Optional.of("weights are computed");
  }

  private static Optional<String> images(TensorType x) {
    Shape shape = x.shape();
    return shape.isBatched() || shape.dim(0) == 1
        ? Optional.empty()
        : Optional.of("images are " + shape + " without a symbolic batch");
  }
}
