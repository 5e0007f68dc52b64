package org.helu.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.helu.device.rtl.RtlExport;
import org.helu.device.rtl.design.Folding;
import org.helu.device.rtl.design.FoldingSearch;
import org.helu.device.rtl.design.Lowering;
import org.helu.device.rtl.design.Network;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.tensor.Tensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

@Command(
    name = "export",
    description = "Writes a network of integer layers as Verilog, with a testbench.")
final class ExportCommand extends SubCommand {
  private static final int SAMPLES = 4;
  private static final long DEFAULT_CLOCKS = 2048;

  @Parameters(paramLabel = "MODEL", description = "a .helu file, or an .onnx file to compile first")
  Path model;

  @Option(
      names = "--verilog",
      required = true,
      description = "write a streaming design in Verilog-2005")
  boolean verilog;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      required = true,
      description = "the folder to write; an earlier export there is replaced")
  Path output;

  @Option(
      names = "--folding",
      paramLabel = "PExSIMD,…",
      description = "outputs and inputs at a time, one pair a layer")
  String folding;

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description = "samples for the testbench, as for `run` (default: four random ones)")
  String input;

  @Override
  public Integer call() {
    BinarizedGraph graph = Models.load(model);
    Network network = Lowering.lower(graph);
    Folding chosen =
        folding == null ? FoldingSearch.within(network, DEFAULT_CLOCKS) : Folding.parse(folding);
    List<Tensor> vectors =
        input == null
            ? RandomInputs.of(graph.graph(), SAMPLES, 1)
            : InputFiles.read(graph.graph(), List.of(input));
    if (vectors.getFirst().elements() == 0) {
      throw new ParameterException(spec.commandLine(), "--input: expected one sample or more");
    }
    String note = "Folding " + chosen + ".";
    RtlExport.Written written =
        RtlExport.write(output, graph, network, chosen, vectors.getFirst(), note);
    if (json) {
      ObjectNode result = Json.object();
      result.put("model", model.toString()).put("output", output.toString());
      result.put("files", written.files()).put("folding", chosen.toString());
      result.put("intervalClocks", written.clocks().interval());
      result.put("latencyClocks", written.clocks().latency());
      print(result);
    } else {
      out()
          .println(
              "wrote "
                  + output
                  + ": a sample every "
                  + written.clocks().interval()
                  + " clocks, latency "
                  + written.clocks().latency()
                  + " clocks, folding "
                  + chosen);
    }
    return ExitCode.OK;
  }
}
