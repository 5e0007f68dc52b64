package org.helu.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.helu.device.rtl.Board;
import org.helu.device.rtl.RtlExport;
import org.helu.device.rtl.design.Design;
import org.helu.device.rtl.design.DesignBuilder;
import org.helu.device.rtl.design.Estimate;
import org.helu.device.rtl.design.Folding;
import org.helu.device.rtl.design.FoldingSearch;
import org.helu.device.rtl.design.Lowering;
import org.helu.device.rtl.design.Network;
import org.helu.device.rtl.design.Part;
import org.helu.device.rtl.design.Resources;
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
  private static final double DEFAULT_MEGAHERTZ = 50;

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
      names = "--target-fps",
      paramLabel = "N",
      description = "choose the smallest folding that takes N samples a second")
  Double targetFps;

  @Option(
      names = "--clock",
      paramLabel = "MHz",
      description = "clock that --target-fps counts with (default: the board's, or 50)")
  Double clockMegahertz;

  @Option(
      names = "--part",
      paramLabel = "PART",
      description =
          "what the design must fit: ice40-hx8k, ecp5-25, ecp5-85, gw1n-9, gw2a-18, xc7z020"
              + " (default: the board's, or ecp5-25)")
  String part;

  @Option(
      names = "--board",
      paramLabel = "BOARD",
      description =
          "add pins, clock, serial line and Makefile of a board: hx8k-evb, ulx3s-25, ulx3s-85,"
              + " tang-nano-9k, tang-nano-20k, pynq-z2")
  String board;

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description = "samples for the testbench, as for `run` (default: four random ones)")
  String input;

  @Override
  public Integer call() {
    BinarizedGraph graph = Models.load(model);
    Network network = Lowering.lower(graph);
    Board shell = board == null ? null : Board.of(board);
    Part target = part(shell);
    Folding chosen = folding(network, target, shell);
    if (part != null || shell != null) {
      Design design = DesignBuilder.build(network, chosen);
      Resources beside = shell == null ? Resources.NONE : shell.shell(design);
      FoldingSearch.requireFits(design, beside, target);
    }
    List<Tensor> vectors =
        input == null
            ? RandomInputs.of(graph.graph(), SAMPLES, 1)
            : InputFiles.read(graph.graph(), List.of(input));
    if (vectors.getFirst().elements() == 0) {
      throw new ParameterException(spec.commandLine(), "--input: expected one sample or more");
    }
    String note =
        "Folding " + chosen + (targetFps == null ? "." : ", searched for " + target.id() + ".");
    RtlExport.Written written =
        RtlExport.write(output, graph, network, chosen, vectors.getFirst(), shell, note);
    Resources estimate = Estimate.of(written.design(), target);
    if (json) {
      ObjectNode result = Json.object();
      result.put("model", model.toString()).put("output", output.toString());
      result.put("files", written.files()).put("folding", chosen.toString());
      result.put("intervalClocks", written.clocks().interval());
      result.put("latencyClocks", written.clocks().latency());
      ObjectNode estimated = result.putObject("estimate").put("part", target.id());
      estimated.put("luts", estimate.luts()).put("blockRams", estimate.blockRams());
      estimated.put("multipliers", estimate.multipliers());
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
      out().println("estimated for " + target.id() + ": " + estimate + " of " + target.capacity());
    }
    return ExitCode.OK;
  }

  private Part part(Board shell) {
    if (part == null) {
      return shell == null ? Part.ECP5_25 : shell.part();
    }
    Part named = Part.of(part);
    if (shell != null && shell.part() != named) {
      throw new ParameterException(
          spec.commandLine(), "--part: " + board + " has " + shell.part().id() + ", found " + part);
    }
    return named;
  }

  private Folding folding(Network network, Part target, Board shell) {
    if (folding != null && targetFps != null) {
      throw new ParameterException(
          spec.commandLine(), "--folding and --target-fps exclude each other");
    }
    if (targetFps == null) {
      return folding == null
          ? FoldingSearch.within(network, DEFAULT_CLOCKS)
          : Folding.parse(folding);
    }
    double megahertz =
        clockMegahertz != null
            ? clockMegahertz
            : shell != null ? shell.clockMegahertz() : DEFAULT_MEGAHERTZ;
    double clocks = megahertz * 1e6 / targetFps;
    if (!(targetFps > 0) || !(megahertz > 0) || !(clocks >= 1)) {
      throw new ParameterException(
          spec.commandLine(),
          "--target-fps: expected more than 0 and at most one sample a clock, found " + targetFps);
    }
    return FoldingSearch.forPart(network, (long) clocks, target).design().folding();
  }
}
