package org.helu.runtime.graph;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.HeluException;
import org.helu.runtime.op.DeviceOp;

/**
 * A graph that devices run: device ops only. It wraps a {@link Graph} that has passed this check.
 *
 * @param graph the nodes, constants and types
 * @param provenance where the graph came from
 */
public record BinarizedGraph(Graph graph, Provenance provenance) {
  public BinarizedGraph {
    List<String> unlowered = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (!(node.op() instanceof DeviceOp)) {
        unlowered.add(node.label());
      }
    }
    if (!unlowered.isEmpty()) {
      throw HeluException.unsupported(
          "graph/binarized",
          "no device runs " + String.join(", ", unlowered),
          "compile the graph first");
    }
    graph.nodes().forEach(node -> IntegerConstants.check(graph, node));
  }

  /** The network's name. */
  public String name() {
    return graph.name();
  }

  /** The op of a node of this graph. */
  public static DeviceOp op(Node node) {
    return (DeviceOp) node.op();
  }
}
