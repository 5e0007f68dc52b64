package org.helu.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Locale;
import org.helu.runtime.device.AheadOfTimeCompiler;
import org.helu.runtime.device.AheadOfTimeCompiler.Artifact;
import org.helu.runtime.device.AheadOfTimeCompiler.Estimate;
import org.helu.runtime.graph.BinarizedGraph;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

@Command(
    name = "build",
    description = {
      "Builds a network's bitstream by the vendor's compiler, and keeps it where the device fpga",
      "finds it again. For a board this takes hours."
    })
final class FpgaBuildCommand extends SubCommand {
  @Parameters(paramLabel = "MODEL", description = "a .helu file, or an .onnx file to compile first")
  Path model;

  @Option(
      names = "--board",
      paramLabel = "BOARD",
      required = true,
      description = "see `helu fpga boards`")
  String board;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      description = "ahead-of-time, or emulation for the vendor's emulator of the board")
  String mode;

  @Option(
      names = "--compiler",
      paramLabel = "FILE",
      description = "the vendor's compiler (default: the board's, looked for on PATH)")
  Path compiler;

  @Option(
      names = "--source-only",
      description = "write the OpenCL C and TornadoVM's configuration; needs no vendor tools")
  boolean sourceOnly;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description = {
        "where bitstreams are kept (default: ~/.cache/helu/fpga);",
        "with --source-only the folder to write"
      })
  Path output;

  @Override
  public Integer call() {
    if (sourceOnly && output == null) {
      throw new ParameterException(spec.commandLine(), "--source-only needs -o DIR");
    }
    AheadOfTimeCompiler builder = FpgaCommand.compiler();
    BinarizedGraph graph = Models.load(model);
    Artifact built =
        builder.build(
            graph, new AheadOfTimeCompiler.Request(board, mode, compiler, sourceOnly, output));
    if (json) {
      print(toJson(built));
    } else {
      out().println(headline(built));
      out().println("hash " + built.hash());
      out().println("estimated: " + text(built.estimate()));
    }
    return ExitCode.OK;
  }

  private String headline(Artifact built) {
    if (sourceOnly) {
      return "wrote " + built.source() + " and the configuration for " + board;
    }
    return (built.found() ? "found " : "built ")
        + built.binary()
        + " for "
        + board
        + " ("
        + built.version()
        + ")";
  }

  private static String text(Estimate estimate) {
    return String.format(
        Locale.ROOT,
        "%,d bits of ROM, %,d bits of RAM, %s%,d clocks a sample",
        estimate.weightBits(),
        estimate.activationBits(),
        estimate.lowerBound() ? "at least " : "",
        estimate.clocksPerSample());
  }

  private ObjectNode toJson(Artifact built) {
    ObjectNode json = Json.object().put("model", model.toString()).put("board", board);
    json.put("hash", built.hash()).put("folder", built.folder().toString());
    json.put("source", built.source().toString());
    if (!sourceOnly) {
      json.put("binary", built.binary().toString());
      json.put("compilerVersion", built.version()).put("found", built.found());
    }
    json.putObject("estimate")
        .put("weightBits", built.estimate().weightBits())
        .put("activationBits", built.estimate().activationBits())
        .put("clocksPerSample", built.estimate().clocksPerSample())
        .put("lowerBound", built.estimate().lowerBound());
    return json;
  }
}
