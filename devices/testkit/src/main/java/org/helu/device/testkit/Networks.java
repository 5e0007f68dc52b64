package org.helu.device.testkit;

import java.util.List;
import java.util.SplittableRandom;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Networks of the sample networks' shapes, with random weights. */
public final class Networks {
  private static final List<Epilogue> GATE = List.of(Epilogue.GATE);
  private static final Window SAME_3X3 = new Window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1);

  private final SplittableRandom random = new SplittableRandom(2411_10573L);
  private final GraphBuilder graph;
  private int counter;

  private Networks(String name, int... input) {
    this.graph = new GraphBuilder(name);
    graph.input(new GraphInput("x", TensorType.float32(input)));
  }

  /** A multi-layer perceptron with gates between its layers. */
  public static BinarizedGraph mlp(int... widths) {
    Networks net = new Networks("mlp", Shape.BATCH, widths[0]);
    String value = "x";
    for (int i = 1; i < widths.length; i++) {
      value = net.dense(value, widths[i - 1], widths[i], i < widths.length - 1);
    }
    return net.build(value);
  }

  /** A LeNet-like network over 28×28 grey images: conv, max pool, conv, max pool, dense, dense. */
  public static BinarizedGraph grayCnn() {
    Networks net = new Networks("gray-cnn", Shape.BATCH, 28, 28, 1);
    String value = net.conv("x", SAME_3X3, 1, 32, null, true);
    value = net.pool(value);
    value = net.conv(value, SAME_3X3, 32, 64, null, true);
    value = net.pool(value);
    value = net.node(new DeviceOp.Reshape(Shape.of(Shape.BATCH, 7 * 7 * 64)), value);
    value = net.dense(value, 7 * 7 * 64, 128, true);
    return net.build(net.dense(value, 128, 10, false));
  }

  /** MLPerf Tiny's ResNet-8 over 32×32 colour images, softmax included. */
  public static BinarizedGraph resnet8() {
    Networks net = new Networks("resnet8", Shape.BATCH, 3, 32, 32);
    String value = net.node(new DeviceOp.Transpose(List.of(0, 2, 3, 1)), "x");
    value = net.conv(value, SAME_3X3, 3, 16, null, true);
    value = net.block(value, 16, 16, 1);
    value = net.block(value, 16, 32, 2);
    value = net.block(value, 32, 64, 2);
    value = net.node(new DeviceOp.Reduce(ReduceKind.MEAN, List.of(1, 2), false), value);
    value = net.dense(value, 64, 10, false);
    return net.build(net.node(new DeviceOp.Softmax(-1, false), value));
  }

  private String block(String value, int in, int out, int stride) {
    Window first = new Window(3, 3, stride, stride, 1, 1, 1, 1, 1, 1);
    String inner = conv(value, first, in, out, null, true);
    Window shortcut = new Window(1, 1, stride, stride, 1, 1, 0, 0, 0, 0);
    String skip = in == out ? value : conv(value, shortcut, in, out, null, false);
    return conv(inner, SAME_3X3, out, out, skip, true);
  }

  private String conv(String value, Window window, int in, int out, String residual, boolean gate) {
    String weight = weight(window.taps() * in, out, window.kernelH(), window.kernelW(), in);
    String bias = weight(9, out);
    List<Epilogue> epilogues = gate ? GATE : List.of();
    return residual == null
        ? node(new DeviceOp.Conv2d(window, 1, true, false, epilogues), value, weight, bias)
        : node(
            new DeviceOp.Conv2d(window, 1, true, true, epilogues), value, weight, bias, residual);
  }

  private String pool(String value) {
    Window window = new Window(2, 2, 2, 2, 1, 1, 0, 0, 0, 0);
    return node(new DeviceOp.Pool2d(PoolKind.MAX, window, false), value);
  }

  private String dense(String value, int in, int out, boolean gate) {
    DeviceOp op = new DeviceOp.Dense(true, false, gate ? GATE : List.of());
    return node(op, value, weight(in, out, in), weight(9, out));
  }

  private String weight(int terms, int... dims) {
    Tensor tensor = Fill.UNIFORM.tensor(TensorType.float32(dims), random);
    float scale = (float) Math.sqrt(6.0 / terms);
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.setFloat(i, tensor.getFloat(i) * scale);
    }
    return graph.freshConstant("w", tensor);
  }

  private String node(DeviceOp op, String... operands) {
    return graph.add(op, "v" + counter++, operands);
  }

  private BinarizedGraph build(String output) {
    graph.output(output);
    return new BinarizedGraph(graph.build(), Provenance.NONE);
  }
}
