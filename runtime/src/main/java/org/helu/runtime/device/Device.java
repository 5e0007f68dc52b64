package org.helu.runtime.device;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Node;

/** An opened device. A graph runs wholly on one device. Thread-safe. */
public interface Device extends AutoCloseable {
  /** The name it was selected by. */
  String name();

  /** Hardware and software in one line, for reports. */
  String description();

  /** Whether the device runs this node of {@code graph}. */
  boolean supports(BinarizedGraph graph, Node node);

  /**
   * Prepares a graph: packs weights, plans memory, generates code.
   *
   * @throws HeluException if a node is not supported (all such nodes are listed) or memory is short
   */
  Executable compile(BinarizedGraph graph, CompileOptions options);

  /** {@link #compile(BinarizedGraph, CompileOptions)} with default options. */
  default Executable compile(BinarizedGraph graph) {
    return compile(graph, CompileOptions.DEFAULT);
  }

  @Override
  void close();

  /** Throws, listing every node of {@code graph} that {@code device} does not run. */
  static void requireSupported(Device device, BinarizedGraph graph) {
    List<String> unsupported = new ArrayList<>();
    for (Node node : graph.graph().nodes()) {
      if (!device.supports(graph, node)) {
        unsupported.add(node.label());
      }
    }
    if (!unsupported.isEmpty()) {
      throw HeluException.unsupported(
          "device/" + device.name(),
          "does not run " + String.join(", ", unsupported),
          "choose another device (`helu devices` lists them)");
    }
  }
}
