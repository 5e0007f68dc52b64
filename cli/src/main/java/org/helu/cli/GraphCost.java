package org.helu.cli;

import java.util.LinkedHashSet;
import java.util.Set;
import org.helu.compiler.analysis.LayerCost;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.tensor.Encoding;
import org.helu.runtime.tensor.Tensor;

/** Totals of a network, for one sample. */
final class GraphCost {
  private GraphCost() {}

  /** Multiply-accumulates, see {@link LayerCost}. */
  static long macs(Graph graph) {
    return graph.nodes().stream().mapToLong(node -> LayerCost.of(graph, node).macs()).sum();
  }

  /** Elements of all constants: the number of parameters, batch norm's statistics included. */
  static long parameters(Graph graph) {
    return graph.constants().values().stream().mapToLong(Tensor::elements).sum();
  }

  /** How many computed values carry a one-bit gate mask. */
  static long gatedValues(Graph graph) {
    return graph.nodes().stream()
        .filter(node -> graph.type(node.output()).encoding() instanceof Encoding.Gated)
        .count();
  }

  /** What a node reads and the graph computes or is given, without repeats, in order. */
  static Set<String> activations(Graph graph, Node node) {
    Set<String> values = new LinkedHashSet<>(node.inputs());
    values.removeAll(graph.constants().keySet());
    return values;
  }
}
