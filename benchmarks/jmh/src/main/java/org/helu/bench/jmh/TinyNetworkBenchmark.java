package org.helu.bench.jmh;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A network of 64-64-10: what a call costs beside its arithmetic. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class TinyNetworkBenchmark {
  /** Device that runs the layer. */
  @Param("vector")
  public String device;

  /** Threads of a run. */
  @Param("1")
  public int threads;

  /** Arithmetic: float32 with gates, or one-bit activations and weights with float32 logits. */
  @Param({"float32", "binary"})
  public String arithmetic;

  private Layer layer;

  /** Makes the network. */
  @Setup
  public void open() {
    SplittableRandom random = new SplittableRandom(1);
    GraphBuilder builder = new GraphBuilder("tiny");
    Tensor input =
        arithmetic.equals("binary") ? addBinary(builder, random) : addFloat(builder, random);
    layer = Layer.open(device, threads, builder.output("y").build(), 1, input);
  }

  private static Tensor addFloat(GraphBuilder builder, SplittableRandom random) {
    builder.input(new GraphInput("x", TensorType.float32(Shape.BATCH, 64)));
    builder.constant("w1", Layer.weights(random, 64, 64));
    builder.constant("w2", Layer.weights(random, 10, 64));
    DeviceOp.Dense gated = new DeviceOp.Dense(false, false, List.of(Epilogue.GATE));
    DeviceOp.Dense plain = new DeviceOp.Dense(false, false, List.of());
    builder.add(new Node("fc1", gated, List.of("x", "w1"), "h"));
    builder.add(new Node("fc2", plain, List.of("h", "w2"), "y"));
    return Layer.floats(0, random, 1, 64);
  }

  private static Tensor addBinary(GraphBuilder builder, SplittableRandom random) {
    builder.input(new GraphInput("x", new TensorType(ElementType.BIT, Shape.of(Shape.BATCH, 64))));
    builder.constant("w1", Layer.bits(random, 64, 64));
    builder.constant("w2", Layer.bits(random, 10, 64));
    // Sign +1 and threshold 0 for all channels; scale 1 and shift 0.
    Tensor sign = Tensor.zeros(new TensorType(ElementType.INT32, Shape.of(1, 2)));
    sign.data().set(Tensor.INT, 0, 1);
    builder.constant("sign", sign);
    Tensor scale = Tensor.zeros(TensorType.float32(1, 2));
    scale.setFloat(0, 1);
    builder.constant("scale", scale);
    Epilogue threshold = new Epilogue.Threshold(1, ElementType.BIT);
    builder.add(
        new Node(
            "fc1",
            new IntegerOp.IntegerDense(Codes.BIPOLAR, false, List.of(threshold)),
            List.of("x", "w1", "sign"),
            "h"));
    builder.add(
        new Node(
            "fc2",
            new IntegerOp.IntegerDense(Codes.BIPOLAR, false, List.of(Epilogue.AFFINE)),
            List.of("h", "w2", "scale"),
            "y"));
    return Layer.bits(random, 1, 64);
  }

  /** The layer. */
  @Benchmark
  public Tensor run() {
    return layer.run();
  }

  /** Gives the device back. */
  @TearDown
  public void close() {
    layer.close();
  }
}
