package org.helu.compiler.calibration;

import java.util.SplittableRandom;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Two convolutions in a row, whose channels have very different scales. */
final class Chains {
  private Chains() {}

  static Graph graph() {
    SplittableRandom random = new SplittableRandom(21);
    GraphBuilder builder = new GraphBuilder("chain");
    builder.input(new GraphInput("x", TensorType.float32(Shape.BATCH, 2, 4, 4)));
    builder
        .constant("w1", scaled(random, 8, 2))
        .constant("b1", Tensor.ofFloats(Shape.of(8), 1, 2, 3, 4, 5, 6, 7, 8));
    builder.constant("w2", scaled(random, 3, 8));
    Window window = Window.ofKernel(1, 1);
    builder.add(TinyTask.node("conv1", new FloatOp.Conv(window, 1), "z", "x", "w1", "b1"));
    builder.add(TinyTask.node("helu", new FloatOp.Helu(0), "h", "z"));
    builder.add(TinyTask.node("conv2", new FloatOp.Conv(window, 1), "y", "h", "w2"));
    return builder.output("y").build();
  }

  private static Tensor scaled(SplittableRandom random, int outputs, int inputs) {
    float[] values = new float[outputs * inputs];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((0.1 + random.nextDouble()) * Math.pow(2, i / inputs % 5));
    }
    return Tensor.ofFloats(Shape.of(outputs, inputs, 1, 1), values);
  }
}
