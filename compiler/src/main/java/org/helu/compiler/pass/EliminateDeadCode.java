package org.helu.compiler.pass;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.Node;

/** Removes nodes whose value nothing reads, and constants that only they read. */
public final class EliminateDeadCode implements Pass {
  @Override
  public Graph apply(Graph graph, PassLog log) {
    Set<String> live = new HashSet<>(graph.outputs());
    List<Node> nodes = graph.nodes();
    GraphBuilder builder = graph.toBuilder();
    boolean changed = false;
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      if (live.contains(node.output())) {
        live.addAll(node.inputs());
      } else {
        builder.remove(node);
        log.note(node, "removed: nothing reads it");
        changed = true;
      }
    }
    boolean unread = graph.constants().keySet().stream().anyMatch(name -> !live.contains(name));
    return changed || unread ? builder.build() : graph;
  }
}
