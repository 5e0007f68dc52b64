package org.helu.samples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.helu.compiler.Compiler;
import org.helu.compiler.CompilerOptions;
import org.helu.compiler.Mode;
import org.helu.compiler.onnx.OnnxImporter;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.AtomicFile;
import org.helu.runtime.data.Pixels;
import org.helu.runtime.device.Availability;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.DeviceProvider;
import org.helu.runtime.device.Devices;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.format.HeluFile;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Takes samples the whole way, model.onnx to answers, on one device after the other, and compares
 * the answers with the training reference.
 */
public final class SampleRunner {
  /** Images per call of a session: enough to amortize the call, few enough for steady progress. */
  private static final int BATCH = 250;

  /** How long the timing of a row may take; a slow device is timed once. */
  private static final long TIMING_NANOS = 500_000_000;

  /** Runs beyond which the median no longer moves. */
  private static final int MAX_TIMINGS = 201;

  private SampleRunner() {}

  /**
   * What a user can set.
   *
   * @param maxImages images per sample, the first ones of its data; 0 runs all
   * @param deviceOptions for every device
   * @param heluFolder where the .helu files are kept, or null for a temporary folder
   */
  public record Options(int maxImages, DeviceOptions deviceOptions, Path heluFolder) {
    /** All images, default devices, no files kept. */
    public static final Options DEFAULT = new Options(0, DeviceOptions.DEFAULT, null);

    public Options {
      if (maxImages < 0) {
        throw HeluException.invalid(
            Sample.STAGE, "the number of images must be at least 0, found " + maxImages, "0: all");
      }
    }
  }

  /**
   * Runs every sample on every device.
   *
   * <p>A row passes if logits keep to {@link SampleResult#logitTolerance}, every image that is no
   * tie gets the class which the reference gives, and the reference's accuracy is the one that
   * {@code reference.json} states. What goes wrong with one sample is its row's failure and does
   * not stop the others.
   *
   * @param devices names of providers; {@code auto} is the most preferred one that is available
   * @return one row per sample and device, samples in order, devices in order
   * @throws HeluException if there is no device of such a name, or no folder for the files
   */
  public static List<SampleResult> run(
      List<Sample> samples, List<String> devices, Options options, Progress progress) {
    List<DeviceProvider> providers = devices.stream().map(SampleRunner::provider).toList();
    List<SampleResult> results = new ArrayList<>();
    Path temporary = null;
    try {
      Path folder = options.heluFolder();
      if (folder == null) {
        folder = temporary = Files.createTempDirectory("helu-samples");
      } else {
        Files.createDirectories(folder);
      }
      for (Sample sample : samples) {
        results.addAll(new SampleRun(sample, folder, options, progress).on(providers));
      }
    } catch (IOException e) {
      throw HeluException.io(
          Sample.STAGE,
          "no folder for .helu files: " + AtomicFile.reason(e),
          "name a writable folder",
          e);
    } finally {
      deleteFolder(temporary);
    }
    return results;
  }

  private static DeviceProvider provider(String name) {
    List<String> known = new ArrayList<>();
    for (DeviceProvider provider : Devices.providers()) {
      known.add(provider.name());
      boolean auto = name.equals("auto") && provider.probe() instanceof Availability.Available;
      if (auto || provider.name().equals(name)) {
        return provider;
      }
    }
    throw HeluException.of(
        HeluException.Kind.DEVICE_UNAVAILABLE,
        Sample.STAGE,
        "no device '" + name + "', found " + String.join(", ", known),
        "name one of these, or add the device's jar to the class path");
  }

  private static void deleteFolder(Path folder) {
    if (folder == null) {
      return;
    }
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (IOException _) {
      // Left to whoever cleans the temporary folder; the results are complete.
    }
  }

  /** One sample: compiled once, run on each device. */
  private record SampleRun(Sample sample, Path folder, Options options, Progress progress) {
    private static final String MODE = Mode.EXACT.label();

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
                : SampleResult.failed(sample.name(), MODE, provider.name(), "", failure));
      }
      return results;
    }

    private Compiled compile() {
      long start = System.nanoTime();
      BinarizedGraph graph =
          Compiler.compile(OnnxImporter.read(sample.model()), CompilerOptions.DEFAULT).graph();
      double millis = (System.nanoTime() - start) / 1e6;
      Path file = folder.resolve(sample.name() + ".helu");
      HeluFile.write(file, graph);
      return new Compiled(file, millis);
    }

    private SampleResult on(DeviceProvider provider, Compiled compiled, SampleData data) {
      if (provider.probe() instanceof Availability.Unavailable(String reason, String remedy)) {
        return SampleResult.skipped(sample.name(), MODE, provider.name(), reason + "; " + remedy);
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
        return SampleResult.failed(
            sample.name(), MODE, provider.name(), description, e.getMessage());
      }
    }

    private SampleResult measure(
        String device,
        String description,
        Compiled compiled,
        SampleData data,
        BinarizedGraph graph,
        Session session) {
      int all = data.images().count();
      int count = options.maxImages() == 0 ? all : Math.min(all, options.maxImages());
      Parity parity = new Parity(sample.referenceLogits(), sample.referencePredictions());
      TensorType inputType = requireInterface(graph);
      Tensor input = Tensor.zeros(inputType.withBatch(Math.min(BATCH, count)));
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
        progress.step(sample.name() + " on " + device, first + batch, count);
      }
      String failure = parity.failure();
      if (failure.isEmpty() && count == all) {
        failure = referenceMismatch(parity, data);
      }
      return new SampleResult(
          sample.name(),
          MODE,
          device,
          description,
          count,
          parity.referenceAccuracy(),
          parity.accuracy(),
          parity.top1Agreement(),
          parity.ties(),
          parity.maxAbsLogitDiff(),
          parity.tolerance(),
          warmNanos(session, input) / 1e3 / input.shape().dim(0),
          compiled.millis(),
          HeluFile.inspect(compiled.file()).fileBytes(),
          graph.graph().constantBytes(),
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
}
