package org.helu.compiler.pass;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.helu.compiler.analysis.IntervalAnalysis;
import org.helu.compiler.analysis.Intervals;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/**
 * Uses bounds that follow from the declared input range. A HeLU whose input is never negative is
 * always open: it is removed, which leaves a linear layer for {@link MergeLinear}. A channel whose
 * HeLU input is never positive is provably dead: it is cut out of the layer before and of the layer
 * behind. Both are exact.
 */
public final class PruneGates implements Pass {
  @Override
  public Graph apply(Graph graph, PassLog log) {
    return Rewrites.untilStable(graph, current -> step(current, log));
  }

  private static Graph step(Graph graph, PassLog log) {
    Map<String, Intervals> bounds = null;
    for (Node node : graph.nodes()) {
      if (!(node.op() instanceof FloatOp.Helu)) {
        continue;
      }
      if (bounds == null) {
        bounds = IntervalAnalysis.of(graph);
      }
      Intervals z = bounds.get(node.input(0));
      if (z == null) {
        continue;
      }
      if (z.hull().min(0) >= 0) {
        Graph open = Rewrites.bypass(graph, node, node.input(0));
        if (open != null) {
          log.note(node, "always open: its input is at least " + z.hull().min(0));
          return open;
        }
        continue;
      }
      List<Integer> live = liveChannels(z, Rewrites.shape(graph, node.output()).last());
      int dead = Rewrites.shape(graph, node.output()).last() - live.size();
      if (dead > 0) {
        Graph pruned = prune(graph, node, live);
        if (pruned != null) {
          log.note(node, dead + " provably dead channels removed");
          return pruned;
        }
        log.note(node, dead + " provably dead channels stay: their readers cannot be cut");
      }
    }
    return graph;
  }

  private static List<Integer> liveChannels(Intervals z, int channels) {
    List<Integer> live = new ArrayList<>();
    for (int c = 0; c < channels; c++) {
      if (z.max(c) > 0) {
        live.add(c);
      }
    }
    if (live.isEmpty()) {
      live.add(0); // tensors without channels help nobody
    }
    return live;
  }

  private static Graph prune(Graph graph, Node helu, List<Integer> live) {
    int channels = Rewrites.shape(graph, helu.output()).last();
    Node producer = graph.producer(helu.input(0));
    if (producer == null || live.size() == channels || !graph.hasSingleUse(helu.input(0))) {
      return null;
    }
    boolean grouped = producer.op() instanceof DeviceOp.Conv2d conv && conv.groups() != 1;
    boolean cuttable = Rewrites.isBareProduct(producer) && !grouped;
    List<Node> chain = cuttable ? chainToReader(graph, helu, channels) : null;
    if (chain == null) {
      return null;
    }
    GraphBuilder builder = graph.toBuilder();
    List<String> inputs = new ArrayList<>(producer.inputs());
    inputs.set(1, cut(builder, graph, producer.input(1), 0, live));
    if (inputs.size() > 2) {
      inputs.set(2, cut(builder, graph, producer.input(2), 0, live));
    }
    String value = builder.fresh(producer.output() + "@pruned");
    builder.replace(
        producer, new Node(producer.name(), producer.op(), inputs, value, producer.origins()));
    for (Node node : chain.subList(0, chain.size() - 1)) {
      String pruned = builder.fresh(node.output() + "@pruned");
      DeviceOp reshape =
          node.op() instanceof DeviceOp.Reshape op
              ? new DeviceOp.Reshape(
                  op.target().withDim(-1, op.target().last() / channels * live.size()))
              : null;
      builder.replace(
          node,
          new Node(
              node.name(),
              reshape != null ? reshape : node.op(),
              List.of(value),
              pruned,
              node.origins()));
      value = pruned;
    }
    Node reader = chain.get(chain.size() - 1);
    List<String> readerInputs = new ArrayList<>(reader.inputs());
    readerInputs.set(0, value);
    int columns = graph.constant(reader.input(1)).shape().last();
    List<Integer> kept = new ArrayList<>();
    for (int column = 0; column < columns; column++) {
      if (live.contains(column % channels)) {
        kept.add(column);
      }
    }
    int lastAxis = graph.constant(reader.input(1)).shape().rank() - 1;
    readerInputs.set(1, cut(builder, graph, reader.input(1), lastAxis, kept));
    return builder.replace(reader, Rewrites.with(reader, reader.op(), readerInputs)).build();
  }

  /** The HeLU, nodes that keep channels apart, and the layer that reads them; or null. */
  private static List<Node> chainToReader(Graph graph, Node helu, int channels) {
    List<Node> chain = new ArrayList<>();
    Node node = helu;
    while (true) {
      chain.add(node);
      if (!graph.hasSingleUse(node.output())) {
        return null;
      }
      Node reader = graph.consumers(node.output()).get(0);
      boolean first = reader.input(0).equals(node.output());
      switch (reader.op()) {
        case DeviceOp.Dense dense when first && readsOnce(graph, reader, dense.residual()) -> {
          chain.add(reader);
          return chain;
        }
        case DeviceOp.Conv2d conv
            when first && conv.groups() == 1 && readsOnce(graph, reader, conv.residual()) -> {
          chain.add(reader);
          return chain;
        }
        case DeviceOp.Pool2d _ -> node = reader;
        case DeviceOp.Reshape reshape when reshape.target().last() % channels == 0 -> node = reader;
        default -> {
          return null;
        }
      }
    }
  }

  private static boolean readsOnce(Graph graph, Node reader, boolean residual) {
    return graph.constant(reader.input(1)) != null
        && !(residual && reader.inputs().get(reader.inputs().size() - 1).equals(reader.input(0)));
  }

  /** A constant with only the entries {@code kept} of {@code axis}. */
  private static String cut(
      GraphBuilder builder, Graph graph, String name, int axis, List<Integer> kept) {
    Tensor tensor = graph.constant(name);
    Shape shape = tensor.shape();
    int inner = 1;
    for (int a = axis + 1; a < shape.rank(); a++) {
      inner *= shape.dim(a);
    }
    int outer = (int) (shape.elements() / inner / shape.dim(axis));
    float[] values = tensor.toFloats();
    float[] result = new float[outer * kept.size() * inner];
    int at = 0;
    for (int o = 0; o < outer; o++) {
      for (int index : kept) {
        System.arraycopy(values, (o * shape.dim(axis) + index) * inner, result, at, inner);
        at += inner;
      }
    }
    Shape smaller = shape.withDim(axis, kept.size());
    return builder.freshConstant(name + "@pruned", Tensor.ofFloats(smaller, result));
  }
}
