package org.helu.device.testkit;

import java.util.List;
import java.util.SplittableRandom;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Low-bit networks of the sample networks' shapes, with random weights and thresholds. */
public final class IntegerNetworks {
  private static final Window SAME_3X3 = new Window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1);
  private static final Window HALVE = new Window(2, 2, 2, 2, 1, 1, 0, 0, 0, 0);
  private static final Epilogue BYTES = new Epilogue.Requantize(24, 255);

  private final SplittableRandom random;
  private final GraphBuilder graph;
  private int counter;

  /** What the value added last holds: its kind of codes, and its shape behind the batch. */
  private Codes codes = Codes.UNSIGNED;

  private int bits = 8;
  private int h;
  private int w;
  private int c;

  private IntegerNetworks(String name, long seed, int... input) {
    this.random = new SplittableRandom(seed);
    this.graph = new GraphBuilder(name);
    graph.input(new GraphInput("x", TensorType.float32(input)));
    h = input.length == 4 ? input[1] : 1;
    w = input.length == 4 ? input[2] : 1;
    c = input[input.length - 1];
  }

  /** All networks that allocation and threads are tested with. */
  static List<BinarizedGraph> all() {
    return List.of(
        binaryMlp(784, 256, 256, 10),
        binaryCnn(),
        int8Cnn(),
        mlp("mlp-w1a1-bytes", ElementType.BIT, 784, 300, 10));
  }

  /**
   * A perceptron with 1-bit weights and activations, its first and last layer with int8 weights.
   */
  public static BinarizedGraph binaryMlp(int... widths) {
    return mlp("mlp-w1a1", ElementType.INT8, widths);
  }

  /**
   * @param ends element type of the first and last layer's weights
   */
  private static BinarizedGraph mlp(String name, ElementType ends, int... widths) {
    IntegerNetworks net = new IntegerNetworks(name, 1, Shape.BATCH, widths[0]);
    String value = net.quantize("x");
    for (int i = 1; i < widths.length - 1; i++) {
      ElementType weight = i == 1 ? ends : ElementType.BIT;
      value = net.dense(value, weight, widths[i], net.steps(1, ElementType.BIT));
      net.codes = i % 2 == 0 ? Codes.BIPOLAR : Codes.UNSIGNED;
    }
    return net.build(net.dense(value, ends, widths[widths.length - 1], Epilogue.AFFINE));
  }

  /** Perceptron layers of 1-bit weights and activations alone: bits in, sums out. */
  public static BinarizedGraph binaryLayers(int... widths) {
    IntegerNetworks net = new IntegerNetworks("layers-w1a1", 2, Shape.BATCH, widths[0]);
    String value = net.convert("x", Tensor.ofFloats(Shape.of(1, 2), 1, 0));
    for (int i = 1; i < widths.length; i++) {
      net.codes = Codes.BIPOLAR;
      value = net.dense(value, ElementType.BIT, widths[i], net.steps(1, ElementType.BIT));
    }
    return net.build(value);
  }

  /**
   * Convolutions of grey images: bytes x 1-bit weights, bits x bits with a padding of 0, planes x
   * bits, a window over the whole image, a last layer of int8 weights.
   */
  public static BinarizedGraph binaryCnn() {
    IntegerNetworks net = new IntegerNetworks("cnn-w1a1", 3, Shape.BATCH, 28, 28, 1);
    String value = net.quantize("x");
    value = net.conv(value, SAME_3X3, 1, ElementType.BIT, 32, net.steps(1, ElementType.BIT));
    net.codes = Codes.BIPOLAR;
    value = net.pool(value);
    value = net.conv(value, SAME_3X3, 1, ElementType.BIT, 40, net.steps(3, ElementType.BIT));
    net.codes = Codes.UNSIGNED;
    value = net.pool(value);
    value = net.conv(value, SAME_3X3, 1, ElementType.BIT, 64, net.steps(1, ElementType.BIT));
    Window whole = Window.ofKernel(7, 7);
    value = net.conv(value, whole, 1, ElementType.BIT, 128, net.steps(1, ElementType.BIT));
    value = net.node(new DeviceOp.Reshape(Shape.of(Shape.BATCH, 128)), value);
    return net.build(net.dense(value, ElementType.INT8, 10, Epilogue.AFFINE));
  }

  /** Byte codes and int8 weights over colour images: a residual block, depthwise, mean, dense. */
  public static BinarizedGraph int8Cnn() {
    IntegerNetworks net = new IntegerNetworks("cnn-int8", 4, Shape.BATCH, 16, 16, 3);
    String value = net.quantize("x");
    value = net.conv(value, SAME_3X3, 1, ElementType.INT8, 16, BYTES);
    value = net.residual(value);
    value = net.pool(value);
    value = net.conv(value, SAME_3X3, 16, ElementType.INT8, 16, BYTES);
    value = net.conv(value, Window.ofKernel(1, 1), 1, ElementType.INT8, 33, BYTES);
    value = net.node(new DeviceOp.Transpose(List.of(0, 3, 1, 2)), value);
    value = net.node(new DeviceOp.Transpose(List.of(0, 2, 3, 1)), value);
    Tensor affine = Tensor.ofFloats(Shape.of(1, 2), 1 / 255f, 0);
    value = net.node(new IntegerOp.Convert(Epilogue.AFFINE), value, net.constant(affine));
    value = net.node(new DeviceOp.Reduce(ReduceKind.MEAN, List.of(1, 2), false), value);
    net.h = 1;
    net.w = 1;
    value = net.quantize(value);
    return net.build(net.dense(value, ElementType.INT8, 10, Epilogue.AFFINE));
  }

  /** A seeded network of low-bit convolutions, pools and dense layers: 4 to about 10 nodes. */
  public static BinarizedGraph random(long seed) {
    SplittableRandom sizes = new SplittableRandom(seed);
    IntegerNetworks net =
        new IntegerNetworks(
            "random-integer-" + seed,
            seed,
            Shape.BATCH,
            sizes.nextInt(4, 11),
            sizes.nextInt(4, 11),
            sizes.nextInt(1, 80));
    return net.build(net.randomLayers());
  }

  private String randomLayers() {
    String value = random.nextBoolean() ? quantize("x") : convert("x", floatSteps());
    int layers = random.nextInt(1, 5);
    for (int i = 0; i < layers; i++) {
      value =
          switch (random.nextInt(5)) {
            case 0 -> h < 2 || w < 2 ? value : pool(value);
            case 1 -> conv(value, randomWindow(), c, weightType(), c, randomCodes());
            default ->
                conv(value, randomWindow(), 1, weightType(), random.nextInt(1, 140), randomCodes());
          };
    }
    Window whole = Window.ofKernel(h, w);
    value = conv(value, whole, 1, weightType(), random.nextInt(1, 140), randomCodes());
    value = node(new DeviceOp.Reshape(Shape.of(Shape.BATCH, c)), value);
    return dense(value, weightType(), random.nextInt(1, 70), Epilogue.AFFINE);
  }

  private Tensor floatSteps() {
    int steps = 1 << random.nextInt(4);
    return EpilogueParameters.floatThresholds(steps, c, random);
  }

  private ElementType weightType() {
    return random.nextBoolean() ? ElementType.BIT : ElementType.INT8;
  }

  private Epilogue randomCodes() {
    ElementType to = random.nextInt(3) == 0 ? ElementType.UINT8 : ElementType.BIT;
    return random.nextInt(4) == 0 ? BYTES : steps(random.nextInt(1, 16), to);
  }

  private Window randomWindow() {
    int kh = random.nextInt(1, Math.min(4, h + 1));
    int kw = random.nextInt(1, Math.min(4, w + 1));
    int strideH = random.nextInt(1, 3);
    int strideW = random.nextInt(1, 3);
    int pad = random.nextInt(2);
    return new Window(kh, kw, strideH, strideW, 1, 1, pad, random.nextInt(2), pad, 1);
  }

  private Epilogue steps(int steps, ElementType to) {
    return new Epilogue.Threshold(steps, to);
  }

  private String quantize(String value) {
    codes = Codes.UNSIGNED;
    bits = 8;
    return node(new IntegerOp.Convert(new Epilogue.Quantize(1 / 255f, 0, 255)), value);
  }

  private String convert(String value, Tensor thresholds) {
    Epilogue.Threshold op = new Epilogue.Threshold(thresholds.shape().dim(1) - 1, ElementType.BIT);
    stored(op);
    return node(new IntegerOp.Convert(op), value, constant(thresholds));
  }

  /** Remembers what kind of codes an epilogue leaves, one of the kinds that fit in turn. */
  private void stored(Epilogue epilogue) {
    bits = epilogue instanceof Epilogue.Threshold threshold ? threshold.bits() : 8;
    int greatest = (1 << bits) - 1;
    codes =
        switch (random.nextInt(3)) {
          case 0 -> bits == 1 ? Codes.BIPOLAR : Codes.ofZeroPoint(greatest / 2);
          case 1 -> new Codes(2, greatest, -greatest);
          default -> Codes.UNSIGNED;
        };
  }

  private String dense(String value, ElementType weight, int outputs, Epilogue epilogue) {
    String weights = constant(weights(weight, outputs, c));
    String parameters = parameters(weight, epilogue, c, outputs, false);
    IntegerOp op = new IntegerOp.IntegerDense(codes, false, List.of(epilogue));
    c = outputs;
    stored(epilogue);
    return node(op, value, weights, parameters);
  }

  private String conv(
      String value, Window window, int groups, ElementType weight, int outputs, Epilogue epilogue) {
    int terms = window.taps() * (c / groups);
    String weights =
        constant(weights(weight, outputs, window.kernelH(), window.kernelW(), c / groups));
    String parameters = parameters(weight, epilogue, terms, outputs, false);
    IntegerOp op = new IntegerOp.IntegerConv2d(window, groups, codes, false, List.of(epilogue));
    h = window.outH(h);
    w = window.outW(w);
    c = outputs;
    stored(epilogue);
    return node(op, value, weights, parameters);
  }

  private String residual(String value) {
    String weights = constant(weights(ElementType.INT8, c, 3, 3, c));
    String parameters = parameters(ElementType.INT8, BYTES, 9 * c, c, true);
    IntegerOp op = new IntegerOp.IntegerConv2d(SAME_3X3, 1, codes, true, List.of(BYTES));
    return node(op, value, weights, parameters, value);
  }

  private String pool(String value) {
    h /= 2;
    w /= 2;
    return node(new DeviceOp.Pool2d(PoolKind.MAX, HALVE, false), value);
  }

  private Tensor weights(ElementType element, int... dims) {
    return Fill.UNIFORM.tensor(new TensorType(element, Shape.of(dims)), random);
  }

  private String parameters(
      ElementType weight, Epilogue epilogue, int terms, int outputs, boolean residual) {
    long value = (1L << bits) * (weight == ElementType.BIT ? 1 : 75);
    long bound = (long) (value * Math.sqrt(terms)) + 1;
    return constant(EpilogueParameters.of(epilogue, outputs, bound, residual, random));
  }

  private String constant(Tensor tensor) {
    return graph.freshConstant("k", tensor);
  }

  private String node(DeviceOp op, String... operands) {
    return graph.add(op, "v" + counter++, operands);
  }

  private BinarizedGraph build(String output) {
    graph.output(output);
    return new BinarizedGraph(graph.build(), Provenance.NONE);
  }
}
