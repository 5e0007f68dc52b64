package org.helu.compiler.onnx;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/** Checks how nodes hang together, drops what no output needs, and sorts the rest. */
final class NodeOrder {
  private final List<OnnxNode> nodes;
  private final Map<String, Integer> writers = new HashMap<>();
  private final Set<String> read = new HashSet<>();

  /**
   * @param nodes all nodes of the model
   * @param known names of graph inputs and initializers
   * @throws org.helu.runtime.HeluException if a value is written twice
   */
  NodeOrder(List<OnnxNode> nodes, Set<String> known) {
    this.nodes = nodes;
    for (int i = 0; i < nodes.size(); i++) {
      for (String output : nodes.get(i).outputs()) {
        if (output.isEmpty()) {
          continue;
        }
        if (known.contains(output) || writers.put(output, i) != null) {
          throw OnnxImporter.invalid(
              nodes.get(i).label() + ": value '" + output + "' is written twice");
        }
      }
    }
  }

  /**
   * The nodes that {@code outputs} depend on, each behind those it reads, else in file order.
   *
   * @throws org.helu.runtime.HeluException if a value is missing or nodes form a cycle
   */
  List<OnnxNode> sorted(List<String> outputs, Set<String> known) {
    boolean[] live = live(outputs, known);
    int[] missing = new int[nodes.size()];
    Map<Integer, List<Integer>> readers = new HashMap<>();
    PriorityQueue<Integer> ready = new PriorityQueue<>();
    int count = 0;
    for (int i = 0; i < live.length; i++) {
      if (!live[i]) {
        continue;
      }
      count++;
      for (String input : nodes.get(i).inputs()) {
        Integer writer = writers.get(input);
        if (writer != null) {
          missing[i]++;
          readers.computeIfAbsent(writer, _ -> new ArrayList<>()).add(i);
        }
      }
      if (missing[i] == 0) {
        ready.add(i);
      }
    }
    List<OnnxNode> sorted = new ArrayList<>(count);
    while (!ready.isEmpty()) {
      int next = ready.poll();
      sorted.add(nodes.get(next));
      for (int reader : readers.getOrDefault(next, List.of())) {
        if (--missing[reader] == 0) {
          ready.add(reader);
        }
      }
    }
    if (sorted.size() < count) {
      for (int i = 0; i < live.length; i++) {
        if (live[i] && missing[i] > 0) {
          throw OnnxImporter.invalid(
              nodes.get(i).label() + ": is part of, or behind, a cycle; a network must be acyclic");
        }
      }
    }
    return sorted;
  }

  /** Whether a node that is needed, or the graph's outputs, read a value; after {@link #sorted}. */
  boolean isRead(String value) {
    return read.contains(value);
  }

  private boolean[] live(List<String> outputs, Set<String> known) {
    boolean[] live = new boolean[nodes.size()];
    Deque<Integer> open = new ArrayDeque<>();
    for (String output : outputs) {
      require(output, "the graph's outputs", known, live, open);
    }
    while (!open.isEmpty()) {
      OnnxNode node = nodes.get(open.pop());
      for (String input : node.inputs()) {
        if (!input.isEmpty()) {
          require(input, node.label(), known, live, open);
        }
      }
    }
    return live;
  }

  private void require(
      String value, String reader, Set<String> known, boolean[] live, Deque<Integer> open) {
    read.add(value);
    Integer writer = writers.get(value);
    if (writer == null) {
      if (!known.contains(value)) {
        throw OnnxImporter.invalid(
            reader
                + ": value '"
                + value
                + "' is neither written by a node, nor an input, nor an"
                + " initializer");
      }
    } else if (!live[writer]) {
      live[writer] = true;
      open.push(writer);
    }
  }
}
