package org.helu.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.helu.bench.BenchComparison;
import org.helu.bench.BenchOptions;
import org.helu.bench.BenchResult;
import org.helu.bench.BenchTable;
import org.helu.bench.Benchmark;
import org.helu.bench.Effort;
import org.helu.bench.HtmlReport;
import org.helu.bench.ModelSource;
import org.helu.bench.system.SystemFiles;
import org.helu.compiler.Mode;
import org.helu.runtime.HeluException;
import org.helu.samples.Sample;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

@Command(
    name = "bench",
    description = {
      "Measures networks on devices, in turn with a competitor if one is named, and reports.",
      "With --compare, compares two reports; exit code 1 if a row got slower than --fail-above."
    })
final class BenchCommand extends SubCommand {
  private static final String STAGE = "bench";
  private static final double NANOS = 1e9;

  @Parameters(
      arity = "0..*",
      paramLabel = "MODEL",
      description = ".helu or .onnx files; with --samples, names of samples (default: all)")
  List<String> models = List.of();

  @Option(names = "--samples", description = "measure the sample networks on their test images")
  boolean samples;

  @Mixin SamplesFolder location;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      split = ",",
      converter = Modes.class,
      completionCandidates = Modes.class,
      description = {
        "how .onnx files are lowered: ${COMPLETION-CANDIDATES}",
        "(default: exact, and what has encodings beside the model)"
      })
  List<Mode> modes = List.of();

  @Option(
      names = "--device",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "auto",
      description =
          "devices, or all: every available one but the scalar reference (default: vector)")
  List<String> devices;

  @Option(
      names = "--batch",
      paramLabel = "N",
      split = ",",
      defaultValue = "1",
      description = "samples of a run, such as 1,16,256 (default: 1)")
  List<Integer> batches;

  @Option(
      names = "--threads",
      paramLabel = "N",
      split = ",",
      defaultValue = "1",
      description = "threads of a run, such as 1,2 (default: 1)")
  List<Integer> threads;

  @Option(
      names = "--against",
      paramLabel = "NAME",
      description = "a competitor that runs the same ONNX model in turn: onnxruntime")
  String against;

  @Option(
      names = "--onnx",
      paramLabel = "FILE",
      description = "the float network that the competitor runs (default: MODEL, if it is .onnx)")
  Path onnx;

  @Option(
      names = "--onnx-int8",
      paramLabel = "FILE|auto|none",
      defaultValue = "auto",
      description = {
        "its quantized form, which the competitor runs too; auto makes one of the float network",
        "(default: auto)"
      })
  String onnxInt8;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "7",
      description = "slices that each contender gets, in turn (default: 7)")
  int rounds;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "0.7",
      description = "time of a contender's slices together (default: 0.7)")
  double seconds;

  @Option(
      names = "--warmup",
      paramLabel = "S",
      defaultValue = "10",
      description = "the most that warming up a contender takes (default: 10)")
  double warmUpSeconds;

  @Option(
      names = "--images",
      paramLabel = "N",
      defaultValue = "1000",
      description = "test images that give a sample's accuracy; 0 leaves it out (default: 1000)")
  int images;

  @Option(
      names = "--cold-starts",
      paramLabel = "N",
      defaultValue = "0",
      description = {
        "start N processes for each runtime and time them from start to first answer",
        "(default: 0)"
      })
  int coldStarts;

  @Option(
      names = "--layers",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "measure every layer's time (default: yes)")
  boolean layers;

  @Option(
      names = "--ceilings",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "measure what this machine can do at most (default: yes)")
  boolean ceilings;

  @Option(names = "--markdown", paramLabel = "FILE", description = "write the table as Markdown")
  Path markdown;

  @Option(names = "--html", paramLabel = "FILE", description = "write one page with charts")
  Path html;

  @Option(
      names = "--compare",
      arity = "2",
      paramLabel = "OLD.json NEW.json",
      hideParamSyntax = true,
      description = "compare two files that --json printed: ratio of medians, row by row")
  List<Path> compared;

  @Option(
      names = "--fail-above",
      paramLabel = "R",
      defaultValue = "Infinity",
      description = "with --compare: fail if a row takes more than R times as long as before")
  double failAbove;

  @Override
  public Integer call() {
    return compared == null ? measure() : compare();
  }

  private int compare() {
    if (!models.isEmpty() || samples) {
      throw usage("--compare takes two files of `bench --json` and no models");
    }
    if (!(failAbove > 0)) {
      throw usage("--fail-above: expected a positive number, found " + failAbove);
    }
    BenchComparison comparison = BenchComparison.of(compared.get(0), compared.get(1));
    BenchTable table = comparison.toTable(failAbove);
    if (markdown != null) {
      TextFile.write(STAGE, markdown, table.toMarkdown());
    }
    if (json) {
      print(comparison.toJson(failAbove));
    } else {
      print(table);
    }
    return comparison.isSlower(failAbove) ? ExitCode.CHECK_FAILED : ExitCode.OK;
  }

  private int measure() {
    if (!(seconds > 0 && warmUpSeconds >= 0 && rounds >= 1)) {
      throw usage("--rounds, --seconds and --warmup: expected positive numbers");
    }
    Effort effort =
        new Effort(
            rounds, Math.max(1, (long) (seconds * NANOS / rounds)), (long) (warmUpSeconds * NANOS));
    BenchOptions options =
        new BenchOptions(
            modes,
            devices,
            batches,
            threads,
            against,
            effort,
            images,
            coldStarts,
            layers,
            ceilings);
    BenchResult result;
    try (Progress.Sequence progress = new Progress.Sequence()) {
      result =
          Benchmark.run(sources(), options, Version.text(), SystemFiles.host(), progress::step);
    }
    BenchTable table = BenchTable.of(result);
    if (markdown != null) {
      TextFile.write(STAGE, markdown, table.toMarkdown());
    }
    if (html != null) {
      TextFile.write(STAGE, html, HtmlReport.write(result));
    }
    if (json) {
      print(result.toJson());
    } else {
      print(table);
    }
    return ExitCode.OK;
  }

  private ModelSource.Int8 int8() {
    return switch (onnxInt8) {
      case "auto" -> new ModelSource.Int8.Made();
      case "none" -> new ModelSource.Int8.None();
      default -> new ModelSource.Int8.Given(Path.of(onnxInt8));
    };
  }

  private List<ModelSource> sources() {
    ModelSource.Int8 int8 = int8();
    List<ModelSource> sources = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (String model : models) {
      if (model.endsWith(".helu") || Models.isOnnx(Path.of(model))) {
        sources.add(ModelSource.of(Path.of(model), onnx, int8));
      } else if (samples) {
        names.add(model);
      } else {
        throw usage("MODEL: expected a .helu or .onnx file, found '" + model + "'");
      }
    }
    boolean given = onnx != null || int8 instanceof ModelSource.Int8.Given;
    if (given && (sources.size() != 1 || samples)) {
      throw usage("--onnx and --onnx-int8 belong to one MODEL, found " + models);
    }
    if (samples) {
      for (Sample sample : choose(Sample.list(location.path()), names)) {
        sources.add(ModelSource.of(sample, int8));
      }
    }
    if (sources.isEmpty()) {
      throw usage("name a MODEL, or give --samples or --compare");
    }
    return sources;
  }

  private static List<Sample> choose(List<Sample> known, List<String> names) {
    List<String> all = known.stream().map(Sample::name).toList();
    for (String name : names) {
      if (!all.contains(name)) {
        throw HeluException.invalid(
            STAGE, "no sample '" + name + "'", "name one of " + String.join(", ", all));
      }
    }
    return names.isEmpty()
        ? known
        : known.stream().filter(sample -> names.contains(sample.name())).toList();
  }

  private void print(BenchTable table) {
    TextTable text = new TextTable(table.header().toArray(String[]::new));
    table.rows().forEach(row -> text.row(row.toArray(String[]::new)));
    text.print(out());
    out().println();
    table.notes().forEach(out()::println);
  }

  private ParameterException usage(String problem) {
    return new ParameterException(spec.commandLine(), problem);
  }
}
