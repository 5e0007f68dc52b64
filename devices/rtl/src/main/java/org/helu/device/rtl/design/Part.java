package org.helu.device.rtl.design;

import java.util.Arrays;
import java.util.List;
import org.helu.runtime.HeluException;

/** An FPGA. Capacities are from the vendors' data sheets. */
public enum Part {
  /** Lattice iCE40 HX8K: 7,680 LUT4, 32 block RAMs of 4 kbit, no multipliers. */
  ICE40_HX8K("ice40-hx8k", Family.ICE40, 7680, 32, 0),
  /** Lattice ECP5 LFE5U-25F: 24,288 LUT4, 56 block RAMs of 18 kbit, 28 multipliers. */
  ECP5_25("ecp5-25", Family.ECP5, 24288, 56, 28),
  /** Lattice ECP5 LFE5U-85F: 83,640 LUT4, 208 block RAMs of 18 kbit, 156 multipliers. */
  ECP5_85("ecp5-85", Family.ECP5, 83640, 208, 156),
  /** Gowin GW1N-9 (Tang Nano 9K): 8,640 LUT4, 26 block RAMs of 18 kbit, 20 multipliers. */
  GW1N_9("gw1n-9", Family.GOWIN, 8640, 26, 20),
  /** Gowin GW2A-18 (Tang Nano 20K): 20,736 LUT4, 46 block RAMs of 18 kbit, 48 multipliers. */
  GW2A_18("gw2a-18", Family.GOWIN, 20736, 46, 48),
  /** AMD Zynq XC7Z020 (PYNQ-Z2): 53,200 LUT6, 280 block RAMs of 18 kbit, 220 multipliers. */
  XC7Z020("xc7z020", Family.XILINX, 53200, 280, 220);

  private final String id;
  private final Family family;
  private final Resources capacity;

  Part(String id, Family family, int luts, int blockRams, int multipliers) {
    this.id = id;
    this.family = family;
    this.capacity = new Resources(luts, blockRams, multipliers);
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

  /** What synthesis knows of it. */
  Family family() {
    return family;
  }

  /** Options of yosys's {@code read_verilog}. */
  public String readOptions() {
    return family.spellsOutCarries() ? "-D" + Family.SPELL_OUT_CARRIES : "";
  }

  /** The commands of yosys, but for the top module. */
  public String synthesis() {
    return family.synthesis();
  }

  /** What there is of everything. */
  public Resources capacity() {
    return capacity;
  }
}
