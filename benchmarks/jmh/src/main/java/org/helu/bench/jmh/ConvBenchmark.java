package org.helu.bench.jmh;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.Window;
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

/** A 3 by 3 float32 convolution with a gate. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class ConvBenchmark {
  /** Device that runs the layer. */
  @Param("vector")
  public String device;

  /** Threads of a run. */
  @Param("1")
  public int threads;

  /** Channels by height and width; as many channels come out, kernels are 3 by 3. */
  @Param({"16x32", "32x16", "64x8", "128x32"})
  public String size;

  /** Samples of a run. */
  @Param({"1", "16"})
  public int batch;

  private Layer layer;

  /** Makes the layer. */
  @Setup
  public void open() {
    SplittableRandom random = new SplittableRandom(1);
    int channels = Layer.sizes(size)[0];
    int pixels = Layer.sizes(size)[1];
    Window window = new Window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1);
    GraphBuilder builder = new GraphBuilder("conv");
    Shape shape = Shape.of(Shape.BATCH, pixels, pixels, channels);
    builder.input(new GraphInput("x", new TensorType(ElementType.FLOAT32, shape)));
    builder.constant("w", Layer.weights(random, channels, 3, 3, channels));
    builder.add(
        new Node(
            "conv",
            new DeviceOp.Conv2d(window, 1, false, false, List.of(Epilogue.GATE)),
            List.of("x", "w"),
            "y"));
    Tensor input = Layer.floats(0, random, batch, pixels, pixels, channels);
    layer = Layer.open(device, threads, builder.output("y").build(), batch, input);
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
