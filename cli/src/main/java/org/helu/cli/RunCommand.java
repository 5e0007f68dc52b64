package org.helu.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.helu.runtime.data.Npy;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Tensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

@Command(
    name = "run",
    description = "Runs a network on a device. Without --output, prints the largest outputs.")
final class RunCommand extends SubCommand {
  private static final int DEFAULT_TOP = 5;

  /** Passes of the device between two updates of the progress bar. */
  private static final int PASSES_PER_STEP = 16;

  @Parameters(paramLabel = "MODEL", description = "a .helu file, or an .onnx file to compile first")
  Path model;

  @Option(
      names = "--input",
      paramLabel = "[NAME=]FILE",
      required = true,
      description = {
        "float32 .npy whose first dimension is the batch, .png or .jpg, or idx (.gz);",
        "bytes of images are divided by 255; once per input of the network"
      })
  List<String> inputs;

  @Option(
      names = "--output",
      paramLabel = "[NAME=]FILE",
      description = "float32 .npy to write; once per output of the network")
  List<String> outputs = List.of();

  @Option(
      names = "--top",
      paramLabel = "K",
      description = "print the K largest values of each sample (default: 5 without --output)")
  Integer top;

  @Option(
      names = "--profile",
      description = "run the first --batch samples once more and tell the time of each step")
  boolean profile;

  @Mixin DeviceChoice choice;

  @Override
  public Integer call() {
    if (top != null && top < 1) {
      throw new ParameterException(spec.commandLine(), "--top: expected 1 or more, found " + top);
    }
    BinarizedGraph graph = Models.load(model);
    List<Path> files =
        outputs.isEmpty()
            ? List.of()
            : NamedFiles.assign("output", graph.graph().outputs(), outputs);
    List<Tensor> tensors = InputFiles.read(graph.graph(), inputs);
    try (Device device = choice.open();
        Executable executable = device.compile(graph, choice.compileOptions());
        Session session = executable.newSession()) {
      Samples samples = new Samples(graph.graph(), tensors, choice.batch * PASSES_PER_STEP);
      long start = System.nanoTime();
      List<Tensor> results = samples.run("run", session);
      long elapsedNanos = System.nanoTime() - start;
      for (int i = 0; i < files.size(); i++) {
        Npy.write(files.get(i), results.get(i));
      }
      int shown = top != null ? top : files.isEmpty() ? DEFAULT_TOP : 0;
      Samples first = new Samples(graph.graph(), tensors, choice.batch);
      ProfileTable times =
          profile ? new ProfileTable(graph.graph(), session.profileRun(first.firstPart())) : null;
      if (json) {
        ObjectNode report =
            toJson(device, samples.count(), elapsedNanos, graph, files, results, shown);
        if (profile) {
          report.set("profile", times.toJson(first.firstPartCount()));
        }
        print(report);
      } else {
        printTop(results.getFirst(), shown);
        if (profile) {
          out().printf("%nprofile of %d samples on %s%n", first.firstPartCount(), device.name());
          times.print(out());
        }
        err()
            .printf(
                Locale.ROOT,
                "%d samples in %s on %s%n",
                samples.count(),
                Units.millis(elapsedNanos),
                device.name());
      }
    }
    return ExitCode.OK;
  }

  private void printTop(Tensor output, int k) {
    if (k == 0 || output.type().elementType() != ElementType.FLOAT32) {
      return;
    }
    for (int sample = 0; sample < TopK.samples(output); sample++) {
      List<String> entries = new ArrayList<>();
      for (int index : TopK.of(output, sample, k)) {
        float value = output.getFloat((long) sample * TopK.width(output) + index);
        entries.add(String.format(Locale.ROOT, "%d (%.4f)", index, value));
      }
      out().println(sample + ": " + String.join(", ", entries));
    }
  }

  private ObjectNode toJson(
      Device device,
      int samples,
      long elapsedNanos,
      BinarizedGraph graph,
      List<Path> files,
      List<Tensor> results,
      int shown) {
    ObjectNode json = Json.object();
    json.put("model", model.toString()).put("device", device.name()).put("samples", samples);
    json.put("elapsedNanos", elapsedNanos);
    ArrayNode entries = json.putArray("outputs");
    for (int i = 0; i < results.size(); i++) {
      ObjectNode entry = entries.addObject().put("name", graph.graph().outputs().get(i));
      entry.set("shape", Json.shape(results.get(i).shape()));
      if (i < files.size()) {
        entry.put("file", files.get(i).toString());
      }
    }
    Tensor output = results.getFirst();
    if (shown > 0 && output.type().elementType() == ElementType.FLOAT32) {
      ArrayNode rows = json.putArray("top");
      for (int sample = 0; sample < TopK.samples(output); sample++) {
        ArrayNode row = rows.addArray();
        for (int index : TopK.of(output, sample, shown)) {
          float value = output.getFloat((long) sample * TopK.width(output) + index);
          row.addObject().put("index", index).put("value", value);
        }
      }
    }
    return json;
  }
}
