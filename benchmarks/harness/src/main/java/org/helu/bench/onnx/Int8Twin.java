package org.helu.bench.onnx;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.helu.runtime.HeluException;
import org.helu.runtime.tensor.Tensor;

/**
 * A float model quantized after training, in the form that ONNX Runtime's own static quantizer
 * writes (QDQ): activations UINT8 with the ranges of calibration inputs, weights INT8 and symmetric
 * per output channel, biases INT32. ONNX Runtime fuses that into its integer kernels.
 */
public final class Int8Twin {
  /** Layers with weights. */
  private static final Set<String> LAYERS = Set.of("Conv", "Gemm", "MatMul");

  /** What moves values only: quantized alike before and behind, it works on codes. */
  private static final Set<String> MOVES =
      Set.of("MaxPool", "Flatten", "Reshape", "Transpose", "Squeeze", "Unsqueeze");

  /** What ONNX Runtime has integer kernels for. */
  private static final Set<String> ARITHMETIC =
      Set.of("Relu", "Add", "Mul", "Concat", "AveragePool", "GlobalAveragePool");

  private static final int MAX_UINT8 = 255;
  private static final int MAX_INT8 = 127;

  /** How a value is quantized: names of its parameters, and its scale. */
  private record Parameters(String scaleName, String zeroName, float scale) {}

  private final OnnxModel model;
  private final Ranges ranges;
  private final List<NodeProto> nodes = new ArrayList<>();
  private final Map<String, Parameters> parameters = new HashMap<>();

  /** The quantized and dequantized form of a value. */
  private final Map<String, String> quantized = new HashMap<>();

  private Int8Twin(OnnxModel model, Ranges ranges) {
    this.model = model;
    this.ranges = ranges;
  }

  /**
   * The quantized model, serialized.
   *
   * @param calibration one tensor per input of the model
   * @throws HeluException if the model cannot be read, or has no layer that can be quantized
   */
  public static byte[] of(Path file, List<Tensor> calibration) {
    OnnxModel model = OnnxModel.read(file);
    if (model.opset() < OnnxModel.PER_CHANNEL_OPSET) {
      throw HeluException.unsupported(
          OnnxModel.STAGE,
          "quantizing needs opset " + OnnxModel.PER_CHANNEL_OPSET + ", found " + model.opset(),
          "export the model with a newer opset, or give --onnx-int8 FILE");
    }
    model.nodes.replaceAll(Int8Twin::plain);
    BatchNormFolding.apply(model);
    new Int8Twin(model, Ranges.of(file, calibration)).rewrite();
    return model.toBytes();
  }

  /** HeLU, a function of the model, is a ReLU at inference, and ONNX Runtime knows it as such. */
  private static NodeProto plain(NodeProto node) {
    boolean helu = node.getOpType().equals("HeLU") && !node.getDomain().isEmpty();
    return helu ? OnnxModel.node("Relu", List.of(node.getInput(0)), node.getOutput(0)) : node;
  }

  private void rewrite() {
    Set<String> unquantized = unquantized();
    model.inputs().forEach(this::quantize);
    boolean any = false;
    for (NodeProto node : List.copyOf(model.nodes)) {
      String op = node.getOpType();
      boolean layer = LAYERS.contains(op) && isLayer(node);
      boolean known = layer || MOVES.contains(op) || ARITHMETIC.contains(op);
      any |= layer;
      List<String> inputs = new ArrayList<>();
      node.getInputList().forEach(x -> inputs.add(known ? quantized.getOrDefault(x, x) : x));
      if (layer) {
        quantizeWeights(node, inputs);
      }
      nodes.add(OnnxModel.withInputs(node, inputs));
      if (known && node.getOutputCount() == 1 && !unquantized.contains(node.getOutput(0))) {
        if (MOVES.contains(op)) {
          share(node.getInput(0), node.getOutput(0));
        } else {
          quantize(node.getOutput(0));
        }
      }
    }
    if (!any) {
      throw HeluException.unsupported(
          OnnxModel.STAGE, "the model has no layer with constant weights", "");
    }
    model.nodes.clear();
    model.nodes.addAll(nodes);
  }

  /** Outputs of the graph, and sums that only a ReLU reads: it and they are one kernel. */
  private Set<String> unquantized() {
    Set<String> names = new HashSet<>(model.outputs());
    Map<String, Integer> uses = model.uses();
    for (NodeProto node : model.nodes) {
      if (node.getOpType().equals("Relu") && uses.get(node.getInput(0)) == 1) {
        names.add(node.getInput(0));
      }
    }
    return names;
  }

  private boolean isLayer(NodeProto node) {
    boolean constant = model.constants.containsKey(node.getInput(1));
    boolean plainGemm =
        OnnxModel.attribute(node, "alpha", 1f) == 1 && OnnxModel.attribute(node, "beta", 1f) == 1;
    return constant && quantized.containsKey(node.getInput(0)) && plainGemm;
  }

  /** Adds QuantizeLinear and DequantizeLinear behind a value, by its calibrated range. */
  private void quantize(String value) {
    Ranges.Range range = ranges.of(value);
    if (range == null) {
      return;
    }
    float scale = (range.max() - range.min()) / MAX_UINT8;
    byte zero = (byte) Math.round(-range.min() / scale);
    String scaleName = value + "/scale";
    String zeroName = value + "/zero";
    model.constants.put(scaleName, Constants.ofFloats(scaleName, List.of(), scale));
    model.constants.put(zeroName, Constants.ofBytes(zeroName, DataType.UINT8, List.of(), zero));
    quantize(value, new Parameters(scaleName, zeroName, scale));
  }

  /** Quantizes {@code value} as {@code other} is, of which it holds a part or a permutation. */
  private void share(String other, String value) {
    Parameters same = parameters.get(other);
    if (same != null) {
      quantize(value, same);
    }
  }

  private void quantize(String value, Parameters with) {
    String codes = value + "/codes";
    String back = value + "/dequantized";
    List<String> names = List.of(with.scaleName(), with.zeroName());
    nodes.add(OnnxModel.node("QuantizeLinear", prepend(value, names), codes));
    nodes.add(OnnxModel.node("DequantizeLinear", prepend(codes, names), back));
    parameters.put(value, with);
    quantized.put(value, back);
  }

  private static List<String> prepend(String first, List<String> rest) {
    List<String> all = new ArrayList<>(List.of(first));
    all.addAll(rest);
    return all;
  }

  /** Replaces weight and bias of a layer in {@code inputs}. */
  private void quantizeWeights(NodeProto node, List<String> inputs) {
    TensorProto weight = model.constants.get(node.getInput(1));
    List<Long> dims = weight.getDimsList();
    boolean rows = node.getOpType().equals("Conv") || OnnxModel.attribute(node, "transB", 0L) == 1;
    int axis = rows ? 0 : dims.size() - 1;
    float[] values = Constants.floats(weight);
    int channels = Math.toIntExact(dims.get(axis));
    long inner = Constants.elements(dims.subList(axis + 1, dims.size()));
    float[] scales = new float[channels];
    for (int i = 0; i < values.length; i++) {
      int channel = (int) (i / inner % channels);
      scales[channel] = Math.max(scales[channel], Math.abs(values[i]) / MAX_INT8);
    }
    byte[] codes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      float scale = scales[(int) (i / inner % channels)];
      codes[i] = (byte) (scale == 0 ? 0 : Math.round(values[i] / scale));
    }
    for (int channel = 0; channel < channels; channel++) {
      // A channel of zeros has codes 0 at any scale.
      scales[channel] = scales[channel] == 0 ? 1 : scales[channel];
    }
    // Several layers may share a weight, with inputs of different scales.
    String prefix = node.getOutput(0) + "/weight";
    List<Long> perChannel = List.of((long) channels);
    put(Constants.ofBytes(prefix + "/codes", DataType.INT8, dims, codes));
    put(Constants.ofFloats(prefix + "/scale", perChannel, scales));
    put(Constants.ofBytes(prefix + "/zero", DataType.INT8, perChannel, new byte[channels]));
    inputs.set(1, dequantize(prefix, axis));
    if (node.getInputCount() > 2 && model.constants.containsKey(node.getInput(2))) {
      inputs.set(2, bias(node, scales));
    }
  }

  /** A bias in units of the sum: input scale times weight scale. */
  private String bias(NodeProto node, float[] weightScales) {
    TensorProto bias = model.constants.get(node.getInput(2));
    float[] values = Constants.floats(bias);
    if (values.length != weightScales.length) {
      return node.getInput(2);
    }
    float[] scales = new float[values.length];
    int[] codes = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      scales[i] = parameters.get(node.getInput(0)).scale() * weightScales[i];
      codes[i] = (int) Math.rint((double) values[i] / scales[i]);
    }
    String prefix = node.getOutput(0) + "/bias";
    List<Long> dims = List.of((long) values.length);
    put(Constants.ofInts(prefix + "/codes", dims, codes));
    put(Constants.ofFloats(prefix + "/scale", dims, scales));
    put(Constants.ofInts(prefix + "/zero", dims, new int[values.length]));
    return dequantize(prefix, 0);
  }

  private String dequantize(String prefix, int axis) {
    NodeProto node =
        OnnxModel.node(
            "DequantizeLinear",
            List.of(prefix + "/codes", prefix + "/scale", prefix + "/zero"),
            prefix + "/dequantized");
    nodes.add(OnnxModel.withAttribute(node, "axis", axis));
    return node.getOutput(0);
  }

  private void put(TensorProto constant) {
    model.constants.put(constant.getName(), constant);
  }
}
