package org.helu.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.helu.compiler.Compiler;
import org.helu.compiler.CompilerOptions;
import org.helu.compiler.onnx.ImportedModel;
import org.helu.compiler.onnx.OnnxImporter;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.Npy;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.Tensor;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

@Command(
    name = "verify",
    description = {
      "Compares a compiled network with the model it came from, which the interpreter executes",
      "(scalar and slow), or with outputs from a file. Exit code 1 if they differ."
    })
final class VerifyCommand extends SubCommand {
  @Parameters(paramLabel = "MODEL", description = "a .helu file, or an .onnx file to compile first")
  Path model;

  @Option(
      names = "--against",
      paramLabel = "MODEL.onnx",
      description = "the model to execute as the reference")
  Path against;

  @ArgGroup(multiplicity = "1")
  Source source;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "seed of the random samples (default: 1)")
  long seed;

  @Option(
      names = "--reference-logits",
      paramLabel = "FILE.npy",
      description = "outputs to compare with; fewer rows than samples compare the first ones")
  Path referenceLogits;

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description = "true classes, idx (.gz) or .npy: the accuracy is told")
  Path labels;

  @Option(
      names = "--layers",
      description = {
        "compare every layer, not just where the outputs differ; integer layers with those of",
        "MODEL.onnx compiled again, or else with the reference kernel on the same operands"
      })
  boolean layers;

  @Option(
      names = "--tolerance",
      paramLabel = "T",
      defaultValue = "1e-4",
      description = "accepted |difference| / max(1, largest |reference|) (default: 1e-4)")
  double tolerance;

  @Option(
      names = "--repeat",
      paramLabel = "N",
      description = "call the network N times, and N times in several threads: bytes must be equal")
  Integer repeat;

  @Mixin DeviceChoice choice;

  /** Where the samples come from. */
  static final class Source {
    @Option(
        names = "--input",
        paramLabel = "[NAME=]FILE",
        required = true,
        description = "samples, as for `helu run`")
    List<String> inputs;

    @Option(
        names = "--random",
        paramLabel = "N",
        required = true,
        description = "N random samples, in the declared input range or else normal")
    Integer random;
  }

  @Override
  public Integer call() {
    if (against == null && referenceLogits == null && repeat == null && !layers) {
      throw new ParameterException(
          spec.commandLine(), "give --against, --reference-logits, --repeat, --layers, or several");
    }
    if (repeat != null && repeat < 1) {
      throw new ParameterException(spec.commandLine(), "--repeat: expected 1 or more");
    }
    if (source.random != null && source.random < 1) {
      throw new ParameterException(spec.commandLine(), "--random: expected 1 or more");
    }
    if (!(tolerance >= 0)) {
      throw new ParameterException(spec.commandLine(), "--tolerance: expected 0 or more");
    }
    BinarizedGraph graph = Models.load(model);
    ImportedModel original = against == null ? null : OnnxImporter.read(against);
    List<Tensor> inputs =
        source.random != null
            ? RandomInputs.of(graph.graph(), source.random, seed)
            : InputFiles.read(graph.graph(), source.inputs);
    Verification result = verify(graph, original, inputs);
    if (json) {
      print(result.toJson());
    } else {
      result.print(out());
    }
    return result.passes() ? ExitCode.OK : ExitCode.CHECK_FAILED;
  }

  private Verification verify(BinarizedGraph graph, ImportedModel original, List<Tensor> inputs) {
    try (Device device = choice.open();
        Executable executable = device.compile(graph, choice.compileOptions());
        Session session = executable.newSession()) {
      Samples samples = new Samples(graph.graph(), inputs, choice.batch);
      Tensor outputs = samples.run(device.name(), session).getFirst();
      List<Verification.Check> checks = new ArrayList<>();
      Tensor classes = labels == null ? null : Labels.read(labels);
      Double accuracy = classes == null ? null : Labels.accuracy(outputs, classes);
      Double modelAccuracy = null;
      // Floats inside become codes when a network is lowered: nothing to compare by name.
      boolean lowered = graph.graph().nodes().stream().anyMatch(n -> n.op() instanceof IntegerOp);
      Graph twin = lowered && original != null ? twin(graph, original) : null;
      boolean isolated = original == null || lowered && twin == null;
      List<LayerComparison.Row> rows = List.of();
      if (layers && isolated) {
        rows = LayerComparison.inIsolation(graph.graph(), session, samples.firstPart());
      }
      if (original != null) {
        warnIfOther(graph, original);
        Tensor expected =
            samples.run("interpreter", new Interpreter(original.graph()), null).getFirst();
        Comparison comparison = Comparison.of(outputs, expected, "--against");
        checks.add(new Verification.Check(against.toString(), comparison));
        modelAccuracy = classes == null ? null : Labels.accuracy(expected, classes);
        if (layers && !isolated || !comparison.passes(tolerance)) {
          List<Tensor> part = samples.partWithLargestDifference(outputs, expected);
          rows = rows(graph.graph(), original.graph(), twin, isolated, session, part);
        }
      }
      if (referenceLogits != null) {
        Comparison comparison =
            Comparison.of(outputs, Npy.readFloat32(referenceLogits), "--reference-logits");
        checks.add(new Verification.Check(referenceLogits.toString(), comparison));
      }
      return new Verification(
          model.toString(),
          device.name(),
          samples.count(),
          tolerance,
          checks,
          accuracy,
          modelAccuracy,
          rows,
          layers,
          repeat == null
              ? null
              : Repetition.run(graph.graph(), executable, inputs, choice.batch, repeat));
    }
  }

  private static List<LayerComparison.Row> rows(
      Graph graph,
      Graph original,
      Graph twin,
      boolean isolated,
      Session session,
      List<Tensor> part) {
    if (twin != null) {
      return LayerComparison.withTwin(twin, session, part);
    }
    return isolated
        ? LayerComparison.inIsolation(graph, session, part)
        : LayerComparison.run(original, session, part);
  }

  /**
   * The original compiled again, if that gives the network but for its constants; null where it was
   * compiled with other options or calibrated.
   */
  private static Graph twin(BinarizedGraph graph, ImportedModel original) {
    try {
      Graph again = Compiler.compile(original, CompilerOptions.DEFAULT).graph().graph();
      return LayerComparison.areTwins(graph.graph(), again) ? again : null;
    } catch (HeluException _) {
      return null; // what cannot be compiled so was not
    }
  }

  private void warnIfOther(BinarizedGraph graph, ImportedModel original) {
    String compiledFrom = graph.provenance().sourceSha256();
    if (!compiledFrom.isEmpty() && !compiledFrom.equals(original.sha256())) {
      err()
          .println("helu: warning: '" + model + "' was compiled from another file than " + against);
    }
  }
}
