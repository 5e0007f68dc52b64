package org.helu.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Locale;
import org.helu.compiler.Compilation;
import org.helu.compiler.CompileReport;
import org.helu.compiler.Compiler;
import org.helu.compiler.CompilerOptions;
import org.helu.compiler.Mode;
import org.helu.compiler.calibration.EncodingsFile;
import org.helu.compiler.calibration.PostTraining;
import org.helu.compiler.calibration.SearchReport;
import org.helu.compiler.onnx.ImportedModel;
import org.helu.compiler.onnx.OnnxImporter;
import org.helu.runtime.HeluException;
import org.helu.runtime.format.HeluFile;
import org.helu.runtime.graph.Certificate;
import org.helu.runtime.graph.Range;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

@Command(
    name = "compile",
    description = "Compiles an ONNX model into a binarized activation graph.")
final class CompileCommand extends SubCommand {
  private static final String STAGE = "compile";

  @Parameters(paramLabel = "MODEL.onnx", description = "the trained network")
  Path model;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      required = true,
      description = "the .helu file to write")
  Path output;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "exact",
      converter = Modes.class,
      completionCandidates = Modes.class,
      description = "how activations are lowered: ${COMPLETION-CANDIDATES} (default: exact)")
  Mode mode;

  @Option(
      names = "--input-range",
      paramLabel = "MIN,MAX",
      description = "what every input element stays in; gates that it decides are removed")
  String inputRange;

  @Option(
      names = "--verify-passes",
      description = "check the answers of the interpreter after every pass (slow)")
  boolean verifyPasses;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "write what became of every node: JSON if named .json, else text; - prints it")
  Path report;

  @Mixin CalibrationOptions calibration;

  @Override
  public Integer call() {
    String problem = calibration.problem(mode);
    if (problem != null) {
      throw new ParameterException(spec.commandLine(), problem);
    }
    if (Models.isOnnx(output)) {
      throw HeluException.invalid(
          STAGE, "the output '" + output + "' is named as an ONNX model", "name it .helu");
    }
    Range range = inputRange == null ? null : parseRange(inputRange);
    ImportedModel imported = OnnxImporter.read(model);
    CompilerOptions options = new CompilerOptions(mode, range, verifyPasses);
    SearchReport search = null;
    Compilation compilation;
    if (calibration.data != null) {
      PostTraining.Result result = calibration.run(imported, options);
      compilation = result.compilation();
      search = result.report();
      if (calibration.saved != null) {
        EncodingsFile.write(calibration.saved, result.plan());
      }
      if (calibration.curve != null) {
        TextFile.write(
            STAGE,
            calibration.curve,
            CurveSvg.write(compilation.graph().name(), search, calibration.maxDrop));
      }
    } else if (calibration.encodings != null) {
      compilation =
          Compiler.compile(imported, options.with(EncodingsFile.read(calibration.encodings)));
    } else {
      compilation = Compiler.compile(imported, options);
    }
    HeluFile.write(output, compilation.graph());
    Certificate certificate = compilation.graph().provenance().certificate();
    CompileReport summary = compilation.report();
    boolean printsReport = report != null && report.toString().equals("-");
    if (report != null && !printsReport) {
      boolean asJson = report.toString().toLowerCase(Locale.ROOT).endsWith(".json");
      TextFile.write(
          STAGE,
          report,
          asJson
              ? Json.write(toJson(summary, search, certificate)) + "\n"
              : summary.toText() + (search == null ? "" : "\n" + search.toText()));
    }
    long bytes = HeluFile.inspect(output).fileBytes();
    if (json) {
      ObjectNode result = Json.object();
      result.put("model", model.toString()).put("output", output.toString()).put("bytes", bytes);
      result.set("report", toJson(summary, search, certificate));
      print(result);
    } else {
      out().print(printsReport ? summary.toText() : summary.toSummary());
      if (search != null) {
        out().println();
        out().print(search.toText());
      }
      if (certificate != null) {
        out().println(Certificates.line(certificate));
      }
      out().println("wrote " + output + " (" + Units.bytes(bytes) + ")");
    }
    return ExitCode.OK;
  }

  private static ObjectNode toJson(
      CompileReport report, SearchReport search, Certificate certificate) {
    ObjectNode json = report.toJson();
    if (search != null) {
      json.set("search", search.toJson());
    }
    if (certificate != null) {
      json.set("certificate", Certificates.toJson(certificate));
    }
    return json;
  }

  private Range parseRange(String text) {
    String[] ends = text.split(",", -1);
    try {
      if (ends.length == 2) {
        Range range = new Range(Double.parseDouble(ends[0]), Double.parseDouble(ends[1]));
        if (range.isBounded()) {
          return range;
        }
      }
    } catch (NumberFormatException | HeluException _) {
      // Reported below, as every other malformed range is.
    }
    throw new ParameterException(
        spec.commandLine(),
        "--input-range: expected MIN,MAX, two finite numbers, found '" + text + "'");
  }
}
