package org.helu.compiler.analysis;

import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/**
 * What one node costs per sample.
 *
 * @param macs multiply-accumulates, padding included, gates not skipped
 * @param weightBytes bytes of the constants that the node reads
 * @param outputBytes bytes of its output, a gate's mask included
 */
public record LayerCost(long macs, long weightBytes, long outputBytes) {
  /** The cost of {@code node}; a symbolic batch counts as one sample. */
  public static LayerCost of(Graph graph, Node node) {
    long weightBytes = 0;
    for (String input : node.inputs()) {
      Tensor constant = graph.constant(input);
      weightBytes += constant == null ? 0 : constant.data().byteSize();
    }
    Shape out = graph.type(node.output()).shape();
    long outputs = out.elementsPerSample();
    long macs =
        switch (node.op()) {
          case FloatOp.Conv _, DeviceOp.Conv2d _, IntegerOp.IntegerConv2d _ -> {
            Shape weight = graph.type(node.input(1)).shape();
            yield weight.dim(0) == 0 ? 0 : outputs * (weight.elements() / weight.dim(0));
          }
          case DeviceOp.Dense _, IntegerOp.IntegerDense _ ->
              outputs * graph.type(node.input(1)).shape().last();
          case FloatOp.Gemm gemm ->
              outputs * graph.type(node.input(0)).shape().dim(gemm.transA() ? 0 : 1);
          case FloatOp.MatMul _, DeviceOp.BatchMatMul _ ->
              outputs * graph.type(node.input(0)).shape().last();
          default -> 0;
        };
    return new LayerCost(macs, weightBytes, graph.type(node.output()).withBatch(1).byteSize());
  }
}
