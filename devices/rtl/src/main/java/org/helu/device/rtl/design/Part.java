package org.helu.device.rtl.design;

import java.util.Arrays;
import java.util.List;
import org.helu.runtime.HeluException;

/**
 * An FPGA. Capacities are from the vendors' data sheets; {@code lutFactor} scales LUT4 counts of
 * iCE40 to what the part's synthesis gives.
 */
public enum Part {
  /** Lattice iCE40 HX8K: 7,680 LUT4, 32 block RAMs of 4 kbit, no multipliers. */
  ICE40_HX8K("ice40-hx8k", "synth_ice40", 7680, 32, 4096, 16, 0, 1.0, false),
  /** Lattice ECP5 LFE5U-25F: 24,288 LUT4, 56 block RAMs of 18 kbit, 28 multipliers. */
  ECP5_25("ecp5-25", "synth_ecp5", 24288, 56, 18432, 36, 28, 1.6, true),
  /** Lattice ECP5 LFE5U-85F: 83,640 LUT4, 208 block RAMs of 18 kbit, 156 multipliers. */
  ECP5_85("ecp5-85", "synth_ecp5", 83640, 208, 18432, 36, 156, 1.6, true),
  /** Gowin GW1N-9 (Tang Nano 9K): 8,640 LUT4, 26 block RAMs of 18 kbit, 20 multipliers. */
  GW1N_9("gw1n-9", "synth_gowin", 8640, 26, 18432, 36, 20, 1.6, true),
  /** Gowin GW2A-18 (Tang Nano 20K): 20,736 LUT4, 46 block RAMs of 18 kbit, 48 multipliers. */
  GW2A_18("gw2a-18", "synth_gowin", 20736, 46, 18432, 36, 48, 1.6, true),
  /** AMD Zynq XC7Z020 (PYNQ-Z2): 53,200 LUT6, 280 block RAMs of 18 kbit, 220 multipliers. */
  XC7Z020("xc7z020", "synth_xilinx", 53200, 280, 18432, 36, 220, 0.75, true);

  private final String id;
  private final String synthesis;
  private final int luts;
  private final int blockRams;
  private final int blockRamBits;
  private final int blockRamWidth;
  private final int multipliers;
  private final double lutFactor;
  private final boolean lutRam;

  Part(
      String id,
      String synthesis,
      int luts,
      int blockRams,
      int blockRamBits,
      int blockRamWidth,
      int multipliers,
      double lutFactor,
      boolean lutRam) {
    this.id = id;
    this.synthesis = synthesis;
    this.luts = luts;
    this.blockRams = blockRams;
    this.blockRamBits = blockRamBits;
    this.blockRamWidth = blockRamWidth;
    this.multipliers = multipliers;
    this.lutFactor = lutFactor;
    this.lutRam = lutRam;
  }

  /** The part of that name. */
  public static Part of(String id) {
    for (Part part : values()) {
      if (part.id.equals(id)) {
        return part;
      }
    }
    throw HeluException.invalid("rtl/part", "no part '" + id + "'", "choose one of " + ids());
  }

  /** All names. */
  public static List<String> ids() {
    return Arrays.stream(values()).map(part -> part.id).toList();
  }

  /** Its name. */
  public String id() {
    return id;
  }

  /** The command of yosys. */
  public String synthesis() {
    return synthesis;
  }

  /** What there is of everything. */
  public Resources capacity() {
    return new Resources(luts, blockRams, multipliers);
  }

  double lutFactor() {
    return lutFactor;
  }

  /** Whether small memories can be made of LUTs. */
  boolean hasLutRam() {
    return lutRam;
  }

  boolean hasMultipliers() {
    return multipliers > 0;
  }

  /** Block RAMs of a memory, in the best of the shapes from widest to one bit. */
  int blockRams(long rows, long width) {
    long best = Long.MAX_VALUE;
    for (int w = blockRamWidth; w >= 1; w /= 2) {
      // A ninth bit comes with every byte where blocks have 18 kbit; below a byte it is lost.
      long usable = w < 9 && blockRamBits > 16384 ? 16384 : blockRamBits;
      long depth = usable / w;
      best = Math.min(best, Math.ceilDiv(rows, depth) * Math.ceilDiv(width, w));
    }
    return Math.toIntExact(best);
  }
}
