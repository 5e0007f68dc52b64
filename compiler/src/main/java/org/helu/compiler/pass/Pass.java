package org.helu.compiler.pass;

import org.helu.runtime.graph.Graph;

/** One transformation of a graph. Its name is verb + object. */
public interface Pass {
  /** The name in reports and in {@code docs/architecture.md}. */
  default String name() {
    return getClass().getSimpleName();
  }

  /**
   * Transforms a graph. Returning the same instance means unchanged.
   *
   * @param log takes what the user should know: what became of a node, or why it was left
   */
  Graph apply(Graph graph, PassLog log);
}
