package org.helu.device.rtl;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.helu.device.rtl.design.Part;
import org.helu.device.rtl.design.VerilogWriter;
import org.helu.runtime.HeluException;

/** Synthesis of an exported folder by yosys, which estimates are held against. */
final class SynthesisRun {
  private static final String STAGE = "rtl/synthesize";
  private static final long TIMEOUT_SECONDS = 3600;
  private static final Pattern CELL = Pattern.compile("(?m)^\\s+(\\w+)\\s+(\\d+)$");

  private SynthesisRun() {}

  /**
   * What synthesis gave.
   *
   * @param luts LUT4 or LUT6 cells
   * @param blockRams block RAM cells
   * @param tools each tool's version, one a line
   */
  record Counts(int luts, int blockRams, String tools) {}

  /** Runs yosys in {@code folder}. */
  static Counts synthesize(Path folder, Part part) {
    requireTool("yosys");
    String script =
        "read_verilog "
            + String.join(" ", VerilogWriter.SOURCES)
            + "; "
            + part.synthesis()
            + " -top helu_top"
            + "; tee -o cells.txt stat";
    String output = Tools.require(STAGE, folder, TIMEOUT_SECONDS, List.of("yosys", "-p", script));
    String cells = output.substring(output.lastIndexOf("Number of cells"));
    return new Counts(
        count(cells, part == Part.XC7Z020 ? "LUT[1-6]" : "(SB_LUT4|LUT[1-4])"),
        count(cells, "(SB_RAM40_4K|DP16KD|SDPX9B|SDPB|pROM\\w*|RAMB18E1)")
            + 2 * count(cells, "RAMB36E1"),
        "yosys: " + Tools.version("yosys", "-V"));
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
          "apt-get install yosys");
    }
  }
}
