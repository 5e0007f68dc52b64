package org.helu.compiler.pass;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.IntegerOp;

/**
 * Turns each HeLU into a one-bit gate with magnitudes: an epilogue of the dense layer or
 * convolution before it, or a Gate of its own.
 */
public final class LowerHeluToGate implements Pass {
  @Override
  public Graph apply(Graph graph, PassLog log) {
    return Rewrites.untilStable(graph, current -> step(current, log));
  }

  private static Graph step(Graph graph, PassLog log) {
    for (Node node : graph.nodes()) {
      if (!(node.op() instanceof FloatOp.Helu)) {
        continue;
      }
      Node producer = graph.producer(node.input(0));
      DeviceOp fusedOp = null;
      if (producer != null && graph.hasSingleUse(producer.output())) {
        fusedOp =
            switch (producer.op()) {
              case DeviceOp.Dense dense ->
                  new DeviceOp.Dense(dense.bias(), dense.residual(), gated(dense.epilogues()));
              case DeviceOp.Conv2d conv ->
                  new DeviceOp.Conv2d(
                      conv.window(),
                      conv.groups(),
                      conv.bias(),
                      conv.residual(),
                      gated(conv.epilogues()));
              case IntegerOp.IntegerDense dense when isAffine(dense) ->
                  new IntegerOp.IntegerDense(dense.codes(), false, gated(dense.epilogues()));
              case IntegerOp.IntegerConv2d conv when isAffine(conv) ->
                  new IntegerOp.IntegerConv2d(
                      conv.window(), conv.groups(), conv.codes(), false, gated(conv.epilogues()));
              default -> null;
            };
      }
      if (fusedOp == null) {
        String reason = reason(graph, node, producer);
        log.note(node, "a gate of its own: " + reason);
        return graph.toBuilder()
            .replace(node, Rewrites.with(node, new DeviceOp.Gate(), node.inputs()))
            .build();
      }
      log.note(node, "a gate, fused into '" + producer.name() + "'");
      Node fused =
          new Node(
              producer.name(),
              fusedOp,
              producer.inputs(),
              node.output(),
              Rewrites.origins(producer, node));
      return graph.toBuilder().remove(node).replace(producer, fused).build();
    }
    return graph;
  }

  private static String reason(Graph graph, Node node, Node producer) {
    if (producer == null) {
      return "it reads an input of the graph";
    }
    return graph.hasSingleUse(producer.output())
        ? "it follows " + producer.op().name()
        : "'" + producer.name() + "' has other readers";
  }

  private static boolean isAffine(IntegerOp op) {
    return op.epilogues().equals(List.of(Epilogue.AFFINE));
  }

  private static List<Epilogue> gated(List<Epilogue> epilogues) {
    List<Epilogue> gated = new ArrayList<>(epilogues);
    gated.add(Epilogue.GATE);
    return gated;
  }
}
