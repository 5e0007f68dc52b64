package org.helu.device.rtl;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.helu.device.rtl.design.Part;
import org.helu.device.rtl.design.VerilogWriter;

/** Synthesis of an exported folder by yosys, which estimates are held against. */
final class SynthesisRun {
  private static final String STAGE = "rtl/synthesize";
  private static final long TIMEOUT_SECONDS = 3600;
  private static final Pattern CELL =
      Pattern.compile("(?m)^\\s+(?:([A-Z]\\w+)\\s+(\\d+)|(\\d+)\\s+([A-Z]\\w+))$");

  private SynthesisRun() {}

  /**
   * What synthesis gave.
   *
   * @param luts LUT4 or LUT6 that cells take
   * @param blockRams block RAM cells
   * @param multipliers DSP cells
   * @param tool its version
   */
  record Counts(int luts, int blockRams, int multipliers, String tool) {}

  /** Runs yosys in {@code folder}. */
  static Counts synthesize(Path folder, Part part) {
    String script =
        "read_verilog "
            + part.readOptions()
            + " "
            + String.join(" ", VerilogWriter.SOURCES)
            + "; "
            + part.synthesis()
            + " -top helu_top"
            + "; tee -o cells.txt stat";
    String output = Tools.require(STAGE, folder, TIMEOUT_SECONDS, List.of("yosys", "-p", script));
    String cells = output.substring(output.lastIndexOf("=== helu_top ==="));
    // Carry chains and small memories take LUTs too, where they are not beside them.
    int luts =
        switch (part) {
          case ICE40_HX8K -> count(cells, "SB_LUT4");
          case ECP5_25, ECP5_85 ->
              count(cells, "LUT4")
                  + 2 * count(cells, "CCU2C")
                  + 4 * count(cells, "TRELLIS_DPR16X4");
          case GW1N_9, GW2A_18 -> count(cells, "LUT[1-4]|ALU") + 4 * count(cells, "RAM16SDP4");
          case XC7Z020 -> count(cells, "LUT[1-6]") + 4 * count(cells, "RAM(32M|64M)");
        };
    return new Counts(
        luts,
        count(cells, "(SB_RAM40_4K\\w*|DP16KD|SDPX9B?|SDPB?|DPX9B?|DPB?|SPX9|SP|pROM\\w*|RAMB18E1)")
            + 2 * count(cells, "RAMB36E1"),
        count(cells, "MULT(9X9|18X18D?)|DSP48E1") + 4 * count(cells, "MULT36X36"),
        Tools.version("yosys", "-V"));
  }

  private static int count(String cells, String names) {
    int sum = 0;
    Matcher matcher = CELL.matcher(cells);
    while (matcher.find()) {
      // Name and number changed places between yosys 0.23 and 0.66.
      boolean nameFirst = matcher.group(1) != null;
      if (matcher.group(nameFirst ? 1 : 4).matches(names)) {
        sum += Integer.parseInt(matcher.group(nameFirst ? 2 : 3));
      }
    }
    return sum;
  }
}
