package org.helu.device.rtl;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.helu.device.rtl.design.Part;
import org.helu.device.rtl.design.VerilogWriter;
import org.helu.runtime.HeluException;

/** Synthesis of an exported folder by open tools: yosys, then for iCE40 nextpnr and icepack. */
public final class SynthesisRun {
  private static final String STAGE = "rtl/synthesize";
  private static final long TIMEOUT_SECONDS = 3600;
  private static final Pattern CELL = Pattern.compile("(?m)^\\s+(\\w+)\\s+(\\d+)$");
  private static final Pattern FREQUENCY =
      Pattern.compile("Max frequency for clock[^:]*:\\s+([0-9.]+) MHz");

  private SynthesisRun() {}

  /**
   * What synthesis gave.
   *
   * @param luts LUT4 or LUT6 cells
   * @param blockRams block RAM cells
   * @param tools each tool's version, one a line
   */
  public record Counts(int luts, int blockRams, String tools) {}

  /**
   * What place and route gave.
   *
   * @param megahertz the highest clock, by the tool's timing analysis
   * @param bitstream the packed file
   */
  public record Routed(Counts counts, double megahertz, Path bitstream) {}

  /** Runs yosys in {@code folder}. */
  public static Counts synthesize(Path folder, Part part) {
    requireTool("yosys");
    String script =
        "read_verilog "
            + String.join(" ", VerilogWriter.SOURCES)
            + "; "
            + part.synthesis()
            + " -top helu_top"
            + (part == Part.ICE40_HX8K ? " -json helu_top.json" : "")
            + "; tee -o cells.txt stat";
    String output = Tools.require(STAGE, folder, TIMEOUT_SECONDS, List.of("yosys", "-p", script));
    String cells = output.substring(output.lastIndexOf("Number of cells"));
    return new Counts(
        count(cells, part == Part.XC7Z020 ? "LUT[1-6]" : "(SB_LUT4|LUT[1-4])"),
        count(cells, "(SB_RAM40_4K|DP16KD|SDPX9B|SDPB|pROM\\w*|RAMB18E1)")
            + 2 * count(cells, "RAMB36E1"),
        "yosys: " + Tools.version("yosys", "-V"));
  }

  /** Places, routes and packs what {@link #synthesize} left for an iCE40 HX8K. */
  public static Routed route(Path folder, Counts counts) {
    requireTool("nextpnr-ice40");
    requireTool("icepack");
    List<String> command =
        new ArrayList<>(List.of("nextpnr-ice40", "--hx8k", "--package", "ct256"));
    command.addAll(List.of("--top", "helu_top", "--pcf-allow-unconstrained"));
    command.addAll(List.of("--json", "helu_top.json", "--asc", "helu_top.asc", "--seed", "1"));
    String log = Tools.require(STAGE, folder, TIMEOUT_SECONDS, command);
    double megahertz = 0;
    Matcher matcher = FREQUENCY.matcher(log);
    while (matcher.find()) {
      megahertz = Double.parseDouble(matcher.group(1));
    }
    Tools.require(
        STAGE, folder, TIMEOUT_SECONDS, List.of("icepack", "helu_top.asc", "helu_top.bin"));
    String tools =
        String.format(
            Locale.ROOT,
            "%s%nnextpnr-ice40: %s",
            counts.tools(),
            Tools.version("nextpnr-ice40", "--version"));
    return new Routed(
        new Counts(counts.luts(), counts.blockRams(), tools),
        megahertz,
        folder.resolve("helu_top.bin"));
  }

  private static int count(String cells, String names) {
    int sum = 0;
    Matcher matcher = CELL.matcher(cells);
    while (matcher.find()) {
      if (matcher.group(1).matches(names)) {
        sum += Integer.parseInt(matcher.group(2));
      }
    }
    return sum;
  }

  private static void requireTool(String tool) {
    if (Tools.find(tool) == null) {
      throw HeluException.of(
          HeluException.Kind.DEVICE_UNAVAILABLE,
          STAGE,
          tool + " is not on PATH",
          "apt-get install yosys nextpnr-ice40 fpga-icestorm");
    }
  }
}
