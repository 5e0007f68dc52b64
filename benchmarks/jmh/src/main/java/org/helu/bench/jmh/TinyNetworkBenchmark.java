package org.helu.bench.jmh;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
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

  private Layer layer;

  /** Makes the network. */
  @Setup
  public void open() {
    SplittableRandom random = new SplittableRandom(1);
    GraphBuilder builder = new GraphBuilder("tiny");
    builder.input(new GraphInput("x", TensorType.float32(Shape.BATCH, 64)));
    builder.constant("w1", Layer.weights(random, 64, 64));
    builder.constant("w2", Layer.weights(random, 10, 64));
    DeviceOp.Dense gated = new DeviceOp.Dense(false, false, List.of(Epilogue.GATE));
    DeviceOp.Dense plain = new DeviceOp.Dense(false, false, List.of());
    builder.add(new Node("fc1", gated, List.of("x", "w1"), "h"));
    builder.add(new Node("fc2", plain, List.of("h", "w2"), "y"));
    Tensor input = Layer.floats(0, random, 1, 64);
    layer = Layer.open(device, threads, builder.output("y").build(), 1, input);
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
