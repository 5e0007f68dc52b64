package org.helu.compiler.pass;

import static org.helu.compiler.pass.PassFixture.check;
import static org.helu.compiler.pass.PassFixture.positive;
import static org.helu.compiler.pass.PassFixture.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.Rounding;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.Test;

/** The passes of quantized networks: text before and after, equal answers. */
class LowBitGoldenTest {
  private static final Window SAME_3X3 = new Window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1);
  private static final Window HALVE = new Window(2, 2, 2, 2, 1, 1, 0, 0, 0, 0);

  private static GraphBuilder graph(int... dims) {
    return new GraphBuilder("g").input(new GraphInput("x", TensorType.float32(dims)));
  }

  /** {@code x} quantized to bytes. */
  private static String quantized(GraphBuilder builder, String x) {
    builder.constant("xs", Tensor.scalar(0.02f));
    builder.constant("xz", Tensor.ofInts(Shape.of(), 128));
    builder.add(
        new FloatOp.Quantize(1, 0, 255, Rounding.HALF_EVEN, ElementType.UINT8),
        "xq",
        x,
        "xs",
        "xz");
    return builder.add(new FloatOp.Dequantize(1), "xd", "xq", "xs", "xz");
  }

  private static Tensor bipolar(long seed, float scale, int... dims) {
    Tensor tensor = random(seed, dims);
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.setFloat(i, tensor.getFloat(i) > 0 ? scale : -scale);
    }
    return tensor;
  }

  private static void batchNorm(GraphBuilder builder, String x, String y, int channels) {
    builder.constant(y + "g", random(1, channels)).constant(y + "b", random(2, channels));
    builder.constant(y + "m", random(3, channels)).constant(y + "v", positive(4, channels));
    builder.add(new FloatOp.BatchNorm(1e-5f), y, x, y + "g", y + "b", y + "m", y + "v");
  }

  private static String step(GraphBuilder builder, String x, String y) {
    builder.constant(y + "t", Tensor.ofFloats(Shape.of(1, 1), 0f));
    return builder.add(new FloatOp.MultiThreshold(1, 0, true), y, x, y + "t");
  }

  @Test
  void recognizesComparisons() {
    GraphBuilder builder = graph(-1, 4).constant("zero", Tensor.scalar(0));
    builder.constant("t", random(5, 4)).constant("a", Tensor.scalar(0.5f));
    builder.constant("b", Tensor.scalar(-0.25f));
    DeviceOp toFloat = new DeviceOp.Cast(ElementType.FLOAT32);
    builder.add(new DeviceOp.Binary(BinaryKind.GREATER), "g", "x", "zero");
    builder.add(toFloat, "step", "g");
    builder.add(new DeviceOp.Binary(BinaryKind.LESS), "l", "step", "t");
    builder.add(new DeviceOp.Where(), "where", "l", "a", "b");
    builder.add(new DeviceOp.Binary(BinaryKind.GREATER_OR_EQUAL), "c", "zero", "where");
    builder.add(toFloat, "y", "c");
    check(new RecognizeQuantizers(), "comparisons", builder.output("y").build());
  }

  @Test
  void leavesComparisonsOfTwoValues() {
    GraphBuilder builder = graph(-1, 4);
    builder.add(new DeviceOp.Unary(UnaryKind.NEG), "n", "x");
    builder.add(new DeviceOp.Binary(BinaryKind.GREATER), "g", "x", "n");
    builder.add(new DeviceOp.Cast(ElementType.FLOAT32), "y", "g");
    Graph before = builder.output("y").build();
    assertSame(before, new RecognizeQuantizers().apply(before, new PassLog()));
  }

  @Test
  void lowersDenseLayersWithBatchNormAndSteps() {
    GraphBuilder builder = graph(-1, 5);
    String x = quantized(builder, "x");
    builder.constant("w1", bipolar(1, 0.3f, 3, 5)).constant("w2", bipolar(2, 0.7f, 2, 3));
    builder.constant("c", random(3, 2));
    builder.add(new FloatOp.Gemm(1, 1, false, true), "z1", x, "w1");
    batchNorm(builder, "z1", "n1", 3);
    step(builder, "n1", "a1");
    builder.add(new FloatOp.Gemm(1, 1, false, true), "y", "a1", "w2", "c");
    check(new LowerQuantizedLayers(), "dense", builder.output("y").build());
  }

  @Test
  void movesMaxPoolBehindTheQuantizerOfAConvolution() {
    GraphBuilder builder = graph(-1, 2, 6, 6);
    String x = quantized(builder, "x");
    builder.constant("w", bipolar(1, 0.3f, 3, 2, 3, 3));
    builder.add(new FloatOp.Conv(SAME_3X3, 1), "z", x, "w");
    builder.add(new FloatOp.Pool(PoolKind.MAX, HALVE, false), "p", "z");
    builder.add(new DeviceOp.Unary(UnaryKind.LINEAR, 0.5f, 0.1f), "l", "p");
    step(builder, "l", "y");
    check(new LowerQuantizedLayers(), "pool-before", builder.output("y").build());
  }

  @Test
  void poolsSumsWhereTheQuantizerDecreases() {
    GraphBuilder builder = graph(-1, 2, 6, 6);
    String x = quantized(builder, "x");
    builder.constant("w", bipolar(1, 0.3f, 3, 2, 3, 3));
    builder.add(new FloatOp.Conv(SAME_3X3, 1), "z", x, "w");
    builder.add(new FloatOp.Pool(PoolKind.MAX, HALVE, false), "p", "z");
    builder.add(new DeviceOp.Unary(UnaryKind.NEG), "l", "p");
    step(builder, "l", "y");
    check(new LowerQuantizedLayers(), "pool-decreasing", builder.output("y").build());
  }

  @Test
  void addsBranchesOfOneScale() {
    GraphBuilder builder = graph(-1, 5);
    String x = quantized(builder, "x");
    builder.constant("w", bipolar(1, 1, 5, 5));
    builder.add(new FloatOp.Gemm(1, 1, false, true), "z", x, "w");
    builder.add(
        new FloatOp.Quantize(1, 0, 255, Rounding.HALF_EVEN, ElementType.UINT8),
        "zq",
        "z",
        "xs",
        "xz");
    builder.add(new FloatOp.Dequantize(1), "zd", "zq", "xs", "xz");
    builder.add(new DeviceOp.Binary(BinaryKind.ADD), "s", x, "zd");
    step(builder, "s", "y");
    check(new LowerQuantizedLayers(), "residual", builder.output("y").build());
  }

  @Test
  void saysWhyLayersStayFloat() {
    GraphBuilder builder = graph(-1, 5);
    String x = quantized(builder, "x");
    builder.constant("w", random(1, 5, 5)).constant("u", bipolar(2, 1, 5, 5));
    builder.add(new FloatOp.Gemm(1, 1, false, true), "z", x, "w");
    step(builder, "z", "a");
    builder.constant("odd", Tensor.scalar(0.3f));
    builder.add(new DeviceOp.Binary(BinaryKind.ADD), "o", "a", "odd");
    builder.add(new FloatOp.Gemm(1, 1, false, true), "y", "o", "u");
    check(new LowerQuantizedLayers(), "float", builder.output("y").build());
  }

  @Test
  void leavesFloatNetworks() {
    GraphBuilder builder = graph(-1, 5).constant("w", bipolar(1, 1, 5, 5));
    builder.add(new FloatOp.Gemm(1, 1, false, true), "z", "x", "w");
    builder.add(new DeviceOp.Unary(UnaryKind.SIGN), "y", "z");
    Graph before = builder.output("y").build();
    assertSame(before, new LowerQuantizedLayers().apply(before, new PassLog()));
  }

  @Test
  void sinksTransposesBehindConversions() {
    GraphBuilder builder = graph(-1, 4, 4, 2).constant("p", row(0.5f, 0));
    builder.add(new DeviceOp.Transpose(LowerConvolution.TO_NCHW), "t", "x");
    builder.add(new IntegerOp.Convert(new Epilogue.Quantize(0.1f, 3, 255)), "q", "t");
    builder.add(new IntegerOp.Convert(Epilogue.AFFINE), "a", "q", "p");
    builder.add(new DeviceOp.Transpose(LowerConvolution.TO_NHWC), "y", "a");
    check(new SinkTransposes(), "conversions", builder.output("y").build());
  }

  private static Tensor row(float... values) {
    return Tensor.ofFloats(Shape.of(1, values.length), values);
  }

  private static Tensor signs(long seed, int... dims) {
    Tensor floats = bipolar(seed, 1, dims);
    Tensor codes = Tensor.zeros(new TensorType(ElementType.INT8, Shape.of(dims)));
    for (long i = 0; i < codes.elements(); i++) {
      codes.setLong(i, (long) floats.getFloat(i));
    }
    return codes;
  }

  private static Graph twoLayers(int steps, int channels) {
    GraphBuilder builder = graph(-1, 3, 3, 2);
    float[] thresholds = new float[1 + steps];
    thresholds[0] = 1;
    int[] next = new int[1 + steps];
    next[0] = 1;
    for (int t = 1; t <= steps; t++) {
      thresholds[t] = t - 1.5f;
      next[t] = 2 * t - 3;
    }
    builder.constant("t", row(thresholds));
    builder.constant("n", Tensor.ofInts(Shape.of(1, 1 + steps), next));
    builder.constant("w1", signs(1, channels, 1, 1, 2));
    builder.constant("w2", signs(2, 4, 9 * channels)).constant("p", row(0.5f, 1));
    Epilogue threshold = new Epilogue.Threshold(steps, ElementType.UINT8);
    builder.add(new IntegerOp.Convert(threshold), "q", "x", "t");
    Window point = Window.ofKernel(1, 1);
    builder.add(
        new IntegerOp.IntegerConv2d(point, 1, Codes.UNSIGNED, false, List.of(threshold)),
        "c",
        "q",
        "w1",
        "n");
    builder.add(new DeviceOp.Reshape(Shape.of(-1, 9 * channels)), "f", "c");
    builder.add(
        new IntegerOp.IntegerDense(Codes.UNSIGNED, false, List.of(Epilogue.AFFINE)),
        "y",
        "f",
        "w2",
        "p");
    return builder.output("y").build();
  }

  @Test
  void packsBitsAndReadsAFlattenedImageAsOneWindow() {
    Graph packed = check(new PackBits(), "window", twoLayers(1, 3));
    assertEquals(TensorType.bits(Shape.of(-1, 3, 3, 3), 1), packed.type("c"));
  }

  @Test
  void packsWholeWordsThroughAFlatten() {
    Graph packed = new PackBits().apply(twoLayers(1, 64), new PassLog());
    assertTrue(packed.producer("f").op() instanceof DeviceOp.Reshape);
    assertEquals(TensorType.bits(Shape.of(-1, 576), 1), packed.type("f"));
    PassFixture.compareAnswers(twoLayers(1, 64), packed);
  }

  @Test
  void packsBitPlanes() {
    Graph packed = check(new PackBits(), "planes", twoLayers(3, 2));
    assertEquals(TensorType.bits(Shape.of(-1, 3, 3, 2), 2), packed.type("c"));
  }

  @Test
  void keepsBytesWhereWeightsHaveEightBits() {
    GraphBuilder builder = graph(-1, 3).constant("t", row(1, 0));
    builder.constant("w", Tensor.zeros(new TensorType(ElementType.INT8, Shape.of(2, 3))));
    Epilogue threshold = new Epilogue.Threshold(1, ElementType.UINT8);
    builder.add(new IntegerOp.Convert(threshold), "q", "x", "t");
    builder.add(new IntegerOp.IntegerDense(Codes.UNSIGNED, false, List.of()), "y", "q", "w");
    check(new PackBits(), "bytes", builder.output("y").build());
  }

  @Test
  void fusesConversionsThatAloneReadASum() {
    GraphBuilder builder = graph(-1, 3).constant("t", row(1, 0)).constant("p", row(2, 1));
    builder.constant("w", signs(1, 2, 3)).constant("v", signs(2, 2, 3));
    builder.constant("n", Tensor.ofInts(Shape.of(1, 2), 1, 1));
    Epilogue threshold = new Epilogue.Threshold(1, ElementType.UINT8);
    DeviceOp dense = new IntegerOp.IntegerDense(Codes.UNSIGNED, false, List.of());
    builder.add(new IntegerOp.Convert(threshold), "q", "x", "t");
    builder.add(dense, "z1", "q", "w");
    builder.add(new IntegerOp.Convert(Epilogue.AFFINE), "y1", "z1", "p");
    builder.add(dense, "z2", "q", "v");
    builder.add(new IntegerOp.Convert(threshold), "y2", "z2", "n");
    builder.add(new IntegerOp.Convert(Epilogue.AFFINE), "y3", "z2", "p");
    Graph before = builder.output("y1").output("y2").output("y3").build();
    check(new FuseConversions(), "single-use", before);
  }
}
