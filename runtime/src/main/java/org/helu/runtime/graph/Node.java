package org.helu.runtime.graph;

import java.util.List;
import java.util.Objects;
import org.helu.runtime.op.Op;

/**
 * One operation in a graph.
 *
 * @param name unique within the graph, for messages
 * @param op what is computed
 * @param inputs names of the values read, in the op's order
 * @param output name of the value written; every value is written once
 * @param origins names of the source model's nodes that this node came from; empty where the
 *     compiler added it, such as a change of layout
 */
public record Node(String name, Op op, List<String> inputs, String output, List<String> origins) {
  public Node {
    Objects.requireNonNull(name);
    Objects.requireNonNull(op);
    Objects.requireNonNull(output);
    inputs = List.copyOf(inputs);
    origins = List.copyOf(origins);
  }

  /** A node that is its own origin. */
  public Node(String name, Op op, List<String> inputs, String output) {
    this(name, op, inputs, output, List.of(name));
  }

  /** The input at {@code index}. */
  public String input(int index) {
    return inputs.get(index);
  }

  /** {@code node 'conv1' (Conv2d)}, the way messages name a node. */
  public String label() {
    return "node '" + name + "' (" + op.name() + ")";
  }
}
