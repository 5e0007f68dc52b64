package org.helu.runtime.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.helu.runtime.HeluException;
import org.helu.runtime.op.Op;
import org.helu.runtime.tensor.Tensor;

/** Collects the parts of a {@link Graph}, in any order; {@link #build} sorts and checks them. */
public final class GraphBuilder {
  private final String name;
  private final List<GraphInput> inputs = new ArrayList<>();
  private final List<String> outputs = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final Set<String> names = new HashSet<>();

  /** An empty graph. */
  public GraphBuilder(String name) {
    this.name = name;
  }

  /** Everything that {@code graph} holds. */
  GraphBuilder(Graph graph) {
    this(graph.name());
    graph.inputs().forEach(this::input);
    graph.constants().forEach(this::constant);
    graph.nodes().forEach(this::add);
    graph.outputs().forEach(this::output);
  }

  /** Declares an input. */
  public GraphBuilder input(GraphInput input) {
    inputs.add(input);
    names.add(input.name());
    return this;
  }

  /** Declares an output. */
  public GraphBuilder output(String value) {
    outputs.add(value);
    return this;
  }

  /** Adds or replaces a constant. */
  public GraphBuilder constant(String value, Tensor tensor) {
    constants.put(value, tensor);
    names.add(value);
    return this;
  }

  /** Adds a constant under a new name made from {@code base}, and returns that name. */
  public String freshConstant(String base, Tensor tensor) {
    String value = fresh(base);
    constant(value, tensor);
    return value;
  }

  /** Adds a node. */
  public GraphBuilder add(Node node) {
    nodes.add(node);
    names.add(node.name());
    names.add(node.output());
    return this;
  }

  /** Adds a node that is called as its output; returns the output. */
  public String add(Op op, String output, String... nodeInputs) {
    add(new Node(output, op, Arrays.asList(nodeInputs), output));
    return output;
  }

  /** Removes a node. */
  public GraphBuilder remove(Node node) {
    nodes.remove(node);
    return this;
  }

  /** Puts {@code replacement} where {@code node} stood. */
  public GraphBuilder replace(Node node, Node replacement) {
    nodes.set(nodes.indexOf(node), replacement);
    names.add(replacement.name());
    names.add(replacement.output());
    return this;
  }

  /** Lets every reader of {@code value}, the graph's outputs included, read {@code other}. */
  public GraphBuilder redirect(String value, String other) {
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      if (node.inputs().contains(value)) {
        List<String> changed = new ArrayList<>(node.inputs());
        changed.replaceAll(input -> input.equals(value) ? other : input);
        nodes.set(i, new Node(node.name(), node.op(), changed, node.output(), node.origins()));
      }
    }
    outputs.replaceAll(output -> output.equals(value) ? other : output);
    return this;
  }

  /** {@code base}, or {@code base.2}, {@code base.3}… where it is taken; the name is then taken. */
  public String fresh(String base) {
    String candidate = base;
    for (int i = 2; !names.add(candidate); i++) {
      candidate = base + "." + i;
    }
    return candidate;
  }

  /** The nodes so far. */
  public List<Node> nodes() {
    return List.copyOf(nodes);
  }

  /**
   * Sorts the nodes (stable: as added where dependencies allow), drops constants that nothing
   * reads, and checks the result.
   *
   * @throws HeluException if the nodes form a cycle or a check of {@link Graph} fails
   */
  public Graph build() {
    List<Node> sorted = sort();
    Set<String> read = new HashSet<>(outputs);
    sorted.forEach(node -> read.addAll(node.inputs()));
    Map<String, Tensor> kept = new LinkedHashMap<>(constants);
    kept.keySet().retainAll(read);
    return new Graph(name, inputs, outputs, sorted, kept);
  }

  private List<Node> sort() {
    Map<String, Integer> writer = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      writer.put(nodes.get(i).output(), i);
    }
    int[] missing = new int[nodes.size()];
    List<Deque<Integer>> readers = new ArrayList<>();
    nodes.forEach(_ -> readers.add(new ArrayDeque<>()));
    PriorityQueue<Integer> ready = new PriorityQueue<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (String input : nodes.get(i).inputs()) {
        Integer source = writer.get(input);
        if (source != null) {
          missing[i]++;
          readers.get(source).add(i);
        }
      }
      if (missing[i] == 0) {
        ready.add(i);
      }
    }
    List<Node> sorted = new ArrayList<>(nodes.size());
    while (!ready.isEmpty()) {
      int next = ready.poll();
      sorted.add(nodes.get(next));
      for (int reader : readers.get(next)) {
        if (--missing[reader] == 0) {
          ready.add(reader);
        }
      }
    }
    if (sorted.size() < nodes.size()) {
      for (int i = 0; i < missing.length; i++) {
        if (missing[i] > 0) {
          throw HeluException.invalid(
              "graph",
              nodes.get(i).label() + ": is part of, or behind, a cycle",
              "a network must be acyclic; unroll loops before export");
        }
      }
    }
    return sorted;
  }
}
