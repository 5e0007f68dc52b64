package org.helu.compiler.calibration;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.helu.compiler.pass.PassLog;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.graph.Range;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Fits a {@link CostModel} to a device by timing a few layers of each encoding, lowered as the
 * compiler lowers them.
 */
public final class CostProbe {
  private static final int BATCH = 16;

  /** Each probe runs so long in each round. */
  private static final long SLICE_NANOS = 10_000_000;

  /** The end of measuring, settled or not. */
  private static final long MAX_NANOS = 60_000_000_000L;

  /** The JVM compiles kernels in the first seconds, on a busy machine later. */
  private static final long MIN_NANOS = 4_000_000_000L;

  /** Times have settled when so many rounds shortened no probe by more than this factor. */
  private static final int SETTLED_ROUNDS = 4;

  private static final double SETTLED = 0.9;

  private CostProbe() {}

  /** A probe: a convolution, or a dense layer where {@code size} is 0. */
  private record Probe(int inputs, int outputs, int size) {
    long macs() {
      return size == 0 ? (long) inputs * outputs : 9L * inputs * outputs * size * size;
    }

    long elements() {
      return size == 0 ? outputs : (long) outputs * size * size;
    }

    Graph graph() {
      GraphBuilder builder = new GraphBuilder("probe");
      SplittableRandom random = new SplittableRandom(1);
      Shape weight = size == 0 ? Shape.of(outputs, inputs) : Shape.of(outputs, inputs, 3, 3);
      float[] values = new float[(int) weight.elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (2 * random.nextDouble() - 1);
      }
      TensorType type =
          size == 0
              ? TensorType.float32(Shape.BATCH, inputs)
              : TensorType.float32(Shape.BATCH, inputs, size, size);
      builder.input(new GraphInput("x", type, new Range(0, 1)));
      builder.constant("w", Tensor.ofFloats(weight, values));
      builder.add(
          new Node(
              "layer",
              size == 0
                  ? new FloatOp.Gemm(1, 1, false, true)
                  : new FloatOp.Conv(new Window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1), 1),
              List.of("x", "w"),
              "z"));
      builder.add(new Node("helu", new FloatOp.Helu(0), List.of("z"), "y"));
      return builder.output("y").build();
    }
  }

  private static final List<Probe> PROBES =
      List.of(
          new Probe(64, 64, 0),
          new Probe(1024, 256, 0),
          new Probe(16, 16, 16),
          new Probe(64, 64, 8),
          new Probe(3, 32, 16));

  /** A probe on the device, in one encoding. */
  private static final class Trial implements AutoCloseable {
    private final Executable executable;
    private final Session session;
    private final Tensor input;
    private double best = Double.POSITIVE_INFINITY;

    Trial(Device device, Probe probe, LayerEncoding encoding) {
      BinarizedGraph lowered = NetworkRun.lower(encoded(probe, encoding));
      input = Tensor.zeros(lowered.graph().inputs().getFirst().type().withBatch(BATCH));
      SplittableRandom random = new SplittableRandom(2);
      for (long i = 0; i < input.elements(); i++) {
        input.setFloat(i, (float) random.nextDouble());
      }
      executable = device.compile(lowered, new CompileOptions(BATCH));
      session = executable.newSession();
    }

    /** Runs for a slice of time, at least once; keeps the shortest run. */
    void slice() {
      long end = System.nanoTime() + SLICE_NANOS;
      long now;
      do {
        long start = System.nanoTime();
        session.run(input);
        now = System.nanoTime();
        best = Math.min(best, (double) (now - start) / BATCH);
      } while (now < end);
    }

    @Override
    public void close() {
      session.close();
      executable.close();
    }
  }

  /** Times the probes; the figures have two significant digits. */
  public static CostModel measure(Device device, Progress progress) {
    List<List<Trial>> trials = new ArrayList<>();
    try {
      for (LayerEncoding encoding : LayerEncoding.values()) {
        trials.add(PROBES.stream().map(probe -> new Trial(device, probe, encoding)).toList());
      }
      settle(trials.stream().flatMap(List::stream).toList(), device, progress);
      return model(device, trials);
    } finally {
      trials.forEach(row -> row.forEach(Trial::close));
    }
  }

  /** Runs all in turn, so that the JVM's compiler and other load touch all alike. */
  private static void settle(List<Trial> trials, Device device, Progress progress) {
    long start = System.nanoTime();
    int quiet = 0;
    for (int round = 1; quiet < SETTLED_ROUNDS; round++) {
      double[] before = trials.stream().mapToDouble(trial -> trial.best).toArray();
      trials.forEach(Trial::slice);
      boolean settled = true;
      for (int i = 0; i < before.length; i++) {
        settled &= trials.get(i).best > SETTLED * before[i];
      }
      quiet = settled ? quiet + 1 : 0;
      long elapsed = System.nanoTime() - start;
      quiet = elapsed < MIN_NANOS ? Math.min(quiet, SETTLED_ROUNDS - 1) : quiet;
      progress.step("time layers on " + device.name(), round, -1);
      if (elapsed > MAX_NANOS) {
        return;
      }
    }
  }

  private static CostModel model(Device device, List<List<Trial>> trials) {
    List<Double> perMac = new ArrayList<>();
    List<Double> perOutput = new ArrayList<>();
    for (List<Trial> row : trials) {
      double[][] rows = new double[PROBES.size()][];
      for (int i = 0; i < rows.length; i++) {
        Probe probe = PROBES.get(i);
        rows[i] = new double[] {probe.macs(), probe.elements(), row.get(i).best};
      }
      double[] fit = fit(rows);
      perMac.add(rounded(fit[0]));
      perOutput.add(rounded(fit[1]));
    }
    return new CostModel("ns on " + device.name(), perMac, perOutput);
  }

  private static Graph encoded(Probe probe, LayerEncoding encoding) {
    Graph graph = probe.graph();
    if (encoding.isExact()) {
      return graph;
    }
    Quantizer quantizer = Quantizer.covering(0, 1, encoding.high());
    QuantizationPlan.Layer layer =
        new QuantizationPlan.Layer("layer", encoding, quantizer, new float[0]);
    QuantizationPlan plan =
        new QuantizationPlan("", "auto", List.of(), List.of(layer), List.of(), null);
    return new QuantizeLayers(plan, false).apply(graph, new PassLog());
  }

  /**
   * The least squares solution of {@code a * macs + b * outputs = nanos} with a, b at least 0, each
   * probe weighted by the reciprocal of its time so that small ones count too.
   */
  static double[] fit(double[][] rows) {
    double xx = 0;
    double xy = 0;
    double yy = 0;
    double xt = 0;
    double yt = 0;
    for (double[] row : rows) {
      double x = row[0] / row[2];
      double y = row[1] / row[2];
      xx += x * x;
      xy += x * y;
      yy += y * y;
      xt += x;
      yt += y;
    }
    double determinant = xx * yy - xy * xy;
    double a = determinant == 0 ? xt / xx : (xt * yy - yt * xy) / determinant;
    double b = determinant == 0 ? 0 : (yt * xx - xt * xy) / determinant;
    if (b < 0) {
      return new double[] {xt / xx, 0};
    }
    return a < 0 ? new double[] {0, yt / yy} : new double[] {a, b};
  }

  private static double rounded(double value) {
    return value == 0 ? 0 : Double.parseDouble(String.format(java.util.Locale.ROOT, "%.1e", value));
  }
}
