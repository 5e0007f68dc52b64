package org.helu.compiler.pass;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.Op;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Stores weights of +1 and -1 as bits, and codes of one to four bits as bit planes where all that
 * write and read them can: layers with bit weights, max pools, conversions, reshapes that keep rows
 * whole. A flatten before a dense layer, which would break packed rows, becomes a convolution whose
 * window is the whole image.
 */
public final class PackBits implements Pass {
  /** Four planes: more cost more than a byte's arithmetic saves. */
  private static final int MAX_STEPS = 15;

  @Override
  public Graph apply(Graph graph, PassLog log) {
    Graph weights = packWeights(graph);
    Graph windows = Rewrites.untilStable(weights, current -> flattenToWindow(current, log));
    return packCodes(windows, log);
  }

  /** Weights of +1 and -1 become bits; not in grouped convolutions, whose rows are no words. */
  private static Graph packWeights(Graph graph) {
    GraphBuilder builder = graph.toBuilder();
    Map<String, String> packed = new HashMap<>();
    boolean changed = false;
    for (Node node : graph.nodes()) {
      if (!isLayer(node) || isGrouped(graph, node)) {
        continue;
      }
      Tensor weight = graph.constant(node.input(1));
      if (weight == null || weight.type().elementType() != ElementType.INT8 || !isBipolar(weight)) {
        continue;
      }
      String bits =
          packed.computeIfAbsent(
              node.input(1), name -> builder.freshConstant(name + "@bits", packed(weight)));
      List<String> inputs = new ArrayList<>(node.inputs());
      inputs.set(1, bits);
      builder.replace(node, Rewrites.with(node, node.op(), inputs));
      changed = true;
    }
    return changed ? builder.build() : graph;
  }

  private static boolean isLayer(Node node) {
    return node.op() instanceof IntegerOp.IntegerDense
        || node.op() instanceof IntegerOp.IntegerConv2d;
  }

  private static boolean isGrouped(Graph graph, Node node) {
    return node.op() instanceof IntegerOp.IntegerConv2d conv
        && conv.groups() > 1
        && Rewrites.shape(graph, node.input(1)).last() % 64 != 0;
  }

  private static boolean isBipolar(Tensor weight) {
    for (long i = 0; i < weight.elements(); i++) {
      if (Math.abs(weight.getLong(i)) != 1) {
        return false;
      }
    }
    return true;
  }

  private static Tensor packed(Tensor weight) {
    Tensor bits = Tensor.zeros(TensorType.bits(weight.shape(), 1));
    for (long i = 0; i < weight.elements(); i++) {
      bits.setLong(i, weight.getLong(i) > 0 ? 1 : 0);
    }
    return bits;
  }

  /**
   * {@code Dense(Flatten(image))} becomes {@code Flatten(Conv(image))} where codes may be packed.
   */
  private static Graph flattenToWindow(Graph graph, PassLog log) {
    for (Node node : graph.nodes()) {
      Node flatten = graph.producer(node.input(0));
      if (!(node.op() instanceof IntegerOp.IntegerDense dense)
          || flatten == null
          || !(flatten.op() instanceof DeviceOp.Reshape)
          || graph.type(node.input(1)).elementType() != ElementType.BIT
          || !graph.hasSingleUse(flatten.output())
          || dense.residual()) {
        continue;
      }
      Shape image = Rewrites.shape(graph, flatten.input(0));
      Shape rows = Rewrites.shape(graph, flatten.output());
      int steps = steps(graph, flatten.input(0));
      boolean flattens = image.rank() == 4 && rows.rank() == 2 && image.dim(0) == rows.dim(0);
      boolean joins = image.last() % 64 == 0 && steps == 1;
      if (!flattens
          || joins
          || steps == 0
          || steps > MAX_STEPS
          || image.dim(1) * (long) image.dim(2) == 1) {
        continue;
      }
      Tensor weight = graph.constant(node.input(1));
      int outputs = weight.shape().dim(0);
      Tensor kernel =
          Tensor.zeros(
              TensorType.bits(Shape.of(outputs, image.dim(1), image.dim(2), image.dim(3)), 1));
      for (long i = 0; i < weight.elements(); i++) {
        kernel.setLong(i, weight.getLong(i));
      }
      GraphBuilder builder = graph.toBuilder();
      List<String> inputs = new ArrayList<>(node.inputs());
      inputs.set(0, flatten.input(0));
      inputs.set(1, builder.freshConstant(node.input(1) + "@window", kernel));
      Op conv =
          new IntegerOp.IntegerConv2d(
              Window.ofKernel(image.dim(1), image.dim(2)),
              1,
              dense.codes(),
              false,
              dense.epilogues());
      String y = builder.fresh(node.output() + "@window");
      builder.add(new Node(node.name(), conv, inputs, y, Rewrites.origins(flatten, node)));
      String last = builder.fresh(node.name() + "@flat");
      Op reshape = new DeviceOp.Reshape(Rewrites.shape(graph, node.output()));
      builder.replace(node, new Node(last, reshape, List.of(y), node.output(), List.of()));
      log.note(node, "reads the whole image as one window, so that its bits stay packed");
      return Rewrites.clean(builder.build());
    }
    return graph;
  }

  /** Steps of the threshold that wrote these codes, through max pools; 0 where there is none. */
  private static int steps(Graph graph, String value) {
    Node node = graph.producer(value);
    while (node != null && node.op() instanceof DeviceOp.Pool2d) {
      node = graph.producer(node.input(0));
    }
    return node != null && threshold(node) != null ? threshold(node).steps() : 0;
  }

  /** The threshold to UINT8 codes that a node ends in, or null. */
  private static Epilogue.Threshold threshold(Node node) {
    boolean integer = node.op() instanceof IntegerOp;
    List<Epilogue> epilogues = integer ? ((IntegerOp) node.op()).epilogues() : List.of();
    return epilogues.size() == 1
            && epilogues.getFirst() instanceof Epilogue.Threshold threshold
            && threshold.to() == ElementType.UINT8
        ? threshold
        : null;
  }

  private static Graph packCodes(Graph graph, PassLog log) {
    Map<String, Integer> bits = candidates(graph);
    Set<String> refused = new HashSet<>();
    boolean shrunk = true;
    while (shrunk) {
      shrunk = false;
      for (Node node : graph.nodes()) {
        if (!bits.containsKey(node.output())) {
          continue;
        }
        boolean passes = passesCodes(node);
        boolean reads = !passes || bits.containsKey(node.input(0));
        String obstacle = reads ? obstacle(graph, node.output(), bits) : "";
        if (obstacle != null) {
          if (!obstacle.isEmpty() && refused.add(node.output())) {
            log.note(node, "codes stay bytes: " + obstacle);
          }
          bits.remove(node.output());
          if (passes) {
            bits.remove(node.input(0));
          }
          shrunk = true;
        }
      }
    }
    return bits.isEmpty() ? graph : rewrite(graph, bits);
  }

  /** Values that thresholds of few steps write, and what passes them on, with their bits. */
  private static Map<String, Integer> candidates(Graph graph) {
    Map<String, Integer> bits = new HashMap<>();
    for (Node node : graph.nodes()) {
      Epilogue.Threshold threshold = threshold(node);
      if (threshold != null && threshold.steps() <= MAX_STEPS) {
        bits.put(node.output(), threshold.bits());
      } else if (passesCodes(node) && bits.containsKey(node.input(0))) {
        int planes = bits.get(node.input(0));
        boolean legal = node.op() instanceof DeviceOp.Pool2d || keepsRows(graph, node, planes);
        if (legal) {
          bits.put(node.output(), planes);
        }
      }
    }
    return bits;
  }

  private static boolean passesCodes(Node node) {
    return node.op() instanceof DeviceOp.Pool2d || node.op() instanceof DeviceOp.Reshape;
  }

  private static boolean keepsRows(Graph graph, Node reshape, int planes) {
    int from = Rewrites.shape(graph, reshape.input(0)).last();
    int to = Rewrites.shape(graph, reshape.output()).last();
    return from == to || (planes == 1 && from != 0 && from % 64 == 0 && to % from == 0);
  }

  /** What keeps a value from being packed, or null. */
  private static String obstacle(Graph graph, String value, Map<String, Integer> bits) {
    if (graph.isOutput(value)) {
      return "the graph returns them";
    }
    for (Node reader : graph.consumers(value)) {
      boolean takes =
          switch (reader.op()) {
            case IntegerOp.IntegerDense _, IntegerOp.IntegerConv2d _ ->
                reader.input(0).equals(value)
                    && reader.inputs().lastIndexOf(value) == 0
                    && graph.type(reader.input(1)).elementType() == ElementType.BIT;
            case IntegerOp.Convert _ -> true;
            case DeviceOp.Pool2d _, DeviceOp.Reshape _ -> bits.containsKey(reader.output());
            default -> false;
          };
      if (!takes) {
        boolean bytes = isLayer(reader) && reader.input(0).equals(value);
        return "'" + reader.name() + "' " + (bytes ? "has 8-bit weights" : "reads bytes");
      }
    }
    return null;
  }

  private static Graph rewrite(Graph graph, Map<String, Integer> bits) {
    GraphBuilder builder = graph.toBuilder();
    for (Node node : graph.nodes()) {
      if (!bits.containsKey(node.output()) || threshold(node) == null) {
        continue;
      }
      Epilogue packed = new Epilogue.Threshold(threshold(node).steps(), ElementType.BIT);
      Op op =
          switch (node.op()) {
            case IntegerOp.IntegerDense dense ->
                new IntegerOp.IntegerDense(dense.codes(), dense.residual(), List.of(packed));
            case IntegerOp.IntegerConv2d conv ->
                new IntegerOp.IntegerConv2d(
                    conv.window(), conv.groups(), conv.codes(), conv.residual(), List.of(packed));
            default -> new IntegerOp.Convert(packed);
          };
      builder.replace(node, Rewrites.with(node, op, node.inputs()));
    }
    return builder.build();
  }
}
