package org.helu.samples;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.helu.compiler.Compiler;
import org.helu.compiler.analysis.LayerBits;
import org.helu.compiler.onnx.ImportedModel;
import org.helu.compiler.onnx.OnnxImporter;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.Pixels;
import org.helu.runtime.device.Availability;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceProvider;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.format.HeluFile;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** One variant of a sample: compiled once, run on each device. */
record SampleRun(
    Sample sample, Variant variant, Path folder, SampleRunner.Options options, Progress progress) {
  /** Images per call of a session: enough to amortize the call, few enough for steady progress. */
  private static final int BATCH = 250;

  /** A float twin, of which only the time counts, runs one batch for so long to become warm. */
  private static final long WARM_NANOS = 2_000_000_000;

  /** How long the timing of a row may take; a slow device is timed once. */
  private static final long TIMING_NANOS = 500_000_000;

  /** Runs beyond which the median no longer moves. */
  private static final int MAX_TIMINGS = 201;

  /** The file that was written, and how long it took to come to it. */
  private record Compiled(Path file, double millis) {}

  List<SampleResult> on(List<DeviceProvider> providers) {
    Compiled compiled = null;
    SampleData data = null;
    String failure = "";
    try {
      sample.verifyFiles();
      data = SampleData.load(sample);
      compiled = compile();
    } catch (HeluException e) {
      failure = e.getMessage();
    }
    List<SampleResult> results = new ArrayList<>();
    for (DeviceProvider provider : providers) {
      results.add(
          failure.isEmpty()
              ? on(provider, compiled, data)
              : SampleResult.failed(sample.name(), variant.mode(), provider.name(), "", failure));
    }
    return results;
  }

  private Compiled compile() {
    long start = System.nanoTime();
    BinarizedGraph graph = Compiler.compile(model(), variant.options()).graph();
    double millis = (System.nanoTime() - start) / 1e6;
    Path file = folder.resolve(sample.name() + variant.suffix() + ".helu");
    HeluFile.write(file, graph);
    return new Compiled(file, millis);
  }

  private ImportedModel model() {
    if (variant != Variant.FLOAT_TWIN) {
      return OnnxImporter.read(sample.model());
    }
    byte[] twin =
        options
            .floatTwin()
            .apply(sample.model())
            .orElseThrow(
                () ->
                    HeluException.invalid(
                        Sample.STAGE,
                        sample.name() + ": reference.json says low-bit, found no quantizer",
                        "export the sample again (samples/training)"));
    return OnnxImporter.read(twin, sample.folder());
  }

  private SampleResult on(DeviceProvider provider, Compiled compiled, SampleData data) {
    if (provider.probe() instanceof Availability.Unavailable(String reason, String remedy)) {
      return SampleResult.skipped(
          sample.name(), variant.mode(), provider.name(), reason + "; " + remedy);
    }
    String description = "";
    // The file is read back for each device: what users run is what is tested.
    try (Device device = provider.open(options.deviceOptions())) {
      description = device.description();
      BinarizedGraph graph = HeluFile.read(compiled.file());
      try (Executable executable = device.compile(graph);
          Session session = executable.newSession()) {
        return measure(provider.name(), description, compiled, data, graph, session);
      }
    } catch (HeluException e) {
      return provider.isAheadOfTime() && isNotBuilt(e)
          ? SampleResult.skipped(sample.name(), variant.mode(), provider.name(), e.getMessage())
          : SampleResult.failed(
              sample.name(), variant.mode(), provider.name(), description, e.getMessage());
    }
  }

  /** Whether nothing was built for a network, or nothing can be. */
  private static boolean isNotBuilt(HeluException e) {
    return e.kind() == HeluException.Kind.NOT_BUILT || e.kind() == HeluException.Kind.UNSUPPORTED;
  }

  private SampleResult measure(
      String device,
      String description,
      Compiled compiled,
      SampleData data,
      BinarizedGraph graph,
      Session session) {
    int all = data.images().count();
    boolean answers = variant != Variant.FLOAT_TWIN;
    int most = options.maxImages() == 0 ? all : Math.min(all, options.maxImages());
    int count = answers ? most : Math.min(most, BATCH);
    Parity parity = new Parity(sample.referenceLogits(), sample.referencePredictions());
    TensorType inputType = requireInterface(graph);
    Tensor input = Tensor.zeros(inputType.withBatch(Math.min(BATCH, count)));
    long start = System.nanoTime();
    for (int first = 0; first < count; first += BATCH) {
      int batch = Math.min(BATCH, count - first);
      if (batch != input.shape().dim(0)) {
        input = Tensor.zeros(inputType.withBatch(batch));
      }
      Pixels.toUnitFloats(
          data.images().images(), (long) first * inputType.shape().elementsPerSample(), input);
      Tensor logits = session.run(input);
      for (int i = 0; i < batch; i++) {
        parity.add(
            logits,
            (long) i * sample.classes().size(),
            data.testIndices()[first + i],
            data.images().label(first + i));
      }
      progress.step(sample.name() + variant.suffix() + " on " + device, first + batch, count);
    }
    while (!answers && System.nanoTime() - start < WARM_NANOS) {
      session.run(input);
    }
    String failure = variant.failure(parity, count < all);
    if (failure.isEmpty() && answers && count == all) {
      failure = referenceMismatch(parity, data);
    }
    return new SampleResult(
        sample.name(),
        variant.mode(),
        device,
        description,
        count,
        answers ? parity.referenceAccuracy() : Double.NaN,
        answers ? parity.accuracy() : Double.NaN,
        answers ? parity.top1Agreement() : Double.NaN,
        answers ? parity.ties() : 0,
        answers ? parity.maxAbsLogitDiff() : Double.NaN,
        parity.tolerance(),
        warmNanos(session, input) / 1e3 / input.shape().dim(0),
        compiled.millis(),
        HeluFile.inspect(compiled.file()).fileBytes(),
        graph.graph().constantBytes(),
        LayerBits.bitOperations(graph.graph()),
        LayerBits.floatBitOperations(graph.graph()),
        failure.isEmpty(),
        failure,
        "");
  }

  /** Median time of one more run of {@code input}, now that code and caches are warm. */
  private static double warmNanos(Session session, Tensor input) {
    List<Long> times = new ArrayList<>();
    long end = System.nanoTime() + TIMING_NANOS;
    do {
      long start = System.nanoTime();
      session.run(input);
      times.add(System.nanoTime() - start);
    } while (times.size() < MAX_TIMINGS && System.nanoTime() < end);
    times.sort(null);
    return times.get(times.size() / 2);
  }

  private TensorType requireInterface(BinarizedGraph graph) {
    List<GraphInput> inputs = graph.graph().inputs();
    List<String> outputs = graph.graph().outputs();
    Shape image = sample.inputShape();
    Shape expectedIn = Shape.of(Shape.BATCH, image.dim(0), image.dim(1), image.dim(2));
    Shape expectedOut = Shape.of(Shape.BATCH, sample.classes().size());
    if (inputs.size() != 1
        || outputs.size() != 1
        || !inputs.getFirst().type().equals(new TensorType(ElementType.FLOAT32, expectedIn))
        || !graph.graph().type(outputs.getFirst()).shape().equals(expectedOut)) {
      throw HeluException.invalid(
          Sample.STAGE,
          sample.name()
              + ": expected one input "
              + expectedIn
              + " and one output "
              + expectedOut
              + ", found "
              + inputs
              + " and "
              + outputs,
          "export the sample again (samples/training)");
    }
    return inputs.getFirst().type();
  }

  /** Data, labels and predictions belong together only if they give the stated accuracy. */
  private String referenceMismatch(Parity parity, SampleData data) {
    int stated = data.wholeTestSet() ? sample.correct() : sample.committedCorrect();
    return parity.referenceCorrect() == stated
        ? ""
        : "reference.json states "
            + stated
            + " correct images, its predictions give "
            + parity.referenceCorrect();
  }
}
