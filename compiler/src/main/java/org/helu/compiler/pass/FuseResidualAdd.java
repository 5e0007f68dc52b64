package org.helu.compiler.pass;

import java.util.List;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;

/**
 * Lets a dense layer or convolution add the other branch itself: {@code Add(Conv2d(x), r)} becomes
 * {@code Conv2d(x, +residual r)}, so that the sum is formed before the accumulator is stored.
 */
public final class FuseResidualAdd implements Pass {
  @Override
  public Graph apply(Graph graph, PassLog log) {
    return Rewrites.untilStable(graph, current -> step(current, log));
  }

  private static Graph step(Graph graph, PassLog log) {
    for (Node node : graph.nodes()) {
      if (!(node.op() instanceof DeviceOp.Binary binary) || binary.kind() != BinaryKind.ADD) {
        continue;
      }
      // The later of the two producers takes the sum: the other branch is complete by then.
      Node left = candidate(graph, node, node.input(0), node.input(1));
      Node right = candidate(graph, node, node.input(1), node.input(0));
      Node producer = right != null ? right : left;
      if (left != null && right != null) {
        producer = graph.nodes().indexOf(left) > graph.nodes().indexOf(right) ? left : right;
      }
      if (producer == null) {
        continue;
      }
      String residual = producer.output().equals(node.input(0)) ? node.input(1) : node.input(0);
      DeviceOp op =
          switch (producer.op()) {
            case DeviceOp.Dense dense -> new DeviceOp.Dense(dense.bias(), true, List.of());
            case DeviceOp.Conv2d conv ->
                new DeviceOp.Conv2d(conv.window(), conv.groups(), conv.bias(), true, List.of());
            default -> throw new IllegalStateException(producer.label());
          };
      log.note(node, "fused into '" + producer.name() + "' as its residual");
      Node fused =
          new Node(
              producer.name(),
              op,
              Rewrites.append(producer.inputs(), residual),
              node.output(),
              Rewrites.origins(producer, node));
      return graph.toBuilder().remove(producer).replace(node, fused).build();
    }
    return graph;
  }

  private static Node candidate(Graph graph, Node add, String value, String other) {
    Node producer = graph.producer(value);
    if (producer == null
        || value.equals(other)
        || !graph.hasSingleUse(value)
        || graph.constant(other) != null
        || !Rewrites.sameShape(graph, value, other)) {
      return null;
    }
    return Rewrites.isBareProduct(producer) ? producer : null;
  }
}
