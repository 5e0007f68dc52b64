package org.helu.compiler.pass;

import java.util.List;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.Op;

/**
 * Makes a conversion the epilogue of the integer layer whose sum it alone reads, so that the sum is
 * never stored.
 */
public final class FuseConversions implements Pass {
  @Override
  public Graph apply(Graph graph, PassLog log) {
    return Rewrites.untilStable(graph, FuseConversions::step);
  }

  private static Graph step(Graph graph) {
    for (Node node : graph.nodes()) {
      if (!(node.op() instanceof IntegerOp.Convert convert)) {
        continue;
      }
      Node producer = graph.producer(node.input(0));
      Op op = producer == null ? null : fused(producer.op(), convert.epilogue());
      if (op == null || !graph.hasSingleUse(producer.output())) {
        continue;
      }
      Node layer =
          new Node(
              producer.name(),
              op,
              Rewrites.append(producer.inputs(), node.input(1)),
              node.output(),
              Rewrites.origins(producer, node));
      return graph.toBuilder().remove(producer).replace(node, layer).build();
    }
    return graph;
  }

  private static Op fused(Op op, Epilogue epilogue) {
    return switch (op) {
      case IntegerOp.IntegerDense dense when dense.epilogues().isEmpty() ->
          new IntegerOp.IntegerDense(dense.codes(), false, List.of(epilogue));
      case IntegerOp.IntegerConv2d conv when conv.epilogues().isEmpty() ->
          new IntegerOp.IntegerConv2d(
              conv.window(), conv.groups(), conv.codes(), false, List.of(epilogue));
      default -> null;
    };
  }
}
