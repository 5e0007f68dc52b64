package org.helu.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.GraphPrinter;
import org.helu.runtime.graph.Node;
import org.helu.runtime.tensor.Encoding;
import org.helu.runtime.tensor.TensorType;

/**
 * A graph as boxes and arrows, for both the DOT text and the SVG: inputs, nodes and outputs are
 * boxes, activations are arrows. Constants are left out; the layer table tells their sizes.
 *
 * @param boxes in an order in which arrows point forward
 * @param arrows between boxes, by index
 */
record Drawing(List<Box> boxes, List<Arrow> arrows) {
  /** What a box stands for. */
  enum Role {
    INPUT,
    NODE,
    OUTPUT
  }

  /**
   * A box.
   *
   * @param title first line
   * @param detail second line, may be empty
   */
  record Box(Role role, String title, String detail) {}

  /**
   * An arrow.
   *
   * @param label the value's type
   * @param gated whether the value carries a bit mask
   */
  record Arrow(int from, int to, String label, boolean gated) {}

  static Drawing of(Graph graph) {
    List<Box> boxes = new ArrayList<>();
    List<Arrow> arrows = new ArrayList<>();
    Map<String, Integer> writers = new LinkedHashMap<>();
    for (GraphInput input : graph.inputs()) {
      writers.put(input.name(), boxes.size());
      boxes.add(new Box(Role.INPUT, input.name(), input.type().toString()));
    }
    for (Node node : graph.nodes()) {
      int index = boxes.size();
      boxes.add(new Box(Role.NODE, node.name(), GraphPrinter.describe(node.op())));
      for (String value : GraphCost.activations(graph, node)) {
        arrows.add(arrow(graph, writers.get(value), index, value));
      }
      writers.put(node.output(), index);
    }
    for (String output : graph.outputs()) {
      int index = boxes.size();
      boxes.add(new Box(Role.OUTPUT, output, graph.type(output).toString()));
      if (writers.containsKey(output)) {
        arrows.add(arrow(graph, writers.get(output), index, output));
      }
    }
    return new Drawing(boxes, arrows);
  }

  private static Arrow arrow(Graph graph, int from, int to, String value) {
    TensorType type = graph.type(value);
    boolean gated = type.encoding() instanceof Encoding.Gated;
    return new Arrow(from, to, type.shape() + (gated ? " gated" : ""), gated);
  }
}
