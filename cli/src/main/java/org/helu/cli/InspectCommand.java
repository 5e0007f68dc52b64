package org.helu.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import org.helu.compiler.onnx.ImportedModel;
import org.helu.compiler.onnx.OnnxImporter;
import org.helu.runtime.format.HeluFile;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "inspect",
    description = {
      "Shows a network layer by layer: what it computes, stores and costs for one sample.",
      "An ONNX model is shown as imported, before any pass."
    })
final class InspectCommand extends SubCommand {
  private static final String STAGE = "inspect";

  @Parameters(paramLabel = "MODEL", description = "a .helu or .onnx file")
  Path model;

  @Option(
      names = "--dot",
      paramLabel = "FILE",
      description = "write a Graphviz drawing; - prints it")
  Path dot;

  @Option(names = "--svg", paramLabel = "FILE", description = "write an SVG drawing; - prints it")
  Path svg;

  @Override
  public Integer call() {
    Inspection inspection;
    if (Models.isOnnx(model)) {
      ImportedModel imported = OnnxImporter.read(model);
      inspection = Inspection.ofImported(imported.graph(), imported.sha256(), imported.alpha());
    } else {
      BinarizedGraph graph = HeluFile.read(model);
      inspection = Inspection.ofCompiled(graph, HeluFile.inspect(model).fileBytes());
    }
    boolean printed = draw(inspection.graph());
    if (json) {
      print(inspection.toJson());
    } else if (!printed) {
      inspection.print(out());
    }
    return ExitCode.OK;
  }

  /** Writes the drawings that were asked for; returns whether one went to standard output. */
  private boolean draw(Graph graph) {
    boolean printed = false;
    if (dot != null) {
      printed |= write(dot, DotWriter.write(graph.name(), Drawing.of(graph)));
    }
    if (svg != null) {
      printed |= write(svg, SvgWriter.write(graph.name(), Drawing.of(graph)));
    }
    return printed;
  }

  private boolean write(Path file, String text) {
    if (!file.toString().equals("-")) {
      TextFile.write(STAGE, file, text);
      return false;
    }
    // With --json, standard output holds the JSON alone.
    PrintWriter target = json ? err() : out();
    target.print(text);
    return true;
  }
}
