package org.helu.compiler.calibration;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.helu.compiler.onnx.ImportedModel;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.graph.Range;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** A small residual network with seeded weights, and samples that it labels itself. */
final class TinyTask {
  static final long SEED = 11;
  static final int CLASSES = 4;
  private static final Window SAME = new Window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1);
  private static final Window HALF = new Window(2, 2, 2, 2, 1, 1, 0, 0, 0, 0);

  private TinyTask() {}

  /** conv1, HeLU, conv2 added to it, HeLU, max pool, flatten, fc. */
  static Graph graph() {
    SplittableRandom random = new SplittableRandom(SEED);
    GraphBuilder builder = new GraphBuilder("tiny");
    builder.input(new GraphInput("x", TensorType.float32(Shape.BATCH, 2, 4, 4), new Range(0, 1)));
    builder.constant("w1", random(random, 6, 2, 3, 3)).constant("b1", random(random, 6));
    builder.constant("w2", random(random, 6, 6, 3, 3)).constant("b2", random(random, 6));
    builder.constant("w3", random(random, CLASSES, 24)).constant("b3", random(random, CLASSES));
    builder.add(node("conv1", new FloatOp.Conv(SAME, 1), "z1", "x", "w1", "b1"));
    builder.add(node("helu1", new FloatOp.Helu(0.1f), "h1", "z1"));
    builder.add(node("conv2", new FloatOp.Conv(SAME, 1), "z2", "h1", "w2", "b2"));
    builder.add(node("add", new DeviceOp.Binary(BinaryKind.ADD), "s", "z2", "h1"));
    builder.add(node("helu2", new FloatOp.Helu(0.1f), "h2", "s"));
    builder.add(node("pool", new FloatOp.Pool(PoolKind.MAX, HALF, false), "p", "h2"));
    builder.add(node("flat", new DeviceOp.Reshape(Shape.of(Shape.BATCH, 24)), "f", "p"));
    builder.add(node("fc", new FloatOp.Gemm(1, 1, false, true), "y", "f", "w3", "b3"));
    return builder.output("y").build();
  }

  /** conv1 and a 1x1 shortcut added, HeLU, mean of each channel, fc. */
  static Graph shortcut() {
    SplittableRandom random = new SplittableRandom(SEED);
    GraphBuilder builder = new GraphBuilder("shortcut");
    builder.input(new GraphInput("x", TensorType.float32(Shape.BATCH, 2, 4, 4), new Range(0, 1)));
    builder.constant("w1", random(random, 6, 2, 3, 3)).constant("b1", random(random, 6));
    builder.constant("w2", random(random, 6, 2, 1, 1)).constant("b2", random(random, 6));
    builder.constant("w3", random(random, CLASSES, 6)).constant("b3", random(random, CLASSES));
    builder.add(node("conv1", new FloatOp.Conv(SAME, 1), "z1", "x", "w1", "b1"));
    builder.add(node("conv2", new FloatOp.Conv(Window.ofKernel(1, 1), 1), "z2", "x", "w2", "b2"));
    builder.add(node("add", new DeviceOp.Binary(BinaryKind.ADD), "s", "z1", "z2"));
    builder.add(node("helu", new FloatOp.Helu(0.1f), "h", "s"));
    DeviceOp.Reduce mean = new DeviceOp.Reduce(ReduceKind.MEAN, List.of(2, 3), false);
    builder.add(node("mean", mean, "m", "h"));
    builder.add(node("fc", new FloatOp.Gemm(1, 1, false, true), "y", "m", "w3", "b3"));
    return builder.output("y").build();
  }

  static ImportedModel model() {
    return model(graph());
  }

  static ImportedModel model(Graph graph) {
    return new ImportedModel(graph, "ab".repeat(32), 0.1f, Map.of());
  }

  static Node node(String name, org.helu.runtime.op.Op op, String output, String... inputs) {
    return new Node(name, op, List.of(inputs), output);
  }

  private static Tensor random(SplittableRandom random, int... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    return Tensor.ofFloats(shape, values);
  }

  /** Uniform samples without labels. */
  static CalibrationData samples(int count) {
    SplittableRandom random = new SplittableRandom(SEED + 1);
    float[] values = new float[count * 32];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble();
    }
    return new CalibrationData(Tensor.ofFloats(Shape.of(count, 2, 4, 4), values), null);
  }
}
