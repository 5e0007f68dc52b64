package org.helu.compiler.calibration;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.helu.compiler.pass.Pass;
import org.helu.compiler.pass.PassLog;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.Op;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.Rounding;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/**
 * Gives each layer of a float graph the encoding that a {@link QuantizationPlan} says: a quantizer
 * before it, and weights as dequantized integers. Later passes make integer layers of that, as they
 * do of a network that was trained so.
 *
 * <p>Values between encoded layers that the plan names become codes as well, so that additions and
 * means are integer.
 *
 * <p>A quantizer is put before pools and reshapes where it gives the same there (it is monotone,
 * and they only choose or move values), so that it meets the HeLU. Where an 8-bit layer reads a
 * value, its other readers, such as a residual addition, read the codes too: then the value itself
 * is never stored.
 */
final class QuantizeLayers implements Pass {
  private static final String STAGE = "compile/QuantizeLayers";

  private final QuantizationPlan plan;
  private final boolean simulated;

  /**
   * @param simulated whether to write the quantized numbers as float ops, which every device runs,
   *     instead of integers: for search
   */
  QuantizeLayers(QuantizationPlan plan, boolean simulated) {
    this.plan = plan;
    this.simulated = simulated;
  }

  @Override
  public Graph apply(Graph graph, PassLog log) {
    Map<String, FloatLayer> layers = new HashMap<>();
    FloatLayer.of(graph).forEach(layer -> layers.put(layer.name(), layer));
    Rewrite rewrite = new Rewrite(graph);
    for (QuantizationPlan.Layer planned : plan.layers()) {
      FloatLayer layer = layers.get(planned.node());
      if (layer == null) {
        throw HeluException.invalid(
            STAGE,
            "the encodings name a layer '" + planned.node() + "', which the network does not have",
            "make them again for this network");
      }
      if (!planned.encoding().isExact()) {
        rewrite.quantize(layer, planned);
        log.note(layer.node(), "encoded " + planned.encoding().label());
      }
    }
    Set<String> encoded =
        plan.layers().stream()
            .filter(layer -> !layer.encoding().isExact())
            .map(QuantizationPlan.Layer::node)
            .collect(Collectors.toSet());
    BranchValues branches = new BranchValues(graph, layers.values());
    Set<String> known = branches.all();
    for (QuantizationPlan.Value value : plan.values()) {
      if (!known.contains(value.name())) {
        throw HeluException.invalid(
            STAGE,
            "the encodings name a value '" + value.name() + "', which is no branch of the network",
            "make them again for this network");
      }
      if (branches.isAmongCodes(value.name(), encoded)) {
        rewrite.quantize(value);
      }
    }
    return rewrite.finish();
  }

  /** The quantizer that stands behind a value. */
  private record Key(String value, Quantizer quantizer) {}

  private final class Rewrite {
    private final Graph graph;
    private final GraphBuilder builder;
    private final Map<Key, String> dequantized = new HashMap<>();
    private final Map<String, String> shared = new HashMap<>();
    private final Set<String> inserted = new HashSet<>();
    private final Set<String> finest = new HashSet<>();
    private final Map<String, Node> current = new HashMap<>();

    Rewrite(Graph graph) {
      this.graph = graph;
      this.builder = graph.toBuilder();
      graph.nodes().forEach(node -> current.put(node.name(), node));
    }

    void quantize(FloatLayer layer, QuantizationPlan.Layer planned) {
      Node node = layer.node();
      List<Node> path = new ArrayList<>();
      String source = source(node.input(0), path);
      String codes = dequantized(source, planned.input());
      Node reader = path.isEmpty() ? node : path.getLast();
      replaceInput(reader, 0, codes);
      boolean bits = planned.encoding().weightBits() == 1;
      Weights weights = Weights.of(graph.constant(node.input(1)), layer, bits);
      replaceInput(node, 1, weights(layer, weights));
      addBias(layer, planned.bias());
    }

    /** Makes codes of a value that no 8-bit layer reads as such. */
    void quantize(QuantizationPlan.Value value) {
      if (!shared.containsKey(value.name())) {
        dequantized(value.name(), value.quantizer());
      }
    }

    /** The quantized form of a value; where it has 8 bits, its other readers follow in finish. */
    private String dequantized(String source, Quantizer quantizer) {
      String known = dequantized.get(new Key(source, quantizer));
      if (known != null) {
        return known;
      }
      int bits = 32 - Integer.numberOfLeadingZeros(quantizer.high());
      String quantized = builder.fresh(source + "@q" + bits);
      String restored = builder.fresh(source + "@dq" + bits);
      String first = quantized;
      if (simulated) {
        first = simulate(source, quantizer, restored);
      } else {
        String scale = constant(source + "@scale" + bits, Tensor.scalar(quantizer.scale()));
        String zero =
            constant(source + "@zero" + bits, Tensor.ofInts(Shape.of(), quantizer.zeroPoint()));
        insert(
            new FloatOp.Quantize(0, 0, quantizer.high(), Rounding.HALF_EVEN, ElementType.UINT8),
            quantized,
            source,
            scale,
            zero);
        insert(new FloatOp.Dequantize(0), restored, quantized, scale, zero);
      }
      dequantized.put(new Key(source, quantizer), restored);
      if (quantizer.high() == 255 && shared.putIfAbsent(source, restored) == null) {
        finest.add(first);
      }
      return restored;
    }

    /** The same numbers by float ops. */
    private String simulate(String source, Quantizer quantizer, String restored) {
      float least = -quantizer.zeroPoint();
      float most = quantizer.high() - quantizer.zeroPoint();
      String scaled = builder.fresh(restored + "@scaled");
      String rounded = builder.fresh(restored + "@rounded");
      String clipped = builder.fresh(restored + "@clipped");
      insert(new DeviceOp.Unary(UnaryKind.LINEAR, 1 / quantizer.scale(), 0), scaled, source);
      insert(new DeviceOp.Unary(UnaryKind.ROUND), rounded, scaled);
      insert(new DeviceOp.Unary(UnaryKind.CLIP, least, most), clipped, rounded);
      insert(new DeviceOp.Unary(UnaryKind.LINEAR, quantizer.scale(), 0), restored, clipped);
      return scaled;
    }

    private String weights(FloatLayer layer, Weights weights) {
      String name = layer.node().input(1);
      if (simulated) {
        return constant(name + "@quantized", weights.dequantized());
      }
      String codes = constant(name + "@codes", weights.codes());
      String scale = constant(name + "@scales", weights.scales());
      String zero =
          constant(
              name + "@zeros", Tensor.ofInts(Shape.of(layer.outputs()), new int[layer.outputs()]));
      String restored = builder.fresh(name + "@dequantized");
      return insert(new FloatOp.Dequantize(layer.weightAxis()), restored, codes, scale, zero);
    }

    private void addBias(FloatLayer layer, float[] correction) {
      if (correction.length == 0) {
        return;
      }
      if (correction.length != layer.outputs()) {
        throw HeluException.invalid(
            STAGE,
            "layer '"
                + layer.name()
                + "': expected "
                + layer.outputs()
                + " bias corrections, found "
                + correction.length,
            "make the encodings again for this network");
      }
      Node node = layer.node();
      float[] bias = correction.clone();
      if (node.inputs().size() > 2) {
        float[] own = graph.constant(node.input(2)).toFloats();
        for (int o = 0; o < bias.length; o++) {
          bias[o] += own[o];
        }
      }
      Node now = current.get(node.name());
      Op op = now.op();
      if (op instanceof FloatOp.MatMul) {
        if (graph.type(node.output()).shape().rank() != 2) {
          return;
        }
        op = new FloatOp.Gemm(1, 1, false, false);
      }
      List<String> inputs = new ArrayList<>(now.inputs().subList(0, 2));
      inputs.add(
          constant(node.output() + "@corrected", Tensor.ofFloats(Shape.of(bias.length), bias)));
      replace(now, new Node(now.name(), op, inputs, now.output(), now.origins()));
    }

    /** Walks up from {@code value} past what a quantizer can be moved before. */
    private String source(String value, List<Node> path) {
      String at = value;
      while (true) {
        Node producer = graph.producer(at);
        if (producer == null || !graph.hasSingleUse(at) || !passes(producer)) {
          return at;
        }
        path.add(producer);
        at = producer.input(0);
      }
    }

    private static boolean passes(Node node) {
      return switch (node.op()) {
        case FloatOp.Pool pool -> pool.kind() == PoolKind.MAX;
        case DeviceOp.Reshape _, DeviceOp.Transpose _ -> true;
        default -> false;
      };
    }

    private String constant(String name, Tensor tensor) {
      return builder.freshConstant(name, tensor);
    }

    private String insert(Op op, String output, String... inputs) {
      Node node = new Node(output, op, List.of(inputs), output, List.of());
      builder.add(node);
      inserted.add(output);
      return output;
    }

    private void replaceInput(Node node, int index, String value) {
      Node now = current.get(node.name());
      List<String> inputs = new ArrayList<>(now.inputs());
      inputs.set(index, value);
      replace(now, new Node(now.name(), now.op(), inputs, now.output(), now.origins()));
    }

    private void replace(Node now, Node changed) {
      builder.replace(now, changed);
      current.put(changed.name(), changed);
    }

    Graph finish() {
      shared.forEach(
          (source, restored) -> {
            for (Node node : builder.nodes()) {
              // Quantizers to fewer bits as well: a layer that wrote two forms of its sum would be
              // computed twice.
              boolean coarser =
                  inserted.contains(node.name())
                      && node.input(0).equals(source)
                      && !finest.contains(node.name());
              if (coarser) {
                List<String> inputs = new ArrayList<>(node.inputs());
                inputs.set(0, restored);
                builder.replace(
                    node, new Node(node.name(), node.op(), inputs, node.output(), node.origins()));
              }
            }
            for (Node node : List.copyOf(current.values())) {
              for (int i = 0; i < node.inputs().size(); i++) {
                if (node.input(i).equals(source)) {
                  replaceInput(node, i, restored);
                }
              }
            }
          });
      Graph changed = builder.build();
      return changed.nodes().equals(graph.nodes()) ? graph : changed;
    }
  }
}
