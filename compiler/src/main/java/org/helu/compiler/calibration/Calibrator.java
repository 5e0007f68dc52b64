package org.helu.compiler.calibration;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.helu.runtime.device.Device;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.tensor.Tensor;

/**
 * Runs calibration data through the float network and gives, for every layer and encoding, the
 * quantizer of its input and what its bias has to be corrected by.
 *
 * <p>Three passes over the data: ranges and means; histograms within the ranges, from which the
 * quantizers follow; means of the quantized values.
 */
final class Calibrator {
  /** More samples do not move ranges of activations: published practice is some hundred. */
  private static final int MAX_SAMPLES = 256;

  private static final int MAX_CODE = 255;

  private final Graph graph;
  private final List<FloatLayer> layers;
  private final Map<String, EdgeStatistics> edges = new LinkedHashMap<>();
  private final List<QuantizationPlan.Value> values = new ArrayList<>();
  private final Map<Key, Quantizer> quantizers = new HashMap<>();
  private final Map<Key, double[]> quantizedMeans = new HashMap<>();

  private record Key(String value, LayerEncoding encoding) {}

  private Calibrator(Graph graph, List<FloatLayer> layers) {
    this.graph = graph;
    this.layers = layers;
  }

  /**
   * @param graph a float graph, batch norms folded
   * @param device runs it
   */
  static Calibrator run(
      Graph graph, CalibrationData data, RangeMethod method, Device device, Progress progress) {
    Calibrator calibrator = new Calibrator(graph, FloatLayer.of(graph));
    calibrator.observe(data.atMost(MAX_SAMPLES), method, device, progress);
    return calibrator;
  }

  private void observe(CalibrationData data, RangeMethod method, Device device, Progress progress) {
    Map<String, FloatLayer> readers = new LinkedHashMap<>();
    for (FloatLayer layer : layers) {
      String value = layer.node().input(0);
      readers.putIfAbsent(value, layer);
      edges.computeIfAbsent(value, _ -> layer.statistics(graph));
    }
    if (edges.isEmpty()) {
      return;
    }
    Set<String> branches = new BranchValues(graph, layers).all();
    branches.forEach(value -> edges.computeIfAbsent(value, _ -> EdgeStatistics.of(graph, value)));
    // Values become outputs, which every pass keeps under their names and in their layout.
    GraphBuilder builder = new GraphBuilder(graph.name());
    graph.inputs().forEach(builder::input);
    graph.constants().forEach(builder::constant);
    graph.nodes().forEach(builder::add);
    String input = graph.inputs().getFirst().name();
    List<String> taps = edges.keySet().stream().filter(value -> !value.equals(input)).toList();
    builder.output(graph.outputs().getFirst());
    taps.forEach(builder::output);
    BinarizedGraph tapped = NetworkRun.lower(builder.build());
    String work = "calibrate";
    each(tapped, taps, input, data, device, EdgeStatistics::addRange);
    progress.step(work, 1, 3);
    each(tapped, taps, input, data, device, EdgeStatistics::addHistogram);
    progress.step(work, 2, 3);
    readers.forEach(
        (value, layer) -> {
          for (LayerEncoding encoding : layer.encodings()) {
            if (!encoding.isExact()) {
              Key key = new Key(value, encoding);
              quantizers.put(key, method.fit(edges.get(value), encoding.high()));
            }
          }
        });
    for (String value : branches) {
      values.add(new QuantizationPlan.Value(value, method.fit(edges.get(value), MAX_CODE)));
    }
    each(tapped, taps, input, data, device, this::addQuantized);
    quantizedMeans.forEach(
        (key, sums) -> {
          for (int f = 0; f < sums.length; f++) {
            sums[f] /= edges.get(key.value).countPerFeature();
          }
        });
    progress.step(work, 3, 3);
  }

  /** What is done with a value of an edge. */
  @FunctionalInterface
  private interface Step {
    void add(EdgeStatistics edge, Tensor value);
  }

  private void each(
      BinarizedGraph tapped,
      List<String> taps,
      String input,
      CalibrationData data,
      Device device,
      Step step) {
    NetworkRun.forEach(
        device,
        tapped,
        data,
        (first, outputs) -> {
          if (edges.containsKey(input)) {
            step.add(edges.get(input), data.rows(first, outputs.getFirst().shape().dim(0)));
          }
          for (int i = 0; i < taps.size(); i++) {
            step.add(edges.get(taps.get(i)), outputs.get(i + 1));
          }
        });
  }

  private void addQuantized(EdgeStatistics edge, Tensor value) {
    for (LayerEncoding encoding : LayerEncoding.values()) {
      Key key = new Key(edge.value(), encoding);
      Quantizer quantizer = quantizers.get(key);
      if (quantizer != null) {
        double[] sums = edge.quantizedSums(value, quantizer);
        double[] total = quantizedMeans.computeIfAbsent(key, _ -> new double[sums.length]);
        for (int f = 0; f < sums.length; f++) {
          total[f] += sums[f];
        }
      }
    }
  }

  List<FloatLayer> layers() {
    return layers;
  }

  /** How values between the layers become codes. */
  List<QuantizationPlan.Value> values() {
    return values;
  }

  /** How {@code layer} can be encoded, with its bias corrected or not. */
  Map<LayerEncoding, QuantizationPlan.Layer> choices(FloatLayer layer, boolean correctBias) {
    Map<LayerEncoding, QuantizationPlan.Layer> choices = new EnumMap<>(LayerEncoding.class);
    for (LayerEncoding encoding : layer.encodings()) {
      if (encoding.isExact()) {
        choices.put(encoding, QuantizationPlan.Layer.exact(layer.name()));
      } else {
        Key key = new Key(layer.node().input(0), encoding);
        float[] bias = correctBias ? correction(layer, encoding, key) : new float[0];
        choices.put(
            encoding,
            new QuantizationPlan.Layer(layer.name(), encoding, quantizers.get(key), bias));
      }
    }
    return choices;
  }

  /** {@code E[W x] - E[W' x']} per output, see docs/numerics.md. */
  private float[] correction(FloatLayer layer, LayerEncoding encoding, Key key) {
    double[] before = edges.get(key.value).means();
    double[] after = quantizedMeans.get(key);
    Tensor weight = graph.constant(layer.node().input(1));
    Tensor quantized = Weights.of(weight, layer, encoding.weightBits() == 1).dequantized();
    double[] shift = new double[layer.outputs()];
    for (int i = 0; i < weight.elements(); i++) {
      int f = layer.feature(weight, i);
      shift[layer.output(weight, i)] +=
          weight.getFloat(i) * before[f] - quantized.getFloat(i) * after[f];
    }
    float[] bias = new float[shift.length];
    for (int o = 0; o < bias.length; o++) {
      bias[o] = (float) shift[o];
    }
    return bias;
  }
}
