package org.helu.device.rtl;

import java.nio.file.Path;
import java.util.SequencedMap;
import org.helu.device.rtl.design.ClockModel;
import org.helu.device.rtl.design.Design;
import org.helu.device.rtl.design.DesignBuilder;
import org.helu.device.rtl.design.Folding;
import org.helu.device.rtl.design.Network;
import org.helu.device.rtl.design.VerilogWriter;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.tensor.Tensor;

/** Writes a design for other tools: Verilog, memories, a testbench with its vectors, a README. */
public final class RtlExport {
  /** Samples that {@link ClockModel} runs: enough for the buffers to fill. */
  private static final int COUNTED_SAMPLES = 5;

  private RtlExport() {}

  /**
   * What was written.
   *
   * @param design the units
   * @param clocks of five samples
   * @param files in the folder
   */
  public record Written(Design design, ClockModel.Clocks clocks, int files) {}

  /**
   * Writes a folder, whole or not at all.
   *
   * @param graph what the design computes, for the testbench's answers
   * @param network the same, cut
   * @param folding of its layers
   * @param vectors samples of the graph's input for the testbench
   * @param board whose files are added, or null
   * @param note a line for the README about how the folding was chosen
   * @throws org.helu.runtime.HeluException if the folding does not divide or the folder cannot be
   *     written
   */
  public static Written write(
      Path folder,
      BinarizedGraph graph,
      Network network,
      Folding folding,
      Tensor vectors,
      Board board,
      String note) {
    Design design = DesignBuilder.build(network, folding);
    ClockModel.Clocks clocks = ClockModel.run(design, COUNTED_SAMPLES);
    SequencedMap<String, String> files = VerilogWriter.write(design);
    TestBench.add(files, graph, design, vectors);
    files.put("README.md", DesignReadme.of(design, clocks, board, note));
    if (board != null) {
      board.add(files);
    }
    DesignFolder.write(folder, files);
    return new Written(design, clocks, files.size());
  }
}
