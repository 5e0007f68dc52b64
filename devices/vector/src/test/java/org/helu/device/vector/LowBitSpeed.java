package org.helu.device.vector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.helu.device.testkit.Fill;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.Devices;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Times single low-bit layers beside the float layer of the same shape, by hand: {@code LowBitSpeed
 * [threads]}, run with the test class path. Rounds alternate between the layers, so that what else
 * the machine does meets all of them; ratios of medians are printed.
 */
final class LowBitSpeed {
  private static final int ROUNDS = 31;

  private LowBitSpeed() {}

  /** What is timed: codes and weights of one kind. */
  private enum Kind {
    FLOAT(null, 0, null),
    W1A1(ElementType.BIT, 1, ElementType.BIT),
    W1A2(ElementType.BIT, 2, ElementType.BIT),
    W8A1(ElementType.BIT, 1, ElementType.INT8),
    W1A8(ElementType.UINT8, 8, ElementType.BIT),
    W8A8(ElementType.UINT8, 8, ElementType.INT8);

    private final ElementType codes;
    private final int bits;
    private final ElementType weights;

    Kind(ElementType codes, int bits, ElementType weights) {
      this.codes = codes;
      this.bits = bits;
      this.weights = weights;
    }

    private TensorType input(int... dims) {
      Shape shape = Shape.of(dims);
      return switch (codes) {
        case null -> TensorType.float32(dims);
        case BIT -> TensorType.bits(shape, bits);
        default -> new TensorType(codes, shape);
      };
    }
  }

  public static void main(String[] arguments) {
    int threads = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1;
    String only = arguments.length > 1 ? arguments[1] : "";
    for (int batch : new int[] {1, 16, 256}) {
      compare("dense 1024 to 1024, batch " + batch, threads, batch, only, 1024);
    }
    compare("conv 3x3 128 to 128 @32x32", threads, 1, only, 32, 32, 128);
    compare("conv 3x3 256 to 256 @16x16", threads, 1, only, 16, 16, 256);
    compare("conv 3x3 16 to 32 @28x28", threads, 1, only, 28, 28, 16, 32);
    compare("conv 3x3 3 to 64 @32x32", threads, 1, only, 32, 32, 3, 64);
  }

  private static void compare(String what, int threads, int batch, String only, int... dims) {
    if (!what.contains(only)) {
      return;
    }
    List<AutoCloseable> open = new ArrayList<>();
    try (Device device = Devices.open("vector", new DeviceOptions(threads))) {
      Runnable[] runs = new Runnable[Kind.values().length];
      for (Kind kind : Kind.values()) {
        runs[kind.ordinal()] = layer(device, graph(kind, dims), batch, open);
      }
      double[][] nanos = time(runs);
      StringBuilder line = new StringBuilder(what + ":");
      for (Kind kind : Kind.values()) {
        double own = nanos[kind.ordinal()][ROUNDS / 2];
        line.append("  %s %.1f us (x%.2f)".formatted(kind, own / 1e3, nanos[0][ROUNDS / 2] / own));
      }
      System.out.println(line);
      for (AutoCloseable closeable : open.reversed()) {
        closeable.close();
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static Runnable layer(
      Device device, BinarizedGraph graph, int batch, List<AutoCloseable> open) {
    Executable executable = device.compile(graph, new CompileOptions(batch));
    Session session = executable.newSession();
    open.add(executable);
    open.add(session);
    TensorType type = graph.graph().inputs().getFirst().type().withBatch(batch);
    Tensor input = Fill.UNIFORM.tensor(type, new SplittableRandom(1));
    Tensor output = session.run(input).copy();
    return () -> session.run(input, output);
  }

  /** Sorted times of one run of each. */
  private static double[][] time(Runnable[] runs) {
    int[] repeats = new int[runs.length];
    for (int i = 0; i < runs.length; i++) {
      long until = System.nanoTime() + 4_000_000_000L;
      long count = 0;
      while (System.nanoTime() < until) {
        runs[i].run();
        count++;
      }
      repeats[i] = (int) Math.max(1, count / 250);
    }
    double[][] nanos = new double[runs.length][ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < runs.length; i++) {
        long start = System.nanoTime();
        for (int n = 0; n < repeats[i]; n++) {
          runs[i].run();
        }
        nanos[i][round] = (double) (System.nanoTime() - start) / repeats[i];
      }
    }
    for (double[] times : nanos) {
      Arrays.sort(times);
    }
    return nanos;
  }

  /**
   * A layer.
   *
   * @param dims inputs of a dense layer; or height, width, channels and, if they differ, outputs
   */
  private static BinarizedGraph graph(Kind kind, int... dims) {
    boolean dense = dims.length == 1;
    int outputs = dims[dims.length - 1];
    int channels = dense ? dims[0] : dims[2];
    GraphBuilder graph = new GraphBuilder("layer");
    SplittableRandom random = new SplittableRandom(1);
    int[] weightDims = dense ? new int[] {outputs, channels} : new int[] {outputs, 3, 3, channels};
    TensorType input =
        dense
            ? kind.input(Shape.BATCH, channels)
            : kind.input(Shape.BATCH, dims[0], dims[1], channels);
    graph.input(new GraphInput("x", input));
    Window same = new Window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1);
    if (kind == Kind.FLOAT) {
      graph.constant("w", Fill.UNIFORM.tensor(TensorType.float32(weightDims), random));
      graph.constant("b", Fill.UNIFORM.tensor(TensorType.float32(outputs), random));
      List<Epilogue> gate = List.of(Epilogue.GATE);
      DeviceOp op =
          dense
              ? new DeviceOp.Dense(true, false, gate)
              : new DeviceOp.Conv2d(same, 1, true, false, gate);
      graph.output(graph.add(op, "y", "x", "w", "b"));
      return new BinarizedGraph(graph.build(), Provenance.NONE);
    }
    Shape weights = Shape.of(weightDims);
    graph.constant("w", Fill.UNIFORM.tensor(new TensorType(kind.weights, weights), random));
    Epilogue epilogue =
        switch (kind) {
          case W8A8 -> new Epilogue.Requantize(20, 255);
          case W1A2 -> new Epilogue.Threshold(3, ElementType.BIT);
          default -> new Epilogue.Threshold(1, ElementType.BIT);
        };
    Tensor parameters =
        switch (kind) {
          case W8A8 -> Tensor.ofLongs(Shape.of(1, 2), 37, 1 << 19);
          case W1A2 -> Tensor.ofInts(Shape.of(1, 4), 1, -10, 0, 10);
          default -> Tensor.ofInts(Shape.of(1, 2), 1, 0);
        };
    graph.constant("p", parameters);
    Codes codes = kind == Kind.W1A1 ? Codes.BIPOLAR : Codes.UNSIGNED;
    IntegerOp op =
        dense
            ? new IntegerOp.IntegerDense(codes, false, List.of(epilogue))
            : new IntegerOp.IntegerConv2d(same, 1, codes, false, List.of(epilogue));
    graph.output(graph.add(op, "y", "x", "w", "p"));
    return new BinarizedGraph(graph.build(), Provenance.NONE);
  }
}
