package org.helu.compiler.pass;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.tensor.Tensor;

/**
 * Turns NCHW convolutions and pools into NHWC ones between two transposes, which {@link
 * SinkTransposes} then moves together and cancels. The NHWC form of value {@code v} is called
 * {@code v@nhwc}.
 */
public final class LowerConvolution implements Pass {
  /** NCHW to NHWC. */
  static final List<Integer> TO_NHWC = List.of(0, 2, 3, 1);

  /** NHWC to NCHW. */
  static final List<Integer> TO_NCHW = List.of(0, 3, 1, 2);

  /** Suffix of a value's NHWC form. */
  public static final String NHWC = "@nhwc";

  @Override
  public Graph apply(Graph graph, PassLog log) {
    GraphBuilder builder = graph.toBuilder();
    List<String> computed = new ArrayList<>();
    boolean changed = false;
    for (Node node : graph.nodes()) {
      DeviceOp op =
          switch (node.op()) {
            case FloatOp.Conv conv ->
                new DeviceOp.Conv2d(
                    conv.window(), conv.groups(), node.inputs().size() == 3, false, List.of());
            case FloatOp.Pool pool -> new DeviceOp.Pool2d(pool.kind(), pool.window(), pool.ceil());
            default -> null;
          };
      if (op == null) {
        continue;
      }
      changed = true;
      List<String> inputs = new ArrayList<>(node.inputs());
      if (op instanceof DeviceOp.Conv2d) {
        Tensor weight = graph.constant(node.input(1));
        boolean constantBias = inputs.size() < 3 || graph.constant(inputs.get(2)) != null;
        if (weight == null || !constantBias) {
          computed.add(node.label());
          continue;
        }
        inputs.set(
            1,
            builder.freshConstant(
                node.input(1) + "@ohwi", Rewrites.permuted(weight, List.of(0, 2, 3, 1))));
      }
      boolean computedInput = graph.producer(node.input(0)) != null;
      // Of a computed value v@nhwc is what SinkTransposes makes of its producer.
      String x = builder.fresh(node.input(0) + (computedInput ? "@to_nhwc" : NHWC));
      inputs.set(0, x);
      String y = builder.fresh(node.output() + NHWC);
      DeviceOp toNhwc = new DeviceOp.Transpose(TO_NHWC);
      builder.add(new Node(x, toNhwc, List.of(node.input(0)), x, List.of()));
      builder.add(new Node(node.name(), op, inputs, y, node.origins()));
      String back = builder.fresh(node.output() + "@nchw");
      DeviceOp toNchw = new DeviceOp.Transpose(TO_NCHW);
      builder.replace(node, new Node(back, toNchw, List.of(y), node.output(), List.of()));
    }
    if (!computed.isEmpty()) {
      throw HeluException.unsupported(
          "compile/LowerConvolution",
          "weights must be constants in " + String.join(", ", computed),
          "freeze the model's weights before export");
    }
    return changed ? builder.build() : graph;
  }
}
