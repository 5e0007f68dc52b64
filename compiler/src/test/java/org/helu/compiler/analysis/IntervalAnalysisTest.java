package org.helu.compiler.analysis;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.graph.Range;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.PadMode;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every value that an execution shows must lie within its bounds. */
class IntervalAnalysisTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void boundsContainEveryValue(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double low = random.nextDouble(-2, 1);
    Range range = new Range(low, low + random.nextDouble(0, 2));
    Graph graph = network(random, range);
    Map<String, Intervals> bounds = IntervalAnalysis.of(graph);
    for (int run = 0; run < 20; run++) {
      Tensor x = Tensor.zeros(graph.inputs().get(0).type().withBatch(2));
      for (long i = 0; i < x.elements(); i++) {
        // Mostly the ends of the range: bounds are reached there.
        double unit = random.nextInt(3) == 0 ? random.nextDouble() : random.nextInt(2);
        x.setFloat(i, (float) (range.min() + unit * (range.max() - range.min())));
      }
      List<String> wrong = new ArrayList<>();
      new Interpreter(graph)
          .run(List.of(x), (node, value) -> collectOutside(node, value, bounds, wrong));
      assertTrue(wrong.isEmpty(), "seed " + seed + ": " + wrong);
    }
  }

  private static void collectOutside(
      Node node, Tensor value, Map<String, Intervals> bounds, List<String> wrong) {
    Intervals interval = bounds.get(node.output());
    int channels = value.shape().last();
    for (long i = 0; i < value.elements(); i++) {
      int c = (int) (i % channels);
      float v = value.getFloat(i);
      // The declared ends are rounded to float when the input is made: one ulp of slack.
      double slack = Math.ulp(v);
      if (v < interval.min(c) - slack || v > interval.max(c) + slack) {
        wrong.add(
            node.label()
                + " channel "
                + c
                + ": "
                + v
                + " outside "
                + interval.min(c)
                + ".."
                + interval.max(c));
      }
    }
  }

  private static Graph network(SplittableRandom random, Range range) {
    GraphBuilder b = new GraphBuilder("g");
    b.input(new GraphInput("x", TensorType.float32(-1, 5, 5, 3), range));
    b.constant("w", values(random, 4, 3, 3, 3)).constant("bias", values(random, 4));
    b.constant("dw", values(random, 4, 2, 2, 1)).constant("add", values(random, 4));
    b.constant("v", values(random, 6, 24));
    Window same = new Window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1);
    b.add(new DeviceOp.Conv2d(same, 1, true, false, List.of(Epilogue.GATE)), "c", "x", "w", "bias");
    b.add(new DeviceOp.Conv2d(Window.ofKernel(2, 2), 4, false, false, List.of()), "d", "c", "dw");
    b.add(new DeviceOp.Binary(BinaryKind.SUB), "e", "d", "add");
    b.add(new DeviceOp.Binary(BinaryKind.MAX), "f", "e", "d");
    b.add(
        new DeviceOp.Pad(List.of(0, 1, 0, 0), List.of(0, 0, 1, 0), PadMode.CONSTANT, -0.5f),
        "p",
        "f");
    Window pool = new Window(2, 2, 2, 2, 1, 1, 0, 0, 0, 0);
    b.add(new DeviceOp.Pool2d(PoolKind.AVERAGE, pool, false), "q", "p");
    b.add(new DeviceOp.Concat(1), "cat", "q", "q");
    b.add(
        new DeviceOp.Slice(List.of(0, 0, 0, 0), List.of(-1, 3, 2, 4), List.of(1, 1, 1, 1)),
        "s",
        "cat");
    b.add(new DeviceOp.Reshape(Shape.of(-1, 24)), "flat", "s");
    b.add(new DeviceOp.Dense(false, false, List.of()), "y", "flat", "v");
    b.add(new DeviceOp.Unary(UnaryKind.ABS), "abs", "y");
    b.add(new DeviceOp.Reduce(ReduceKind.MEAN, List.of(1), true), "mean", "abs");
    b.add(new DeviceOp.Softmax(-1, false), "soft", "y");
    return b.output("mean").output("soft").build();
  }

  private static Tensor values(SplittableRandom random, int... dims) {
    float[] values = new float[(int) Shape.of(dims).elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return Tensor.ofFloats(Shape.of(dims), values);
  }
}
