package org.helu.device.rtl;

import java.nio.file.Path;
import org.helu.device.rtl.design.Cycles;
import org.helu.device.rtl.design.Design;
import org.helu.device.rtl.design.DesignBuilder;
import org.helu.device.rtl.design.Folding;
import org.helu.device.rtl.design.FoldingSearch;
import org.helu.device.rtl.design.Lowering;
import org.helu.device.rtl.design.Network;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.Executable;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Node;

/** Generates a design, builds it with Verilator and runs it. */
final class RtlDevice implements Device {
  /** Clocks a sample that the folding aims at: neither the program nor its runs get long. */
  private static final long TARGET_CLOCKS = 2048;

  private final String version = Tools.version("verilator", "--version");

  @Override
  public String name() {
    return RtlDeviceProvider.NAME;
  }

  @Override
  public String description() {
    return "streaming Verilog design in " + version;
  }

  @Override
  public boolean supports(BinarizedGraph graph, Node node) {
    return Lowering.problem(graph, node) == null;
  }

  @Override
  public Executable compile(BinarizedGraph graph, CompileOptions options) {
    Device.requireSupported(this, graph);
    Network network = Lowering.lower(graph);
    String chosen = System.getProperty("helu.rtl.folding", "");
    Folding folding =
        chosen.isEmpty() ? FoldingSearch.within(network, TARGET_CLOCKS) : Folding.parse(chosen);
    Design design = DesignBuilder.build(network, folding);
    Path folder = SimulatorBuild.build(design);
    return new RtlExecutable(graph, design, folder, Cycles.interval(network, folding), options);
  }

  @Override
  public void close() {}
}
