package org.helu.bench.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.List;
import java.util.Random;

/**
 * A small network in the form in which helu's training package exports low-bit ones, or the float
 * network of the same shape as one would write it by hand.
 *
 * <p>{@code x [N,1,4,4]} (bytes / 255), convolution 3x3 to 2 channels, batch norm, step with a
 * scale, max pool, flatten, dense to 4, batch norm, 2-bit quantizer, dense to 3.
 */
final class LowBitModel {
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("lowbit");
  private final Random random = new Random(1);
  private final boolean quantized;

  private LowBitModel(boolean quantized) {
    this.quantized = quantized;
  }

  static byte[] lowBit() {
    return new LowBitModel(true).build();
  }

  static byte[] floats() {
    return new LowBitModel(false).build();
  }

  private byte[] build() {
    graph.addInput(value("x", 1, 4, 4)).addOutput(value("y", 3));
    constant(Constants.ofFloats("zero", List.of(), 0));
    constant(Constants.ofBytes("zero_point", DataType.UINT8, List.of(), (byte) 0));
    String x = quantized ? quantizer("x", "bytes", 1 / 255f) : "x";
    String conv = layer("Conv", x, "conv", 2, 1, 3, 3);
    String pooled = "pooled";
    NodeProto pool = OnnxModel.node("MaxPool", List.of(step(norm(conv, 2))), pooled);
    add(ints(ints(pool, "kernel_shape", 2, 2), "strides", 2, 2));
    add(OnnxModel.withAttribute(OnnxModel.node("Flatten", List.of(pooled), "flat"), "axis", 1));
    String dense = norm(layer("Gemm", "flat", "dense", 4, 8), 4);
    if (quantized) {
      constant(Constants.ofFloats("one", List.of(), 1));
      add(OnnxModel.node("Clip", List.of(dense, "zero", "one"), "clip"));
      dense = quantizer("clip", "levels", 1 / 3f);
    } else {
      add(OnnxModel.node("Relu", List.of(dense), "levels"));
      dense = "levels";
    }
    layer("Gemm", dense, "y", 3, 4);
    return ModelProto.newBuilder()
        .setIrVersion(10)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(20))
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  private String quantizer(String x, String name, float scale) {
    constant(Constants.ofFloats(name + ".scale", List.of(), scale));
    List<String> with = List.of(name + ".scale", "zero_point");
    add(OnnxModel.node("QuantizeLinear", List.of(x, with.get(0), with.get(1)), name + ".codes"));
    add(
        OnnxModel.node(
            "DequantizeLinear", List.of(name + ".codes", with.get(0), with.get(1)), name));
    return name;
  }

  private String step(String x) {
    if (!quantized) {
      add(OnnxModel.node("Relu", List.of(x), "step"));
      return "step";
    }
    constant(Constants.ofFloats("step.scale", List.of(), 0.5f));
    add(OnnxModel.node("Greater", List.of(x, "zero"), "bit"));
    add(
        OnnxModel.withAttribute(
            OnnxModel.node("Cast", List.of("bit"), "cast"), "to", DataType.FLOAT_VALUE));
    add(OnnxModel.node("Mul", List.of("cast", "step.scale"), "step"));
    return "step";
  }

  private String norm(String x, int channels) {
    String name = x + ".norm";
    String[] operands = {"gamma", "beta", "mean", "variance"};
    NodeProto.Builder node = OnnxModel.node("BatchNormalization", List.of(x), name).toBuilder();
    for (String operand : operands) {
      float[] values = new float[channels];
      for (int i = 0; i < channels; i++) {
        values[i] = random.nextFloat() + 0.5f;
      }
      String constant = name + "." + operand;
      constant(Constants.ofFloats(constant, List.of((long) channels), values));
      node.addInput(constant);
    }
    add(node.build());
    return name;
  }

  private String layer(String op, String x, String name, long... dims) {
    List<Long> shape = java.util.Arrays.stream(dims).boxed().toList();
    int channels = (int) dims[0];
    byte[] codes = new byte[Math.toIntExact(Constants.elements(shape))];
    float[] scales = new float[channels];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (byte) (random.nextInt(255) - 127);
    }
    for (int i = 0; i < channels; i++) {
      scales[i] = (i + 1) / 127f;
    }
    String weight = name + ".weight";
    if (quantized) {
      List<Long> rows = List.of((long) channels);
      constant(Constants.ofBytes(weight + ".codes", DataType.INT8, shape, codes));
      constant(Constants.ofFloats(weight + ".scale", rows, scales));
      constant(Constants.ofBytes(weight + ".zero", DataType.INT8, rows, new byte[channels]));
      List<String> inputs = List.of(weight + ".codes", weight + ".scale", weight + ".zero");
      add(OnnxModel.withAttribute(OnnxModel.node("DequantizeLinear", inputs, weight), "axis", 0));
    } else {
      float[] values = new float[codes.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = codes[i] * scales[i / (values.length / channels)];
      }
      constant(Constants.ofFloats(weight, shape, values));
    }
    NodeProto node = OnnxModel.node(op, List.of(x, weight), name);
    add(
        op.equals("Conv")
            ? ints(node, "pads", 1, 1, 1, 1)
            : OnnxModel.withAttribute(node, "transB", 1));
    return name;
  }

  private void add(NodeProto node) {
    graph.addNode(node);
  }

  private void constant(TensorProto tensor) {
    graph.addInitializer(tensor);
  }

  private static NodeProto ints(NodeProto node, String name, long... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return node.toBuilder().addAttribute(attribute).build();
  }

  private static ValueInfoProto value(String name, long... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("batch"));
    for (long dim : dims) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(dim));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(DataType.FLOAT_VALUE)
                        .setShape(shape)))
        .build();
  }
}
