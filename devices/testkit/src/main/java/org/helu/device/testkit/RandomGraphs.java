package org.helu.device.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Seeded networks: an image part, a flattening, a dense part, with branches that join again. */
public final class RandomGraphs {
  private static final UnaryKind[] ACTIVATIONS = {
    UnaryKind.TANH, UnaryKind.HARD_SWISH, UnaryKind.LEAKY_RELU, UnaryKind.ABS, UnaryKind.SIGMOID
  };

  private final SplittableRandom random;
  private final GraphBuilder graph;
  private int h;
  private int w;
  private int c;
  private int counter;

  private RandomGraphs(long seed) {
    this.random = new SplittableRandom(seed);
    this.graph = new GraphBuilder("random-" + seed);
  }

  /** The network of a seed: 4 to about 15 nodes. */
  public static BinarizedGraph of(long seed) {
    return new RandomGraphs(seed).build();
  }

  private BinarizedGraph build() {
    h = random.nextInt(4, 13);
    w = random.nextInt(4, 13);
    c = random.nextInt(1, 20);
    graph.input(new GraphInput("x", TensorType.float32(Shape.BATCH, h, w, c)));
    String value = "x";
    int imageLayers = random.nextInt(1, 6);
    for (int i = 0; i < imageLayers; i++) {
      value = imageLayer(value);
    }
    if (random.nextInt(3) == 0) {
      value = add(new DeviceOp.Reduce(ReduceKind.MEAN, List.of(1, 2), false), value);
    } else {
      value = add(new DeviceOp.Reshape(Shape.of(Shape.BATCH, h * w * c)), value);
      c = h * w * c;
    }
    int denseLayers = random.nextInt(1, 4);
    for (int i = 0; i < denseLayers; i++) {
      value = dense(value, random.nextInt(1, 140), random.nextInt(3) > 0);
    }
    if (random.nextBoolean()) {
      value = add(new DeviceOp.Softmax(-1, random.nextBoolean()), value);
    }
    graph.output(value);
    return new BinarizedGraph(graph.build(), Provenance.NONE);
  }

  private String imageLayer(String value) {
    return switch (random.nextInt(9)) {
      case 0, 1, 2 -> conv(value, random.nextInt(1, 40), 1);
      case 3 -> conv(value, c * random.nextInt(1, 3), c);
      case 4 -> h < 2 || w < 2 ? value : pool(value);
      case 5 -> add(new DeviceOp.Gate(), value);
      case 6 -> residualBlock(value);
      case 7 -> {
        String other = add(new DeviceOp.Unary(UnaryKind.LINEAR, 0.5f, 0.25f), value);
        c *= 2;
        yield add(new DeviceOp.Concat(3), value, other);
      }
      default -> {
        UnaryKind kind = ACTIVATIONS[random.nextInt(ACTIVATIONS.length)];
        yield add(new DeviceOp.Unary(kind, 0.125f, 0), value);
      }
    };
  }

  private String residualBlock(String value) {
    Window same = new Window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1);
    if (random.nextBoolean()) {
      String scale = weights("scale", 1, c);
      String scaled = add(new DeviceOp.Binary(BinaryKind.MUL), value, scale);
      return add(new DeviceOp.Binary(BinaryKind.ADD), value, scaled);
    }
    DeviceOp op = new DeviceOp.Conv2d(same, 1, true, true, gates(true));
    return add(op, value, weights("w", 9 * c, c, 3, 3, c), weights("b", 1, c), value);
  }

  private String conv(String value, int outputs, int groups) {
    int kh = random.nextInt(1, Math.min(4, h + 1));
    int kw = random.nextInt(1, Math.min(4, w + 1));
    Window window =
        new Window(
            kh,
            kw,
            random.nextInt(1, 3),
            random.nextInt(1, 3),
            1,
            1,
            random.nextInt(2),
            random.nextInt(2),
            random.nextInt(2),
            random.nextInt(2));
    boolean bias = random.nextBoolean();
    List<String> operands = new ArrayList<>();
    operands.add(value);
    operands.add(weights("w", kh * kw * (c / groups), outputs, kh, kw, c / groups));
    if (bias) {
      operands.add(weights("b", 1, outputs));
    }
    h = window.outH(h);
    w = window.outW(w);
    c = outputs;
    DeviceOp op = new DeviceOp.Conv2d(window, groups, bias, false, gates(random.nextInt(3) > 0));
    return add(op, operands.toArray(String[]::new));
  }

  private String pool(String value) {
    PoolKind kind = PoolKind.values()[random.nextInt(3)];
    DeviceOp.Pool2d op =
        new DeviceOp.Pool2d(kind, new Window(2, 2, 2, 2, 1, 1, 0, 0, 0, 0), random.nextBoolean());
    h = DeviceOp.Pool2d.outH(op.window(), h, op.ceil());
    w = DeviceOp.Pool2d.outW(op.window(), w, op.ceil());
    return add(op, value);
  }

  private String dense(String value, int outputs, boolean gate) {
    String weight = weights("w", c, outputs, c);
    String bias = weights("b", 1, outputs);
    c = outputs;
    return add(new DeviceOp.Dense(true, false, gates(gate)), value, weight, bias);
  }

  private static List<Epilogue> gates(boolean gate) {
    return gate ? List.of(Epilogue.GATE) : List.of();
  }

  private String add(DeviceOp op, String... operands) {
    return graph.add(op, "v" + counter++, operands);
  }

  /** Weights scaled by the number of summed terms, so that values neither grow nor vanish. */
  private String weights(String base, int terms, int... dims) {
    Tensor tensor = Fill.UNIFORM.tensor(TensorType.float32(dims), random);
    float scale = (float) Math.sqrt(3.0 / terms);
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.setFloat(i, tensor.getFloat(i) * scale);
    }
    return graph.freshConstant(base, tensor);
  }
}
