package org.helu.bench.jmh;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.IntegerOp;
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

/** A 3 by 3 convolution of one-bit activations and one-bit weights, sums stored. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class BinaryConvBenchmark {
  /** Device that runs the layer. */
  @Param("vector")
  public String device;

  /** Threads of a run. */
  @Param("1")
  public int threads;

  /** Channels by height and width; as many channels come out, kernels are 3 by 3. */
  @Param({"128x32", "256x16", "512x8"})
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
    GraphBuilder builder = new GraphBuilder("binary-conv");
    Shape shape = Shape.of(Shape.BATCH, pixels, pixels, channels);
    builder.input(new GraphInput("x", new TensorType(ElementType.BIT, shape)));
    builder.constant("w", Layer.bits(random, channels, 3, 3, channels));
    builder.add(
        new Node(
            "conv",
            new IntegerOp.IntegerConv2d(window, 1, Codes.UNSIGNED, false, List.of()),
            List.of("x", "w"),
            "y"));
    Tensor input = Layer.bits(random, batch, pixels, pixels, channels);
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
