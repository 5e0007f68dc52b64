package org.helu.device.rtl;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.helu.device.rtl.design.Design;
import org.helu.device.rtl.design.Estimate;
import org.helu.device.rtl.design.Part;
import org.helu.device.rtl.design.Resources;
import org.helu.runtime.HeluException;

/**
 * A board that a design is built for by open tools: its clock and pins, a serial line around the
 * design, and a Makefile that synthesizes, places, routes and packs.
 */
public enum Board {
  /** Lattice iCE40HX8K-B-EVN. */
  HX8K_EVB("hx8k-evb", Part.ICE40_HX8K, "hx8k-evb", "pcf", "ice40", "--hx8k --package ct256", 36),
  /** ULX3S with an LFE5U-25F. */
  ULX3S_25("ulx3s-25", Part.ECP5_25, "ulx3s", "lpf", "ecp5", "--25k --package CABGA381", 50),
  /** ULX3S with an LFE5U-85F. */
  ULX3S_85("ulx3s-85", Part.ECP5_85, "ulx3s", "lpf", "ecp5", "--85k --package CABGA381", 50),
  /** Sipeed Tang Nano 9K. */
  TANG_NANO_9K(
      "tang-nano-9k",
      Part.GW1N_9,
      "tang-nano-9k",
      "cst",
      "gowin",
      "--device GW1NR-LV9QN88PC6/I5",
      27,
      "FAMILY = GW1N-9C\nSYNTH = gw1n\n"),
  /** Sipeed Tang Nano 20K. */
  TANG_NANO_20K(
      "tang-nano-20k",
      Part.GW2A_18,
      "tang-nano-20k",
      "cst",
      "gowin",
      "--device GW2AR-LV18QN88C8/I7",
      54,
      "FAMILY = GW2A-18C\nSYNTH = gw2a\n"),
  /** TUL PYNQ-Z2. */
  PYNQ_Z2("pynq-z2", Part.XC7Z020, "pynq-z2", "xdc", "xilinx", "--device xc7z020clg400-1", 62.5);

  private final String id;
  private final Part part;
  private final String shell;
  private final String constraints;
  private final String flow;
  private final String device;
  private final double clockMegahertz;
  private final String variables;

  Board(
      String id,
      Part part,
      String shell,
      String constraints,
      String flow,
      String device,
      double clockMegahertz) {
    this(id, part, shell, constraints, flow, device, clockMegahertz, "");
  }

  Board(
      String id,
      Part part,
      String shell,
      String constraints,
      String flow,
      String device,
      double clockMegahertz,
      String variables) {
    this.id = id;
    this.part = part;
    this.shell = shell;
    this.constraints = constraints;
    this.flow = flow;
    this.device = device;
    this.clockMegahertz = clockMegahertz;
    this.variables = variables;
  }

  /** The board of that name. */
  public static Board of(String id) {
    for (Board board : values()) {
      if (board.id.equals(id)) {
        return board;
      }
    }
    throw HeluException.invalid("rtl/board", "no board '" + id + "'", "choose one of " + ids());
  }

  /** All names. */
  public static List<String> ids() {
    return Arrays.stream(values()).map(board -> board.id).toList();
  }

  /** Its name. */
  public String id() {
    return id;
  }

  /** What is on it. */
  public Part part() {
    return part;
  }

  /** The design's clock on it. */
  public double clockMegahertz() {
    return clockMegahertz;
  }

  /** Programs that its Makefile runs, beside yosys. */
  List<String> tools() {
    return switch (flow) {
      case "ice40" -> List.of("nextpnr-ice40", "icepack");
      case "ecp5" -> List.of("nextpnr-ecp5", "ecppack");
      case "gowin" -> List.of("nextpnr-himbaechel-gowin", "gowin_pack");
      default -> List.of("nextpnr-himbaechel-xilinx");
    };
  }

  /** What the serial line's buffer of one sample takes beside the design. */
  public Resources shell(Design design) {
    return Estimate.fifo(Math.max(2, design.inputBeats()), 8 * design.inputBeatBytes(), part);
  }

  /** Adds the files that build the design for this board. */
  void add(Map<String, String> files) {
    files.put("helu_uart.v", resource("helu_uart.v"));
    files.put("helu_uart_tb.v", resource("helu_uart_tb.v"));
    if (this == PYNQ_Z2) {
      files.put("helu_axi.v", resource("helu_axi.v"));
      files.put("helu_axi_tb.v", resource("helu_axi_tb.v"));
    }
    files.put("helu_board.v", resource(shell + ".v"));
    files.put("helu_board." + constraints, resource(shell + "." + constraints));
    files.put("common.mk", resource("common.mk"));
    files.put("Makefile", makefile());
  }

  private String makefile() {
    String clock = clockMegahertz % 1 == 0 ? "" + (long) clockMegahertz : "" + clockMegahertz;
    return "# "
        + id
        + ": `make` synthesizes, places, routes, packs and writes report.txt.\nDEVICE = "
        + device
        + "\nMHZ = "
        + clock
        + "\n"
        + variables
        + resource(flow + ".mk");
  }

  private static String resource(String name) {
    try (InputStream in = Board.class.getResourceAsStream("/org/helu/device/rtl/board/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
