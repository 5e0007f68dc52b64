package org.helu.compiler;

import org.helu.runtime.graph.BinarizedGraph;

/** What compiling gives: the graph that devices run, and what became of every node. */
public record Compilation(BinarizedGraph graph, CompileReport report) {}
