package org.helu.compiler.pass;

import org.helu.compiler.lowbit.Lowering;
import org.helu.runtime.graph.Graph;

/**
 * Makes integer layers of a network that was trained quantized: dot products of codes, with batch
 * norm, scale and quantizer as integer thresholds on the sums (docs/numerics.md). What cannot be
 * moved to the integers stays float, and a note says why.
 */
public final class LowerQuantizedLayers implements Pass {
  @Override
  public Graph apply(Graph graph, PassLog log) {
    Graph lowered = Lowering.apply(graph, log);
    return lowered == graph ? graph : Rewrites.clean(lowered);
  }
}
