package org.helu.device.tornado;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.tensor.ElementType;

/** Turns a graph's nodes into kernel calls over {@link Buffers}. Needs no TornadoVM runtime. */
final class Lowering {
  /**
   * A lowered graph.
   *
   * @param calls in order
   */
  record Program(Graph graph, List<KernelCall> calls, Buffers buffers) {}

  private final Graph graph;
  private final Buffers buffers;
  private final KernelForm form;
  private final List<KernelCall> calls = new ArrayList<>();

  private Lowering(Graph graph, int maxBatch, boolean shared, KernelForm form) {
    this.graph = graph;
    this.buffers = new Buffers(graph, maxBatch, shared);
    this.form = form;
  }

  /**
   * @param shared whether activations share memory; not where every value is looked at
   * @param form what to choose where a kernel has several forms
   */
  static Program lower(BinarizedGraph graph, int maxBatch, boolean shared, KernelForm form) {
    Lowering lowering = new Lowering(graph.graph(), maxBatch, shared, form);
    List<Node> nodes = graph.graph().nodes();
    int step = 0;
    while (step < nodes.size()) {
      Node node = nodes.get(step);
      DenseChain chain =
          shared && form == KernelForm.OPENCL_C
              ? DenseChain.startingAt(graph.graph(), step, lowering.buffers)
              : null;
      if (chain != null) {
        lowering.buffers.enter(chain.last());
        lowering.calls.add(chain.call());
        for (int inside = 0; inside < chain.nodes().size(); inside++) {
          lowering.buffers.leave(step++);
        }
        continue;
      }
      lowering.buffers.enter(node);
      boolean empty = lowering.buffers.size(node.output()) == 0;
      if (!empty && !Buffers.isAlias(graph.graph(), node)) {
        lowering.emit(node);
      }
      lowering.buffers.leave(step++);
    }
    return new Program(graph.graph(), List.copyOf(lowering.calls), lowering.buffers);
  }

  private void emit(Node node) {
    KernelCall.Factory call = new KernelCall.Factory(node);
    switch (BinarizedGraph.op(node)) {
      case DeviceOp.Dense op -> calls.add(MatrixLowering.dense(call, buffers, op, form));
      case DeviceOp.Conv2d op -> calls.add(MatrixLowering.conv(call, buffers, op, form));
      case DeviceOp.BatchMatMul _ -> calls.add(MatrixLowering.matMul(call, buffers));
      case DeviceOp.Pool2d op when buffers.element(node.output()) != ElementType.FLOAT32 ->
          calls.addAll(IntegerLowering.maxPool(call, buffers, op, form));
      case DeviceOp.Pool2d op -> calls.add(NormLowering.pool(call, buffers, op));
      case DeviceOp.Reduce op -> calls.add(NormLowering.reduce(call, buffers, op));
      case DeviceOp.Softmax op -> calls.add(NormLowering.softmax(call, buffers, op));
      case DeviceOp.LayerNorm op -> calls.add(NormLowering.layerNorm(call, buffers, op));
      case DeviceOp.Gate _ -> calls.add(ElementwiseLowering.gate(call, buffers));
      case DeviceOp.Unary op -> calls.add(ElementwiseLowering.unary(call, buffers, op));
      case DeviceOp.Binary op -> calls.add(ElementwiseLowering.binary(call, buffers, op));
      case DeviceOp.Where _ -> calls.add(ElementwiseLowering.where(call, buffers));
      case DeviceOp.Cast op -> calls.add(MoveLowering.cast(call, buffers, op.to()));
      case DeviceOp.Transpose op -> calls.add(MoveLowering.transpose(call, buffers, op));
      case DeviceOp.Slice op -> calls.add(MoveLowering.slice(call, buffers, op));
      case DeviceOp.Pad op -> calls.add(MoveLowering.pad(call, buffers, op));
      case DeviceOp.Gather op -> calls.add(MoveLowering.gather(call, buffers, op));
      case DeviceOp.Concat op -> calls.addAll(MoveLowering.concat(call, buffers, op));
      case IntegerOp op -> calls.addAll(IntegerLowering.calls(call, buffers, op, form));
      case DeviceOp.Reshape _ -> throw new IllegalStateException(node.label());
    }
  }
}
