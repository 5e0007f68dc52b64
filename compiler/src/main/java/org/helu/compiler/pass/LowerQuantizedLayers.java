package org.helu.compiler.pass;

import org.helu.compiler.lowbit.Lowering;
import org.helu.runtime.graph.Graph;

/**
 * Makes integer layers of a network that was trained quantized: dot products of codes, with batch
 * norm, scale and quantizer as integer thresholds on the sums (docs/numerics.md). What cannot be
 * moved to the integers stays float, and a note says why.
 */
public final class LowerQuantizedLayers implements Pass {
  private final boolean proved;

  /** For networks that were trained quantized: integers only where they are proved equal. */
  public LowerQuantizedLayers() {
    this(true);
  }

  private LowerQuantizedLayers(boolean proved) {
    this.proved = proved;
  }

  /**
   * For networks that were quantized after training, whose accuracy is measured on the integers: a
   * residual sum may be rounded in fixed point that differs from the float formula next to ties.
   */
  public static LowerQuantizedLayers withRoundedResiduals() {
    return new LowerQuantizedLayers(false);
  }

  @Override
  public Graph apply(Graph graph, PassLog log) {
    Graph lowered = Lowering.apply(graph, log, proved);
    return lowered == graph ? graph : Rewrites.clean(lowered);
  }
}
