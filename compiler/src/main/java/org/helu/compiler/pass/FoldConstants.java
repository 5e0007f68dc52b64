package org.helu.compiler.pass;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.Op;
import org.helu.runtime.reference.ReferenceKernels;
import org.helu.runtime.tensor.Tensor;

/**
 * Computes nodes whose inputs are all constants; quantizers of constants only once {@link
 * LowerQuantizedLayers} has read the integers behind them.
 */
public final class FoldConstants implements Pass {
  /** A folded constant may be this many times the bytes of the model's constants… */
  private static final long MAX_GROWTH = 4;

  /** …or this many bytes, whichever is more: a small file must not ask for a large memory. */
  private static final long MAX_BYTES = 64L << 20;

  private final boolean quantizers;

  /** Folds every op. */
  public FoldConstants() {
    this(true);
  }

  private FoldConstants(boolean quantizers) {
    this.quantizers = quantizers;
  }

  /** Leaves quantizers and dequantizers, and so what depends on them. */
  public static FoldConstants exceptQuantizers() {
    return new FoldConstants(false);
  }

  private boolean folds(Op op) {
    return quantizers
        || !(op instanceof FloatOp.Quantize
            || op instanceof FloatOp.Dequantize
            || op instanceof FloatOp.MultiThreshold);
  }

  @Override
  public Graph apply(Graph graph, PassLog log) {
    long budget = Math.max(MAX_BYTES, MAX_GROWTH * graph.constantBytes());
    Map<String, Tensor> known = new HashMap<>(graph.constants());
    GraphBuilder builder = graph.toBuilder();
    boolean changed = false;
    for (Node node : graph.nodes()) {
      List<Tensor> operands = new ArrayList<>(node.inputs().size());
      node.inputs().forEach(value -> operands.add(known.get(value)));
      if (operands.contains(null)
          || !folds(node.op())
          || graph.type(node.output()).shape().isBatched()) {
        continue;
      }
      long bytes = graph.type(node.output()).byteSize();
      if (bytes > budget) {
        log.note(node, "not folded: the result would take " + bytes + " bytes");
        continue;
      }
      Tensor result = ReferenceKernels.evaluate(node.op(), operands);
      budget -= bytes;
      known.put(node.output(), result);
      builder.remove(node).constant(node.output(), result);
      log.note(node, "computed: its inputs are constants");
      changed = true;
    }
    return changed ? builder.build() : graph;
  }
}
