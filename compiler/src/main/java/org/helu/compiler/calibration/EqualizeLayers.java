package org.helu.compiler.calibration;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.helu.compiler.pass.Pass;
import org.helu.compiler.pass.PassLog;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/**
 * Moves the scale of channels from one layer to the next, past a HeLU, which commutes with positive
 * factors: {@code W2 h(W1 x + b1) = (W2 S) h(S^-1 (W1 x + b1))}. Source: arXiv 1906.04721, section
 * 4.1.
 */
final class EqualizeLayers implements Pass {
  private static final String STAGE = "compile/EqualizeLayers";

  private final List<QuantizationPlan.Equalization> equalizations;

  EqualizeLayers(List<QuantizationPlan.Equalization> equalizations) {
    this.equalizations = equalizations;
  }

  /** Two layers of which the first feeds the second alone, past a HeLU and pools. */
  record Pair(FloatLayer first, FloatLayer second) {}

  /** All such pairs whose channels match. */
  static List<Pair> pairs(Graph graph) {
    Map<String, FloatLayer> layers = new HashMap<>();
    List<FloatLayer> ordered = FloatLayer.of(graph);
    ordered.forEach(layer -> layers.put(layer.node().output(), layer));
    List<Pair> pairs = new ArrayList<>();
    for (FloatLayer second : ordered) {
      String value = second.node().input(0);
      boolean activated = false;
      while (graph.hasSingleUse(value) && layers.get(value) == null) {
        Node producer = graph.producer(value);
        boolean passes =
            producer != null
                && (producer.op() instanceof FloatOp.Helu || producer.op() instanceof FloatOp.Pool);
        if (!passes) {
          break;
        }
        activated |= producer.op() instanceof FloatOp.Helu;
        value = producer.input(0);
      }
      FloatLayer first = layers.get(value);
      boolean sameKind =
          first != null
              && first.node().op().getClass() == second.node().op().getClass()
              && !(first.node().op() instanceof FloatOp.MatMul);
      if (sameKind && activated && graph.hasSingleUse(value)) {
        pairs.add(new Pair(first, second));
      }
    }
    return pairs;
  }

  /**
   * Factors that make the ranges of both layers' weights per channel equal: {@code s = sqrt(r1 /
   * r2)}, where r is the channel's largest |weight|; normalized to a geometric mean of 1.
   */
  static float[] factors(Graph graph, Pair pair) {
    double[] written = new double[pair.first.outputs()];
    double[] read = new double[pair.first.outputs()];
    Tensor w1 = graph.constant(pair.first.node().input(1));
    Tensor w2 = graph.constant(pair.second.node().input(1));
    for (int i = 0; i < w1.elements(); i++) {
      int c = pair.first.output(w1, i);
      written[c] = Math.max(written[c], Math.abs(w1.getFloat(i)));
    }
    for (int i = 0; i < w2.elements(); i++) {
      int c = pair.second.feature(w2, i);
      read[c] = Math.max(read[c], Math.abs(w2.getFloat(i)));
    }
    double logs = 0;
    double[] raw = new double[written.length];
    for (int c = 0; c < raw.length; c++) {
      boolean usable = written[c] > 1e-12 && read[c] > 1e-12;
      raw[c] = usable ? Math.clamp(Math.sqrt(written[c] / read[c]), 1e-3, 1e3) : 1;
      logs += Math.log(raw[c]) / raw.length;
    }
    float[] factors = new float[raw.length];
    for (int c = 0; c < factors.length; c++) {
      factors[c] = (float) (raw[c] / Math.exp(logs));
    }
    return factors;
  }

  @Override
  public Graph apply(Graph graph, PassLog log) {
    Graph current = graph;
    for (QuantizationPlan.Equalization equalization : equalizations) {
      Pair pair = null;
      for (Pair candidate : pairs(current)) {
        if (candidate.first.name().equals(equalization.first())
            && candidate.second.name().equals(equalization.second())) {
          pair = candidate;
        }
      }
      if (pair == null || equalization.factors().length != pair.first.outputs()) {
        throw HeluException.invalid(
            STAGE,
            "the encodings equalize '"
                + equalization.first()
                + "' and '"
                + equalization.second()
                + "', which are no such pair in this network",
            "make them again for this network");
      }
      current = scaled(current, pair, equalization.factors());
      log.note(pair.second.node(), "equalized with '" + pair.first.name() + "'");
    }
    return current;
  }

  private static Graph scaled(Graph graph, Pair pair, float[] factors) {
    GraphBuilder builder = graph.toBuilder();
    Node first = pair.first.node();
    Tensor w1 = graph.constant(first.input(1)).copy();
    for (int i = 0; i < w1.elements(); i++) {
      w1.setFloat(i, w1.getFloat(i) / factors[pair.first.output(w1, i)]);
    }
    List<String> inputs = new ArrayList<>(first.inputs());
    inputs.set(1, builder.freshConstant(first.input(1) + "@equalized", w1));
    if (inputs.size() > 2) {
      float[] bias = graph.constant(first.input(2)).toFloats();
      for (int c = 0; c < bias.length; c++) {
        bias[c] /= factors[c];
      }
      inputs.set(
          2,
          builder.freshConstant(
              first.input(2) + "@equalized", Tensor.ofFloats(Shape.of(bias.length), bias)));
    }
    builder.replace(
        first, new Node(first.name(), first.op(), inputs, first.output(), first.origins()));
    Node second = pair.second.node();
    Tensor w2 = graph.constant(second.input(1)).copy();
    for (int i = 0; i < w2.elements(); i++) {
      w2.setFloat(i, w2.getFloat(i) * factors[pair.second.feature(w2, i)]);
    }
    List<String> after = new ArrayList<>(second.inputs());
    after.set(1, builder.freshConstant(second.input(1) + "@equalized", w2));
    builder.replace(
        second, new Node(second.name(), second.op(), after, second.output(), second.origins()));
    return builder.build();
  }
}
