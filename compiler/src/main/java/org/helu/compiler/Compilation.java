package org.helu.compiler;

import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Certificate;

/** What compiling gives: the graph that devices run, and what became of every node. */
public record Compilation(BinarizedGraph graph, CompileReport report) {
  /** This compilation with what was measured of it. */
  public Compilation with(Certificate certificate) {
    return new Compilation(
        new BinarizedGraph(graph.graph(), graph.provenance().with(certificate)), report);
  }
}
