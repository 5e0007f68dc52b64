package org.helu.compiler.onnx;

import static org.helu.compiler.onnx.ModelBuilder.attr;
import static org.helu.compiler.onnx.ModelBuilder.attrs;

import java.util.List;
import java.util.Random;
import org.helu.runtime.tensor.Shape;

/** A random network: a perceptron, an image, signal or sequence network, by its seed. */
final class RandomNetwork extends LayerWriter {
  private static final int[] OPSETS = {11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22};

  RandomNetwork(long seed) {
    super(OPSETS[(int) (seed % OPSETS.length)], seed);
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
