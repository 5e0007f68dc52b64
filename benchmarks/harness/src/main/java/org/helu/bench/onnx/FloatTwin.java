package org.helu.bench.onnx;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The float network of the same shape as a low-bit one: what a competitor runs to be compared with.
 *
 * <p>Quantizers of activations become a ReLU, or nothing where they do not cut anything off (a
 * QuantizeLinear with DequantizeLinear alone); weights become the floats that they stand for; batch
 * norms are folded, so that the competitor need not be able to. The answers of such a network mean
 * nothing, its speed does: no float kernel's time depends on the values of weights.
 */
public final class FloatTwin {
  /** Quantizers of QONNX and FINN. */
  private static final Set<String> QUANTIZERS =
      Set.of("Quant", "IntQuant", "BipolarQuant", "MultiThreshold", "Sign");

  private final OnnxModel model;

  /** What stands for a value that is no longer computed. */
  private final Map<String, String> stands = new HashMap<>();

  /** Bits and the floats that were cast from them. */
  private final Set<String> steps = new HashSet<>();

  private final List<NodeProto> kept = new ArrayList<>();
  private boolean changed;

  private FloatTwin(OnnxModel model) {
    this.model = model;
  }

  /**
   * The float twin of a model as a serialized model, or empty if nothing in it is quantized.
   *
   * @throws org.helu.runtime.HeluException if it cannot be read
   */
  public static Optional<byte[]> of(Path file) {
    OnnxModel model = OnnxModel.read(file);
    FloatTwin twin = new FloatTwin(model);
    Map<String, NodeProto> writers = model.writers();
    Set<String> quantized = new HashSet<>();
    for (NodeProto node : model.nodes) {
      if (node.getOpType().equals("QuantizeLinear")) {
        quantized.add(node.getInput(0));
      }
    }
    model.nodes.forEach(node -> twin.rewrite(node, quantized));
    if (!twin.changed) {
      return Optional.empty();
    }
    twin.restoreOutputs(writers);
    model.nodes.clear();
    model.nodes.addAll(twin.kept);
    BatchNormFolding.apply(model);
    return Optional.of(model.toBytes());
  }

  private void rewrite(NodeProto original, Set<String> quantized) {
    List<String> inputs =
        original.getInputList().stream().map(name -> stands.getOrDefault(name, name)).toList();
    NodeProto node = OnnxModel.withInputs(original, inputs);
    String output = node.getOutput(0);
    String x = inputs.isEmpty() ? "" : inputs.getFirst();
    String op = node.getOpType();
    switch (op) {
      case "QuantizeLinear" -> replace(output, x);
      case "DequantizeLinear" -> {
        if (model.constants.containsKey(x)) {
          model.constants.put(output, dequantized(node));
          changed = true;
        } else {
          replace(output, x);
        }
      }
      case "Clip" -> {
        if (quantized.contains(original.getOutput(0))) {
          activate(output, x);
        } else {
          kept.add(node);
        }
      }
      case "Greater" -> {
        if (isZero(node.getInput(1))) {
          activate(output, x);
          steps.add(output);
        } else {
          kept.add(node);
        }
      }
      case "Cast", "Mul" -> {
        boolean ofStep =
            steps.contains(original.getInput(0))
                && (original.getInputCount() == 1 || isScalar(node.getInput(1)));
        if (ofStep) {
          steps.add(output);
          replace(output, x);
        } else {
          kept.add(node);
        }
      }
      default -> {
        if (!QUANTIZERS.contains(op)) {
          kept.add(node);
        } else if (model.constants.containsKey(x)) {
          replace(output, x);
        } else {
          activate(output, x);
        }
      }
    }
  }

  private void activate(String output, String x) {
    String relu = output + "/relu";
    kept.add(OnnxModel.node("Relu", List.of(x), relu));
    replace(output, relu);
  }

  private void replace(String output, String by) {
    stands.put(output, by);
    changed = true;
  }

  /** An output of the graph keeps its name. */
  private void restoreOutputs(Map<String, NodeProto> writers) {
    for (String output : model.outputs()) {
      if (writers.containsKey(output) && stands.containsKey(output)) {
        kept.add(OnnxModel.node("Identity", List.of(stands.get(output)), output));
      }
    }
  }

  /** {@code (code - zero point) * scale}, scales along {@code axis}. */
  private TensorProto dequantized(NodeProto node) {
    TensorProto codes = model.constants.get(node.getInput(0));
    float[] values = Constants.floats(codes);
    float[] scales = Constants.floats(model.constants.get(node.getInput(1)));
    float[] zeros = new float[scales.length];
    if (node.getInputCount() > 2 && model.constants.containsKey(node.getInput(2))) {
      zeros = Constants.floats(model.constants.get(node.getInput(2)));
    }
    List<Long> dims = codes.getDimsList();
    int axis = (int) OnnxModel.attribute(node, "axis", 1L);
    axis = axis < 0 ? axis + dims.size() : axis;
    long inner =
        scales.length == 1
            ? values.length
            : Constants.elements(dims.subList(axis + 1, dims.size()));
    for (int i = 0; i < values.length; i++) {
      int channel = (int) (i / inner % scales.length);
      values[i] = (values[i] - zeros[channel]) * scales[channel];
    }
    return Constants.ofFloats(node.getOutput(0), dims, values);
  }

  private boolean isZero(String name) {
    TensorProto constant = model.constants.get(name);
    return constant != null && isScalar(name) && Constants.floats(constant)[0] == 0;
  }

  private boolean isScalar(String name) {
    TensorProto constant = model.constants.get(name);
    return constant != null && Constants.elements(constant.getDimsList()) == 1;
  }
}
