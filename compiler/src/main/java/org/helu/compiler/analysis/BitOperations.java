package org.helu.compiler.analysis;

import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.TensorType;

/**
 * Bit operations (BOPs): a multiply-accumulate of a-bit activations and w-bit weights counts {@code
 * a * w}, one of float32 1,024. A measure of arithmetic that is the same for every device; not a
 * time.
 */
public final class BitOperations {
  /** Of a float32 multiply-accumulate. */
  public static final long FLOAT = 32 * 32;

  private BitOperations() {}

  /** Of one sample. */
  public static long of(Graph graph) {
    return graph.nodes().stream().mapToLong(node -> of(graph, node)).sum();
  }

  /** Of one node and one sample. */
  public static long of(Graph graph, Node node) {
    long macs = LayerCost.of(graph, node).macs();
    if (macs == 0) {
      return 0;
    }
    boolean integer =
        node.op() instanceof IntegerOp.IntegerDense || node.op() instanceof IntegerOp.IntegerConv2d;
    if (!integer) {
      return node.op() instanceof FloatOp.BatchNorm ? 0 : macs * FLOAT;
    }
    return macs * bits(graph.type(node.input(0))) * bits(graph.type(node.input(1)));
  }

  private static long bits(TensorType type) {
    return type.elementType() == ElementType.BIT ? type.planes() : 8;
  }
}
