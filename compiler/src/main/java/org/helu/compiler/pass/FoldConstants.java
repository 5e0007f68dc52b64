package org.helu.compiler.pass;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.Node;
import org.helu.runtime.reference.ReferenceKernels;
import org.helu.runtime.tensor.Tensor;

/** Computes nodes whose inputs are all constants. */
public final class FoldConstants implements Pass {
  /** A folded constant may be this many times the bytes of the model's constants… */
  private static final long MAX_GROWTH = 4;

  /** …or this many bytes, whichever is more: a small file must not ask for a large memory. */
  private static final long MAX_BYTES = 64L << 20;

  @Override
  public Graph apply(Graph graph, PassLog log) {
    long budget = Math.max(MAX_BYTES, MAX_GROWTH * graph.constantBytes());
    Map<String, Tensor> known = new HashMap<>(graph.constants());
    GraphBuilder builder = graph.toBuilder();
    boolean changed = false;
    for (Node node : graph.nodes()) {
      List<Tensor> operands = new ArrayList<>(node.inputs().size());
      node.inputs().forEach(value -> operands.add(known.get(value)));
      if (operands.contains(null) || graph.type(node.output()).shape().isBatched()) {
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
