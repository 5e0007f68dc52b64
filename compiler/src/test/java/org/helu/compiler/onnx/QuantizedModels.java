package org.helu.compiler.onnx;

import static org.helu.compiler.onnx.ModelBuilder.attr;
import static org.helu.compiler.onnx.ModelBuilder.attrs;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.List;
import java.util.Random;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Small seeded ONNX models with quantizers, input {@code x} of {@code [N,2,6,6]}. */
final class QuantizedModels {
  static final String QONNX = "qonnx.custom_op.general";

  private final ModelBuilder model;
  private final Random random;

  private QuantizedModels(long seed) {
    model = new ModelBuilder(13, seed);
    model.opset(QONNX, 1);
    random = model.random();
    model.input("x", "N", 2, 6, 6);
  }

  /** QuantizeLinear and DequantizeLinear around convolution, batch norm, pool and dense layer. */
  static byte[] linear(long seed) {
    QuantizedModels m = new QuantizedModels(seed);
    boolean signed = m.random.nextBoolean();
    String x = m.quantized("x", signed, 0.02f, signed ? m.random.nextInt(9) - 4 : 0);
    int channels = 1 + m.random.nextInt(5);
    boolean depthwise = m.random.nextInt(4) == 0;
    channels = depthwise ? 2 : channels;
    String weight = m.weight(channels, depthwise ? 1 : 2, 3, 3);
    List<String> inputs = List.of(x, weight, m.bias(channels));
    AttributeProto pads = attrs("pads", 1L, 1L, 1L, 1L);
    String z = m.model.node("Conv", inputs, pads, attr("group", depthwise ? 2 : 1));
    if (m.random.nextBoolean()) {
      z = m.batchNorm(z, channels);
    }
    if (m.random.nextBoolean()) {
      z = m.model.node("Relu", List.of(z));
      z = m.quantized(z, false, 0.01f + m.random.nextFloat() / 50, 0);
    } else {
      z = m.quantized(z, true, 0.01f + m.random.nextFloat() / 50, m.random.nextInt(5));
    }
    if (m.random.nextBoolean()) {
      z =
          m.model.node(
              "MaxPool", List.of(z), attrs("kernel_shape", 2L, 2L), attrs("strides", 2L, 2L));
      z = m.model.node("Flatten", List.of(z));
      z = m.model.node("Gemm", List.of(z, m.weight(4, 9 * channels)), attr("transB", 1));
    } else {
      z = m.model.node("Flatten", List.of(z));
      z = m.model.node("Gemm", List.of(z, m.weight(4, 36 * channels)), attr("transB", 1));
    }
    return m.model.output(m.quantized(z, true, 0.05f, 3)).bytes();
  }

  /** QONNX's ops. */
  static byte[] qonnx(long seed) {
    QuantizedModels m = new QuantizedModels(seed);
    String x = m.quant("x", 0.1f, 8, true, false);
    String weight = m.model.weights(0.4, 3, 2, 3, 3);
    String bits = m.qonnx("BipolarQuant", List.of(weight, m.model.scalar(0.3f)));
    String z = m.model.node("Conv", List.of(x, bits), attrs("pads", 1L, 1L, 1L, 1L));
    z = m.batchNorm(z, 3);
    z =
        switch (m.random.nextInt(4)) {
          case 0 -> m.quant(z, 0.5f, 1 + m.random.nextInt(8), false, false);
          case 1 -> m.quant(z, 0.5f, 2 + m.random.nextInt(7), true, m.random.nextBoolean());
          case 2 -> m.qonnx("BipolarQuant", List.of(z, m.model.scalar(0.7f)));
          default -> {
            String rows = m.model.floats(Shape.of(3, 2), -1, 0.5f, 0, 0, 1, 3);
            yield m.qonnx("MultiThreshold", List.of(z, rows), attr("out_scale", 0.5f));
          }
        };
    z =
        m.model.node(
            "MaxPool", List.of(z), attrs("kernel_shape", 2L, 2L), attrs("strides", 2L, 2L));
    z = m.model.node("Flatten", List.of(z));
    String dense = m.quant(m.model.weights(0.4, 27, 5), 0.1f, 4, true, true);
    return m.model.output(m.model.node("MatMul", List.of(z, dense))).bytes();
  }

  private String quantized(String x, boolean signed, float scale, int zero) {
    ElementType type = signed ? ElementType.INT8 : ElementType.UINT8;
    Tensor zeros = Tensor.zeros(new TensorType(type, Shape.of()));
    zeros.setLong(0, zero);
    String s = model.scalar(scale);
    String z = model.initializer(ProtoTensors.write(model.fresh("zero"), zeros));
    String codes = model.node("QuantizeLinear", List.of(x, s, z));
    return model.node("DequantizeLinear", List.of(codes, s, z));
  }

  private String weight(int... dims) {
    Tensor codes = Tensor.zeros(new TensorType(ElementType.INT8, Shape.of(dims)));
    boolean bits = random.nextBoolean();
    for (long i = 0; i < codes.elements(); i++) {
      codes.setLong(i, bits ? 2 * random.nextInt(2) - 1 : random.nextInt(255) - 127);
    }
    String stored = model.initializer(ProtoTensors.write(model.fresh("codes"), codes));
    if (random.nextBoolean()) {
      return model.node("DequantizeLinear", List.of(stored, model.scalar(bits ? 0.1f : 0.002f)));
    }
    float[] scales = new float[dims[0]];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = (bits ? 0.1f : 0.002f) * (0.5f + random.nextFloat());
    }
    String scale = model.floats(Shape.of(dims[0]), scales);
    return model.node("DequantizeLinear", List.of(stored, scale), attr("axis", 0));
  }

  private String bias(int channels) {
    int[] codes = random.ints(channels, -99, 99).toArray();
    Tensor tensor = Tensor.ofInts(Shape.of(channels), codes);
    String stored = model.initializer(ProtoTensors.write(model.fresh("bias"), tensor));
    return model.node("DequantizeLinear", List.of(stored, model.scalar(0.01f)));
  }

  private String batchNorm(String x, int channels) {
    return model.node(
        "BatchNormalization",
        List.of(
            x,
            model.weights(1, channels),
            model.weights(0.5, channels),
            model.weights(0.5, channels),
            model.positive(channels)));
  }

  private String quant(String x, float scale, int bits, boolean signed, boolean narrow) {
    List<String> inputs = List.of(x, model.scalar(scale), model.scalar(0), model.scalar(bits));
    return qonnx(
        "Quant",
        inputs,
        attr("signed", signed ? 1 : 0),
        attr("narrow", narrow ? 1 : 0),
        attr("rounding_mode", "ROUND"));
  }

  private String qonnx(String op, List<String> inputs, AttributeProto... attributes) {
    String output = model.fresh(op.toLowerCase(java.util.Locale.ROOT));
    NodeProto.Builder node = NodeProto.newBuilder().setOpType(op).setDomain(QONNX);
    node.addAllInput(inputs).addOutput(output).addAllAttribute(List.of(attributes));
    model.node(node);
    return output;
  }
}
