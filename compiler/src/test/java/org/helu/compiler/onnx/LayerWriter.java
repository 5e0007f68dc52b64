package org.helu.compiler.onnx;

import static org.helu.compiler.onnx.ModelBuilder.attr;
import static org.helu.compiler.onnx.ModelBuilder.attrs;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Appends random layers to a model; keeps the per-sample dimensions of the current value. */
abstract class LayerWriter {
  final ModelBuilder model;
  final Random random;
  final int opset;
  String value;
  int[] dims;

  LayerWriter(int opset, long seed) {
    this.opset = opset;
    this.model = new ModelBuilder(opset, seed);
    this.random = model.random();
  }

  /** Dimensions of one sample of the input. */
  int[] inputDims;

  void start(int... sample) {
    inputDims = sample.clone();
    dims = sample.clone();
    Object[] declared = new Object[sample.length + 1];
    declared[0] = "batch";
    for (int i = 0; i < sample.length; i++) {
      declared[i + 1] = sample[i];
    }
    value = model.input("x", declared);
  }

  void apply(String op, List<String> more, AttributeProto... attributes) {
    List<String> inputs = new ArrayList<>(List.of(value));
    inputs.addAll(more);
    value = model.node(op, inputs, attributes);
  }

  int pick(int... options) {
    return options[random.nextInt(options.length)];
  }

  void reduce(String op, boolean keepDims, long... axes) {
    AttributeProto keep = attr("keepdims", keepDims ? 1 : 0);
    boolean asInput = opset >= 18 || op.equals("ReduceSum") && opset >= 13;
    if (asInput) {
      apply(op, List.of(model.longs(axes)), keep);
    } else {
      apply(op, List.of(), keep, attrs("axes", axes));
    }
  }

  int features() {
    int product = 1;
    for (int dim : dims) {
      product *= dim;
    }
    return product;
  }

  /** The ways that exporters write {@code x.view(x.size(0), -1)}. */
  void flatten() {
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

  void dense(int outputs) {
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

  void batchNorm() {
    int c = dims[0];
    List<String> parameters =
        List.of(model.weights(1, c), model.weights(1, c), model.weights(0.3, c), model.positive(c));
    apply("BatchNormalization", parameters, attr("epsilon", 1e-3f), attr("momentum", 0.9f));
  }

  void activation() {
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

  void residual(Runnable body) {
    String shortcut = value;
    body.run();
    apply("Add", List.of(shortcut));
  }

  void branches() {
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

  void sameConv(int outputs) {
    String weight = model.weights(0.3, outputs, dims[0], 3, 3);
    apply(
        "Conv",
        List.of(weight),
        attr("auto_pad", random.nextBoolean() ? "SAME_UPPER" : "SAME_LOWER"));
    dims[0] = outputs;
  }

  void conv() {
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

  void pool() {
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

  void pad() {
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
}
