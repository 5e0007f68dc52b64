package org.helu.device.rtl.design;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/** A design as Verilog files. */
public final class VerilogWriter {
  /** The library, the same for every design. */
  public static final List<String> LIBRARY =
      List.of("helu_stream.v", "helu_window.v", "helu_mac.v", "helu_epilogue.v");

  /** The design's own sources, in the order in which tools read them. */
  public static final List<String> SOURCES =
      List.of(
          "helu_stream.v",
          "helu_window.v",
          "helu_mac.v",
          "helu_epilogue.v",
          "helu_memories.v",
          "helu_top.v");

  private final Design design;
  private final StringBuilder text = new StringBuilder();

  private VerilogWriter(Design design) {
    this.design = design;
  }

  /** All files that synthesis and simulation of {@code helu_top} read: name to content. */
  public static SequencedMap<String, String> write(Design design) {
    SequencedMap<String, String> files = new LinkedHashMap<>();
    LIBRARY.forEach(name -> files.put(name, resource(name)));
    files.put("helu_params.vh", new VerilogWriter(design).header());
    files.put("helu_memories.v", new VerilogWriter(design).memories());
    files.put("helu_top.v", new VerilogWriter(design).top());
    for (Unit unit : design.units()) {
      if (unit.rom() != null && unit.rom().rows().size() > 1) {
        files.put(unit.rom().name() + ".mem", hex(unit.rom().rows(), unit.rom().width()));
      }
    }
    return files;
  }

  /** A file that ships beside this class's package. */
  public static String resource(String name) {
    try (InputStream in =
        VerilogWriter.class.getResourceAsStream("/org/helu/device/rtl/verilog/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One number a line, for {@code $readmemh}. */
  public static String hex(List<BigInteger> rows, int width) {
    StringBuilder lines = new StringBuilder();
    int digits = (width + 3) / 4;
    for (BigInteger row : rows) {
      String number = row.toString(16);
      lines.repeat('0', digits - number.length()).append(number).append('\n');
    }
    return lines.toString();
  }

  private String header() {
    line("// Parameters of the design of '%s', included by helu_top.v.", design.network().name());
    line("// Folding, PE x SIMD a layer: %s", design.folding());
    line("localparam INPUT_LANES      = %d;  // elements of a beat", design.input().lanes());
    line("localparam INPUT_BITS       = %d;  // of an element", design.input().bits());
    line("localparam INPUT_BEATS      = %d;  // of a sample", design.inputBeats());
    line("localparam INPUT_TDATA      = %d;  // bits", 8 * design.inputBeatBytes());
    line("localparam OUTPUT_LANES     = %d;", design.output().lanes());
    line("localparam OUTPUT_BITS      = %d;", design.output().bits());
    line("localparam OUTPUT_BEATS     = %d;", design.outputBeats());
    line("localparam OUTPUT_TDATA     = %d;", 8 * design.outputBeatBytes());
    line("localparam OUTPUT_COUNT     = %d;", Bits.unsigned(design.outputBeats() - 1));
    int layer = Layer.NETWORK_INPUT;
    for (Unit unit : design.units()) {
      if (unit.layer() != layer) {
        layer = unit.layer();
        line("");
        line("// Layer %d: %s", layer, design.network().layers().get(layer).node().label());
      }
      for (Map.Entry<String, Long> parameter : verilogParameters(unit).entrySet()) {
        String name = (unit.name() + "_" + parameter.getKey()).toUpperCase(Locale.ROOT);
        line("localparam %s = %d;", name, parameter.getValue());
      }
    }
    return text.toString();
  }

  private static Map<String, Long> verilogParameters(Unit unit) {
    Map<String, Long> parameters = new LinkedHashMap<>(unit.parameters());
    if (unit.kind() == Unit.Kind.WINDOW) {
      parameters.remove("XB");
      parameters.remove("PADCODE");
    }
    return parameters;
  }

  private String memories() {
    line("// Weights and thresholds. A row is there one clock after its address.");
    for (Unit unit : design.units()) {
      if (unit.sums() != null) {
        int sumBits = unit.outputs().getFirst().bits();
        text.append('\n').append(ConstantSumsWriter.write(unit.sums(), sumBits));
      }
      if (unit.rom() != null) {
        memory(unit.rom(), unit.get("AW"));
      }
    }
    return text.toString();
  }

  private void memory(Rom rom, int addressBits) {
    boolean constant = rom.rows().size() == 1;
    line("");
    line("module helu_%s (", rom.name());
    line("  input  wire clk,");
    line("  input  wire enable,");
    line("  input  wire [%d:0] address,", addressBits - 1);
    line("  output %s [%d:0] data", constant ? "wire" : "reg ", rom.width() - 1);
    line(");");
    if (constant) {
      line("  assign data = %d'h%s;", rom.width(), rom.rows().getFirst().toString(16));
    } else {
      String style = Estimate.isBlock(rom.rows().size(), rom.width()) ? "block" : "logic";
      line("  (* rom_style = \"%s\" *)", style);
      line("  reg [%d:0] rows [0:%d];", rom.width() - 1, rom.rows().size() - 1);
      line("  initial $readmemh(\"%s.mem\", rows);", rom.name());
      line("  always @(posedge clk)");
      line("    if (enable)");
      line("      data <= rows[address];");
    }
    line("endmodule");
  }

  private String top() {
    line("// The network '%s' as a stream: AXI4-Stream in and out.", design.network().name());
    line("");
    line("module helu_top (");
    line("  input  wire         aclk,");
    line("  input  wire         aresetn,");
    line("  input  wire [%d:0]  s_axis_tdata,", 8 * design.inputBeatBytes() - 1);
    line("  input  wire         s_axis_tvalid,");
    line("  output wire         s_axis_tready,");
    line("  input  wire         s_axis_tlast,");
    line("  output wire [%d:0]  m_axis_tdata,", 8 * design.outputBeatBytes() - 1);
    line("  output wire         m_axis_tvalid,");
    line("  input  wire         m_axis_tready,");
    line("  output wire         m_axis_tlast");
    line(");");
    line("  `include \"helu_params.vh\"");
    line("");
    declare(design.input());
    for (Unit unit : design.units()) {
      unit.outputs().forEach(this::declare);
      if (unit.kind() == Unit.Kind.WINDOW && unit.side() != null) {
        line("  wire %s;", unit.side());
      }
      if (unit.rom() != null) {
        line("  wire [%d:0] %s_address;", unit.get("AW") - 1, unit.rom().name());
        line("  wire %s_enable;", unit.rom().name());
        line("  wire [%d:0] %s_data;", unit.rom().width() - 1, unit.rom().name());
      }
    }
    line("");
    line("  assign %s_data  = s_axis_tdata[%d:0];", design.input().name(), in() - 1);
    line("  assign %s_valid = s_axis_tvalid;", design.input().name());
    line("  assign s_axis_tready = %s_ready;", design.input().name());
    design.units().forEach(this::instance);
    String out = design.output().name();
    line("");
    int spare = 8 * design.outputBeatBytes() - design.output().width();
    if (spare > 0) {
      line("  assign m_axis_tdata  = {%d'b0, %s_data};", spare, out);
    } else {
      line("  assign m_axis_tdata  = %s_data;", out);
    }
    line("  assign m_axis_tvalid = %s_valid;", out);
    line("  assign %s_ready = m_axis_tready;", out);
    line("");
    line("  // Samples are counted: a sample ends with its last beat, whatever s_axis_tlast says.");
    line("  reg [OUTPUT_COUNT-1:0] sent;");
    line("  assign m_axis_tlast = sent == OUTPUT_BEATS - 1;");
    line("  always @(posedge aclk)");
    line("    if (!aresetn)");
    line("      sent <= {OUTPUT_COUNT{1'b0}};");
    line("    else if (m_axis_tvalid && m_axis_tready)");
    line("      sent <= m_axis_tlast ? {OUTPUT_COUNT{1'b0}} : sent + 1'b1;");
    line("endmodule");
    return text.toString();
  }

  private int in() {
    return design.input().width();
  }

  private void declare(Wire wire) {
    line("  wire [%d:0] %s_data;", wire.width() - 1, wire.name());
    line("  wire %s_valid;", wire.name());
    line("  wire %s_ready;", wire.name());
  }

  private void instance(Unit unit) {
    line("");
    StringBuilder parameters = new StringBuilder();
    for (String name : verilogParameters(unit).keySet()) {
      String value = (unit.name() + "_" + name).toUpperCase(Locale.ROOT);
      parameters.append(parameters.isEmpty() ? "" : ",\n").append("    .");
      parameters.append(name).append('(').append(value).append(')');
    }
    if (unit.kind() == Unit.Kind.WINDOW) {
      Wire x = unit.inputs().getFirst();
      parameters
          .append(",\n    .PAD({")
          .append(x.lanes())
          .append('{')
          .append(x.bits())
          .append("'d")
          .append(unit.get("PADCODE"))
          .append("}})");
    }
    String values = parameters.isEmpty() ? "" : " #(\n" + parameters + "\n  )";
    line("  %s%s %s (", unit.module(), values, unit.name());
    line("    .clk(aclk), .resetn(aresetn),");
    ports(unit.kind().inputPorts, unit.inputs(), true);
    if (unit.kind() == Unit.Kind.REQUANTIZE && unit.inputs().size() == 1) {
      line("    .r_data({%d{1'b0}}), .r_valid(1'b0), .r_ready(),", unit.get("LANES"));
    }
    String pad = unit.side();
    if (unit.kind() == Unit.Kind.MAC) {
      line("    .s_pad(%s),", pad == null ? "1'b0" : pad);
    }
    if (unit.kind() == Unit.Kind.WINDOW) {
      line("    .m_pad(%s),", pad == null ? "" : pad);
    }
    if (unit.rom() != null) {
      String port = unit.kind() == Unit.Kind.MAC ? "w" : "p";
      line("    .%s_enable(%s_enable),", port, unit.rom().name());
      line("    .%s_address(%s_address),", port, unit.rom().name());
      line("    .%s_data(%s_data),", port, unit.rom().name());
    }
    if (unit.kind() == Unit.Kind.CREDITS) {
      line("    .r_valid(%s_valid),", unit.side());
      line("    .r_ready(%s_ready),", unit.side());
    }
    ports(unit.kind().outputPorts, unit.outputs(), unit.kind() != Unit.Kind.CREDITS);
    text.setLength(text.length() - 2);
    line(");");
    if (unit.rom() != null) {
      String name = unit.rom().name();
      line("  helu_%s %s (", name, name);
      line(
          "    .clk(aclk), .enable(%s_enable), .address(%s_address), .data(%s_data));",
          name, name, name);
    }
  }

  private void ports(List<String> ports, List<Wire> wires, boolean waits) {
    for (int i = 0; i < wires.size(); i++) {
      String wire = wires.get(i).name();
      String port = ports.get(i);
      line("    .%s_data(%s_data),", port, wire);
      line("    .%s_valid(%s_valid),", port, wire);
      if (waits) {
        line("    .%s_ready(%s_ready),", port, wire);
      }
    }
  }

  private void line(String format, Object... arguments) {
    text.append(arguments.length == 0 ? format : String.format(Locale.ROOT, format, arguments));
    text.append('\n');
  }
}
