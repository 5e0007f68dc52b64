package org.helu.compiler.onnx;

import static org.helu.compiler.onnx.ModelBuilder.attr;
import static org.helu.compiler.onnx.ModelBuilder.attrs;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.helu.runtime.tensor.Shape;

/** Grows a random network step by step; keeps the per-sample dimensions of the current value. */
final class RandomNetwork {
  private static final int[] OPSETS = {11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22};

  private final ModelBuilder model;
  private final Random random;
  private final int opset;
  private String value;
  private int[] dims;

  RandomNetwork(long seed) {
    this.opset = OPSETS[(int) (seed % OPSETS.length)];
    this.model = new ModelBuilder(opset, seed);
    this.random = model.random();
    switch ((int) (seed / OPSETS.length) % 5) {
      case 0 -> perceptron();
      case 1, 2 -> images();
      case 3 -> signals();
      default -> sequences();
    }
    model.output(value);
  }

  /** The serialized model; its input is {@code x} with a symbolic batch. */
  byte[] bytes() {
    return model.bytes();
  }

  int opset() {
    return opset;
  }

  /** Dimensions of one sample of the input. */
  int[] inputDims;

  private void start(int... sample) {
    inputDims = sample.clone();
    dims = sample.clone();
    Object[] declared = new Object[sample.length + 1];
    declared[0] = "batch";
    for (int i = 0; i < sample.length; i++) {
      declared[i + 1] = sample[i];
    }
    value = model.input("x", declared);
  }

  private void apply(String op, List<String> more, AttributeProto... attributes) {
    List<String> inputs = new ArrayList<>(List.of(value));
    inputs.addAll(more);
    value = model.node(op, inputs, attributes);
  }

  private int pick(int... options) {
    return options[random.nextInt(options.length)];
  }

  private void perceptron() {
    if (random.nextBoolean()) {
      start(pick(1, 2, 3), pick(3, 5), pick(2, 4));
      flatten();
    } else {
      start(pick(1, 7, 33, 64));
    }
    int layers = 1 + random.nextInt(3);
    for (int i = 0; i < layers; i++) {
      dense(pick(1, 5, 31, 40));
      if (random.nextBoolean()) {
        batchNorm();
      }
      activation();
      if (random.nextInt(3) == 0) {
        residual(() -> dense(dims[0]));
      }
    }
    dense(10);
    if (random.nextBoolean()) {
      apply(random.nextBoolean() ? "Softmax" : "LogSoftmax", List.of(), attr("axis", 1));
    }
  }

  private void images() {
    start(pick(1, 3, 4), 8 + random.nextInt(7), 8 + random.nextInt(7));
    int steps = 3 + random.nextInt(4);
    for (int i = 0; i < steps; i++) {
      switch (random.nextInt(9)) {
        case 0, 1, 2 -> conv();
        case 3 -> batchNorm();
        case 4 -> pool();
        case 5 -> {
          int channels = dims[0];
          residual(() -> sameConv(channels));
        }
        case 6 -> branches();
        case 7 -> pad();
        default -> activation();
      }
    }
    activation();
    head();
  }

  private void signals() {
    start(pick(1, 2, 6), 12 + random.nextInt(9));
    for (int i = 0; i < 3; i++) {
      conv();
      if (random.nextBoolean()) {
        batchNorm();
      }
      activation();
      if (random.nextBoolean()) {
        pool();
      }
    }
    head();
  }

  private void sequences() {
    start(pick(2, 4, 6), pick(4, 6, 8));
    int steps = 4 + random.nextInt(4);
    for (int i = 0; i < steps; i++) {
      sequenceStep(random.nextInt(11));
    }
    flatten();
    dense(4);
  }

  private void sequenceStep(int kind) {
    switch (kind) {
      case 0 -> {
        apply("Transpose", List.of(), attrs("perm", 0, 2, 1));
        dims = new int[] {dims[1], dims[0]};
      }
      case 1 -> slice();
      case 2 -> splitAndJoin();
      case 3 -> where();
      case 4 -> softmax();
      case 5 -> layerNorm();
      case 6 -> attention();
      case 7 -> {
        apply("Gather", List.of(model.longs(1, -1, 0)), attr("axis", 1));
        dims[0] = 3;
      }
      case 8 -> reduceAndExpand();
      case 9 -> arithmetic();
      default -> activation();
    }
  }

  private void head() {
    if (random.nextBoolean() && dims.length > 1) {
      if (random.nextBoolean()) {
        apply("GlobalAveragePool", List.of());
      } else {
        reduce("ReduceMean", true, dims.length == 3 ? new long[] {2, 3} : new long[] {-1});
      }
      for (int i = 1; i < dims.length; i++) {
        dims[i] = 1;
      }
    }
    flatten();
    dense(10);
  }

  private void reduce(String op, boolean keepDims, long... axes) {
    AttributeProto keep = attr("keepdims", keepDims ? 1 : 0);
    boolean asInput = opset >= 18 || op.equals("ReduceSum") && opset >= 13;
    if (asInput) {
      apply(op, List.of(model.longs(axes)), keep);
    } else {
      apply(op, List.of(), keep, attrs("axes", axes));
    }
  }

  private int features() {
    int product = 1;
    for (int dim : dims) {
      product *= dim;
    }
    return product;
  }

  /** The ways that exporters write {@code x.view(x.size(0), -1)}. */
  private void flatten() {
    int features = features();
    switch (random.nextInt(6)) {
      case 0 -> apply("Flatten", List.of());
      case 1 -> apply("Reshape", List.of(model.longs(0, -1)));
      case 2 -> apply("Reshape", List.of(model.longs(-1, features)));
      case 3 -> {
        String shape = model.node("Shape", List.of(value));
        String batch = model.node("Gather", List.of(shape, model.longs(0)), attr("axis", 0));
        String target =
            model.node("Concat", List.of(batch, model.longs(features)), attr("axis", 0));
        apply("Reshape", List.of(target));
      }
      case 4 -> {
        String shape = model.node("Shape", List.of(value));
        String batch = model.node("Slice", List.of(shape, model.longs(0), model.longs(1)));
        String rest =
            opset >= 13
                ? model.node("Squeeze", List.of(batch, model.longs(0)))
                : model.node("Squeeze", List.of(batch), attrs("axes", 0));
        String again =
            opset >= 13
                ? model.node("Unsqueeze", List.of(rest, model.longs(0)))
                : model.node("Unsqueeze", List.of(rest), attrs("axes", 0));
        String target = model.node("Concat", List.of(again, model.longs(-1)), attr("axis", 0));
        apply("Reshape", List.of(target));
      }
      default -> apply("Reshape", List.of(model.longs(0, features)));
    }
    dims = new int[] {features};
  }

  private void dense(int outputs) {
    int inputs = dims[dims.length - 1];
    double scale = 1 / Math.sqrt(inputs);
    if (dims.length == 1 && random.nextBoolean()) {
      boolean transposed = random.nextBoolean();
      String weight =
          transposed
              ? model.weights(scale, outputs, inputs)
              : model.weights(scale, inputs, outputs);
      List<String> more = new ArrayList<>(List.of(weight));
      if (random.nextBoolean()) {
        more.add(random.nextBoolean() ? model.weights(1, outputs) : model.weights(1, 1));
      }
      apply(
          "Gemm",
          more,
          attr("transB", transposed ? 1 : 0),
          attr("alpha", pick(1, 2) * 0.5f),
          attr("beta", 1.5f));
    } else {
      apply("MatMul", List.of(model.weights(scale, inputs, outputs)));
      apply("Add", List.of(model.weights(1, outputs)));
    }
    dims[dims.length - 1] = outputs;
  }

  private void batchNorm() {
    int c = dims[0];
    List<String> parameters =
        List.of(model.weights(1, c), model.weights(1, c), model.weights(0.3, c), model.positive(c));
    apply("BatchNormalization", parameters, attr("epsilon", 1e-3f), attr("momentum", 0.9f));
  }

  private void activation() {
    List<String> plain =
        new ArrayList<>(List.of("Relu", "Relu", "Sigmoid", "Tanh", "Softplus", "Softsign", "Erf"));
    plain.add("Abs");
    plain.add("Neg");
    if (opset >= 14) {
      plain.add("HardSwish");
    }
    if (opset >= 18) {
      plain.add("Mish");
    }
    int kind = random.nextInt(plain.size() + 9);
    if (kind < plain.size()) {
      apply(plain.get(kind), List.of());
      return;
    }
    switch (kind - plain.size()) {
      case 0 -> apply("LeakyRelu", List.of(), attr("alpha", 0.2f));
      case 1 -> apply("Elu", List.of(), attr("alpha", 0.7f));
      case 2 -> apply("Selu", List.of());
      case 3 -> apply("HardSigmoid", List.of(), attr("alpha", 0.3f));
      case 4 -> apply("Clip", List.of(model.scalar(-0.5f), model.scalar(1)));
      case 5 -> {
        int[] slope = new int[dims.length];
        Arrays.fill(slope, 1);
        slope[0] = dims[0];
        apply("PRelu", List.of(model.weights(1, slope)));
      }
      case 6 -> apply(opset >= 12 ? "Celu" : "Elu", List.of(), attr("alpha", 0.8f));
      case 7 -> apply("ThresholdedRelu", List.of(), attr("alpha", 0.1f));
      default -> {
        if (opset >= 20) {
          apply("Gelu", List.of(), attr("approximate", random.nextBoolean() ? "none" : "tanh"));
        } else {
          String gate = model.node("Sigmoid", List.of(value));
          apply("Mul", List.of(gate));
        }
      }
    }
  }

  private void residual(Runnable body) {
    String shortcut = value;
    body.run();
    apply("Add", List.of(shortcut));
  }

  private void branches() {
    String in = value;
    int[] before = dims.clone();
    sameConv(2);
    String left = value;
    value = in;
    dims = before;
    sameConv(3);
    value = model.node("Concat", List.of(left, value), attr("axis", random.nextBoolean() ? 1 : -3));
    dims[0] = 5;
  }

  private void sameConv(int outputs) {
    String weight = model.weights(0.3, outputs, dims[0], 3, 3);
    apply(
        "Conv",
        List.of(weight),
        attr("auto_pad", random.nextBoolean() ? "SAME_UPPER" : "SAME_LOWER"));
    dims[0] = outputs;
  }

  private void conv() {
    int spatial = dims.length - 1;
    int channels = dims[0];
    int groups =
        random.nextInt(3) == 0 ? channels : channels % 2 == 0 && random.nextBoolean() ? 2 : 1;
    int outputs = groups * pick(1, 2, 3);
    Sliding window = new Sliding(spatial, true);
    int[] weight = new int[2 + spatial];
    weight[0] = outputs;
    weight[1] = channels / groups;
    System.arraycopy(window.kernel, 0, weight, 2, spatial);
    List<String> more = new ArrayList<>();
    more.add(model.weights(1 / Math.sqrt(9.0 * weight[1]), weight));
    if (random.nextBoolean()) {
      more.add(model.weights(1, outputs));
    }
    List<AttributeProto> attributes = window.attributes();
    attributes.add(attr("group", groups));
    apply("Conv", more, attributes.toArray(AttributeProto[]::new));
    dims[0] = outputs;
    window.shrink();
  }

  private void pool() {
    boolean max = random.nextBoolean();
    Sliding window = new Sliding(dims.length - 1, max);
    List<AttributeProto> attributes = window.attributes();
    attributes.add(attrs("kernel_shape", window.longKernel()));
    // With a stride beyond the kernel ONNX Runtime may round up to a window outside the input.
    if (window.autoPad.equals("NOTSET") && !window.leaps() && random.nextBoolean()) {
      window.ceil = true;
      attributes.add(attr("ceil_mode", 1));
    }
    if (!max) {
      attributes.add(attr("count_include_pad", random.nextInt(2)));
    }
    apply(max ? "MaxPool" : "AveragePool", List.of(), attributes.toArray(AttributeProto[]::new));
    window.shrink();
  }

  private void pad() {
    String[] modes = {"constant", "reflect", "edge"};
    String mode = modes[random.nextInt(dims[1] > 2 && dims[2] > 2 ? 3 : 1)];
    List<String> more = new ArrayList<>();
    more.add(model.longs(0, 0, 1, 0, 0, 0, 0, 2));
    if (mode.equals("constant")) {
      more.add(model.scalar(0.5f));
    }
    apply("Pad", more, attr("mode", mode));
    dims[1] += 1;
    dims[2] += 2;
  }

  private void slice() {
    if (dims[1] < 3) {
      return;
    }
    boolean backward = random.nextBoolean();
    List<String> more =
        backward
            ? List.of(model.longs(-1), model.longs(-1000), model.longs(2), model.longs(-2))
            : List.of(model.longs(1), model.longs(Long.MAX_VALUE), model.longs(-1), model.longs(1));
    apply("Slice", more);
    dims[1] = backward ? (dims[1] + 1) / 2 : dims[1] - 1;
  }

  private void splitAndJoin() {
    if (dims[1] < 2) {
      return;
    }
    long[] sizes = {1, dims[1] - 1};
    List<String> parts =
        opset >= 13
            ? model.nodes("Split", List.of(value, model.longs(sizes)), 2, attr("axis", 2))
            : model.nodes("Split", List.of(value), 2, attr("axis", 2), attrs("split", sizes));
    value = model.node("Concat", List.of(parts.get(1), parts.get(0)), attr("axis", 2));
  }

  private void where() {
    String greater = random.nextBoolean() ? "Greater" : "Less";
    String condition = model.node(greater, List.of(value, model.scalar(0)));
    String scaled = model.node("Mul", List.of(value, model.scalar(0.25f)));
    value = model.node("Where", List.of(condition, value, scaled));
  }

  private void softmax() {
    String op = random.nextBoolean() ? "Softmax" : "LogSoftmax";
    apply(op, List.of(), attr("axis", pick(1, 2, -1)));
  }

  private void layerNorm() {
    if (opset >= 17) {
      List<String> parameters = List.of(model.weights(1, dims[1]), model.weights(1, dims[1]));
      apply("LayerNormalization", parameters, attr("axis", -1), attr("epsilon", 1e-3f));
    } else {
      List<String> parameters = List.of(model.weights(1, dims[0]), model.weights(1, dims[0]));
      apply("InstanceNormalization", parameters, attr("epsilon", 1e-3f));
    }
  }

  /** {@code softmax(x x^T / 4) x}. */
  private void attention() {
    String transposed = model.node("Transpose", List.of(value), attrs("perm", 0, 2, 1));
    String scores = model.node("MatMul", List.of(value, transposed));
    String scaled = model.node("Div", List.of(scores, model.scalar(4)));
    String weights = model.node("Softmax", List.of(scaled), attr("axis", 2));
    value = model.node("MatMul", List.of(weights, value));
  }

  private void reduceAndExpand() {
    String whole = value;
    String[] ops = {"ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL2", "ReduceL1"};
    String op = random.nextInt(4) == 0 ? "ReduceLogSumExp" : ops[random.nextInt(ops.length)];
    reduce(op, true, -1);
    value = model.node("Sub", List.of(whole, value));
  }

  private void arithmetic() {
    String abs = model.node("Abs", List.of(value));
    String shifted = model.node("Add", List.of(abs, model.scalar(1)));
    value =
        switch (random.nextInt(7)) {
          case 0 -> model.node("Sqrt", List.of(shifted));
          case 1 -> model.node("Log", List.of(shifted));
          case 2 -> model.node("Reciprocal", List.of(shifted));
          case 3 -> model.node("Pow", List.of(shifted, model.scalar(1.5f)));
          case 4 ->
              model.node("Max", List.of(value, model.scalar(0.1f), model.weights(1, dims[1])));
          case 5 -> model.node("Min", List.of(value, abs, model.scalar(1)));
          default -> model.node("Exp", List.of(model.node("Neg", List.of(abs))));
        };
  }

  /** A random window over the current spatial dimensions. */
  private final class Sliding {
    private final int[] kernel;
    private final int[] stride;
    private final int[] dilation;
    private final int[] before;
    private final int[] after;
    private final String autoPad;
    private final boolean dilates;
    private boolean ceil;

    Sliding(int spatial, boolean mayDilate) {
      kernel = new int[spatial];
      stride = new int[spatial];
      dilation = new int[spatial];
      before = new int[spatial];
      after = new int[spatial];
      String[] modes = {"NOTSET", "NOTSET", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"};
      autoPad = modes[random.nextInt(modes.length)];
      // ONNX Runtime pads dilated windows of automatic size otherwise than the specification.
      dilates = mayDilate && !autoPad.startsWith("SAME");
      for (int i = 0; i < spatial; i++) {
        int size = dims[1 + i];
        kernel[i] = Math.min(size, pick(1, 2, 3));
        stride[i] = pick(1, 1, 2);
        dilation[i] = dilates && size > 6 ? pick(1, 1, 2) : 1;
        if (autoPad.equals("NOTSET")) {
          before[i] = random.nextInt(kernel[i]);
          after[i] = random.nextInt(kernel[i]);
        }
      }
    }

    boolean leaps() {
      for (int i = 0; i < kernel.length; i++) {
        if (stride[i] > kernel[i]) {
          return true;
        }
      }
      return false;
    }

    long[] longKernel() {
      return longs(kernel);
    }

    List<AttributeProto> attributes() {
      List<AttributeProto> list = new ArrayList<>();
      list.add(attrs("strides", longs(stride)));
      if (dilates) {
        list.add(attrs("dilations", longs(dilation)));
      }
      list.add(attr("auto_pad", autoPad));
      if (autoPad.equals("NOTSET")) {
        long[] pads = new long[2 * kernel.length];
        for (int i = 0; i < kernel.length; i++) {
          pads[i] = before[i];
          pads[kernel.length + i] = after[i];
        }
        list.add(attrs("pads", pads));
      }
      return list;
    }

    void shrink() {
      for (int i = 0; i < kernel.length; i++) {
        int size = dims[1 + i];
        int extent = dilation[i] * (kernel[i] - 1) + 1;
        int room = size + before[i] + after[i] - extent;
        int out =
            autoPad.startsWith("SAME") ? (size + stride[i] - 1) / stride[i] : room / stride[i] + 1;
        if (ceil && room % stride[i] != 0 && out * stride[i] < size + before[i]) {
          out++;
        }
        dims[1 + i] = out;
      }
    }

    private static long[] longs(int[] values) {
      return Arrays.stream(values).asLongStream().toArray();
    }
  }

  /** A tensor of {@code batch} random samples. */
  static float[] samples(long seed, Shape shape) {
    Random random = new Random(seed);
    float[] values = new float[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
