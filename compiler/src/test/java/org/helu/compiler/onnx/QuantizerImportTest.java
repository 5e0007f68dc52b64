package org.helu.compiler.onnx;

import static org.helu.compiler.onnx.ModelBuilder.attr;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.util.List;
import org.helu.runtime.HeluException;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Quantizers of QONNX against its formulas, and what is refused. */
class QuantizerImportTest {
  private static final String QONNX = QuantizedModels.QONNX;

  private static ModelBuilder model(Object... dims) {
    ModelBuilder model = new ModelBuilder(18, 0);
    model.opset(QONNX, 1).opset("onnx.brevitas", 1);
    model.input("x", dims);
    return model;
  }

  private static ModelBuilder custom(
      ModelBuilder model, String domain, String op, List<String> inputs, AttributeProto... more) {
    NodeProto.Builder node =
        NodeProto.newBuilder().setOpType(op).setDomain(domain).setName("quantizer");
    node.addAllInput(inputs).addOutput("y").addAllAttribute(List.of(more));
    return model.node(node).output("y");
  }

  private static ModelBuilder quant(
      float scale, float zero, float bits, int signed, int narrow, String rounding) {
    ModelBuilder model = model("N", 64);
    List<String> inputs = List.of("x", model.scalar(scale), model.scalar(zero), model.scalar(bits));
    return custom(
        model,
        QONNX,
        "Quant",
        inputs,
        attr("signed", signed),
        attr("narrow", narrow),
        attr("rounding_mode", rounding));
  }

  private static float[] run(ModelBuilder model, Tensor x) {
    return new Interpreter(OnnxImporter.read(model.bytes(), null).graph())
        .run(List.of(x))
        .getFirst()
        .toFloats();
  }

  /** Quarters from -8 to 7.75, so that there are ties. */
  private static Tensor grid() {
    float[] values = new float[64];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i - 32) / 4f;
    }
    return Tensor.ofFloats(Shape.of(1, 64), values);
  }

  @ParameterizedTest
  @CsvSource({
    "4, 1, 0, -8, 7",
    "4, 1, 1, -7, 7",
    "4, 0, 0, 0, 15",
    "4, 0, 1, 0, 14",
    "2, 1, 1, -1, 1",
    "1, 0, 0, 0, 1",
    "1, 1, 0, -1, 0",
    "8, 1, 0, -128, 127",
    "16, 1, 0, -32768, 32767"
  })
  void quantClampsToItsRange(int bits, int signed, int narrow, double low, double high) {
    float[] y = run(quant(0.5f, 2, bits, signed, narrow, "ROUND"), grid());
    for (int i = 0; i < 64; i++) {
      double code = Math.clamp(Math.rint((i - 32) / 4.0 / 0.5 + 2), low, high);
      assertEquals((code - 2) * 0.5, y[i], "element " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ROUND", "CEIL", "FLOOR", "UP", "DOWN", "HALF_UP", "HALF_DOWN", "ROUND_TO_ZERO"})
  void quantRounds(String mode) {
    float[] y = run(quant(0.5f, 0, 6, 1, 0, mode), grid());
    for (int i = 0; i < 64; i++) {
      double x = (i - 32) / 2.0;
      double size = Math.abs(x);
      double sign = Math.signum(x);
      double code =
          switch (mode) {
            case "ROUND" -> Math.rint(x);
            case "CEIL" -> Math.ceil(x);
            case "FLOOR" -> Math.floor(x);
            case "UP" -> sign * Math.ceil(size);
            case "DOWN", "ROUND_TO_ZERO" -> sign * Math.floor(size);
            case "HALF_UP" -> sign * Math.floor(size + 0.5);
            default -> sign * Math.ceil(size - 0.5);
          };
      assertEquals(code * 0.5 + 0.0, y[i], mode + " of " + x);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {QuantizedModels.QONNX, "onnx.brevitas"})
  void bipolarQuantHasTheScaleOfItsChannel(String domain) {
    ModelBuilder model = model("N", 2, 2);
    String scales = model.floats(Shape.of(1, 2, 1), 0.5f, 3);
    custom(model, domain, "BipolarQuant", List.of("x", scales));
    Tensor x = Tensor.ofFloats(Shape.of(1, 2, 2), -1, 0, 0.1f, -0.1f);
    assertEquals(
        List.of(-0.5f, 0.5f, 3f, -3f),
        java.util.stream.IntStream.range(0, 4).mapToObj(i -> run(model, x)[i]).toList());
  }

  @Test
  void truncDropsLowBits() {
    ModelBuilder model = model("N", 64);
    List<String> inputs =
        List.of("x", model.scalar(0.25f), model.scalar(0), model.scalar(8), model.scalar(6));
    custom(model, QONNX, "Trunc", inputs, attr("rounding_mode", "FLOOR"));
    float[] y = run(model, grid());
    for (int i = 0; i < 64; i++) {
      assertEquals(Math.floor((i - 32) / 4.0) * 0.25, y[i], "element " + i);
    }
  }

  @Test
  void multiThresholdCountsAlongChannelsOfEitherLayout() {
    for (String layout : new String[] {"NCHW", "NHWC"}) {
      boolean last = layout.equals("NHWC");
      ModelBuilder model = last ? model("N", 1, 3, 2) : model("N", 2, 1, 3);
      String rows = model.floats(Shape.of(2, 2), -1, 1, 0, 2);
      custom(
          model,
          QONNX,
          "MultiThreshold",
          List.of("x", rows),
          attr("out_scale", 2f),
          attr("out_bias", -1f),
          attr("out_dtype", "INT4"),
          attr("data_layout", layout));
      Tensor x =
          last
              ? Tensor.ofFloats(Shape.of(1, 1, 3, 2), -2, -1, -1, 0, 1, 2)
              : Tensor.ofFloats(Shape.of(1, 2, 1, 3), -2, -1, 1, -1, 0, 2);
      float[] y = run(model, x);
      float[] expected = last ? new float[] {-1, -1, 1, 1, 3, 3} : new float[] {-1, 1, 3, -1, 1, 3};
      for (int i = 0; i < 6; i++) {
        assertEquals(expected[i], y[i], layout + " " + i);
      }
    }
  }

  private static void rejects(ModelBuilder model, String... parts) {
    HeluException e =
        assertThrows(HeluException.class, () -> OnnxImporter.read(model.bytes(), null));
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
    assertTrue(e.getMessage().startsWith("import/onnx: "), e.getMessage());
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), "no '" + part + "' in: " + e.getMessage());
    }
  }

  @Test
  void rejectsContradictoryQuantizers() {
    rejects(quant(0.5f, 0, 1, 1, 1, "ROUND"), "'quantizer' (", "contradictory", "signed narrow");
    rejects(quant(0.5f, 0, 1, 0, 1, "ROUND"), "contradictory", "unsigned narrow");
    rejects(quant(0, 0, 4, 1, 0, "ROUND"), "scales above 0", "0.0");
    rejects(quant(-0.5f, 0, 4, 1, 0, "ROUND"), "scales above 0", "-0.5");
    rejects(quant(Float.NaN, 0, 4, 1, 0, "ROUND"), "NaN");
    rejects(quant(Float.POSITIVE_INFINITY, 0, 4, 1, 0, "ROUND"), "nfinit");
    rejects(quant(0.5f, 0.5f, 4, 1, 0, "ROUND"), "zero points must be integers", "0.5");
    rejects(quant(0.5f, 0, 0, 1, 0, "ROUND"), "bit width of 1 to 32", "0.0");
    rejects(quant(0.5f, 0, 33, 1, 0, "ROUND"), "bit width of 1 to 32");
    rejects(quant(0.5f, 0, 2.5f, 1, 0, "ROUND"), "bit width of 1 to 32", "2.5");
    rejects(quant(0.5f, 0, 32, 0, 0, "ROUND"), "32 bits");
    rejects(quant(0.5f, 0, 4, 1, 0, "SIDEWAYS"), "rounding_mode 'SIDEWAYS'");
  }

  @Test
  void rejectsZeroPointsThatRoundOtherwiseThanOnnx() {
    rejects(quant(0.5f, 3, 4, 1, 0, "ROUND"), "zero point 3.0", "ties");
    rejects(quant(0.5f, 2, 4, 1, 0, "HALF_UP"), "zero point 2.0");
    OnnxImporter.read(quant(0.5f, 3, 4, 1, 0, "FLOOR").bytes(), null);
  }

  private static ModelBuilder thresholds(String type, float scale, float bias, float... values) {
    ModelBuilder model = model("N", 1, 2);
    String rows = model.floats(Shape.of(1, values.length), values);
    return custom(
        model,
        QONNX,
        "MultiThreshold",
        List.of("x", rows),
        attr("out_scale", scale),
        attr("out_bias", bias),
        attr("out_dtype", type));
  }

  @Test
  void rejectsBadThresholds() {
    rejects(thresholds("UINT2", 1, 0, 0, 2, 1), "must not decrease", "1.0 after 2.0", "[0,2]");
    rejects(thresholds("UINT2", 1, 0, 0, Float.NaN), "NaN");
    rejects(thresholds("UINT1", 1, 0, 0, 1, 2), "contradictory", "do not fit UINT1");
    rejects(thresholds("UINT2", 1, -1, 0, 1, 2), "do not fit UINT2");
    rejects(thresholds("BIPOLAR", 1, 0, 0, 1), "do not fit BIPOLAR");
    rejects(thresholds("COMPLEX", 1, 0, 0, 1), "out_dtype 'COMPLEX'");
    rejects(thresholds("UINT2", -1, 0, 0, 1), "out_scale above 0");
    rejects(thresholds("UINT2", 1, Float.NaN, 0, 1), "'out_bias' is NaN");
  }

  private static ModelBuilder linear(
      String op, Tensor scale, Tensor zero, DataType input, AttributeProto... attributes) {
    ModelBuilder model = new ModelBuilder(21, 0);
    model.input("x", input, "N", 4);
    String s = model.initializer(ProtoTensors.write("scale", scale));
    String z = model.initializer(ProtoTensors.write("zero", zero));
    return model.output(model.node(op, List.of("x", s, z), attributes));
  }

  private static Tensor zero(ElementType type, int... dims) {
    return Tensor.zeros(new TensorType(type, Shape.of(dims)));
  }

  @Test
  void rejectsWhatOnnxQuantizersCannotHave() {
    Tensor one = Tensor.scalar(1);
    Tensor bytes = zero(ElementType.UINT8);
    String q = "QuantizeLinear";
    rejects(linear(q, Tensor.scalar(0), bytes, DataType.FLOAT), "scales above 0");
    rejects(linear(q, Tensor.scalar(Float.NaN), bytes, DataType.FLOAT), "NaN");
    rejects(linear(q, one, zero(ElementType.INT32), DataType.FLOAT), "quantizes to INT32");
    rejects(linear(q, one, bytes, DataType.FLOAT, attr("block_size", 2)), "block");
    rejects(
        linear(q, Tensor.ofFloats(Shape.of(2), 1, 1), zero(ElementType.UINT8, 2), DataType.FLOAT),
        "2 scales for axis 1");
    rejects(linear(q, Tensor.ofFloats(Shape.of(1, 2), 1, 1), bytes, DataType.FLOAT), "block");
    rejects(
        linear(q, one, zero(ElementType.UINT8, 3), DataType.FLOAT), "3 zero points for 1 scales");
    rejects(linear("DequantizeLinear", one, bytes, DataType.INT8), "the zero point is UINT8");
    Tensor five = Tensor.ofInts(Shape.of(), 5);
    rejects(linear("DequantizeLinear", one, five, DataType.INT32), "zero point 0");
  }
}
