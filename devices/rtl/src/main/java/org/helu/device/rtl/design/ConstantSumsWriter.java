package org.helu.device.rtl.design;

import java.util.Locale;
import org.helu.device.rtl.design.ConstantSums.Node;

/** {@link ConstantSums} as a Verilog module. */
final class ConstantSumsWriter {
  /**
   * Adders whose sum has so many bits may be spelled out, see {@link Family#spellsOutCarries}: on
   * ECP5 a chain of carries takes two slices more than its bits, elsewhere it takes fewer LUTs.
   */
  static final int MAX_SPELLED_OUT_BITS = 5;

  private final ConstantSums sums;
  private final int sumBits;
  private final StringBuilder text = new StringBuilder();

  private ConstantSumsWriter(ConstantSums sums, int sumBits) {
    this.sums = sums;
    this.sumBits = sumBits;
  }

  /**
   * The module's text.
   *
   * @param sumBits bits of each sum on the stream that leaves
   */
  static String write(ConstantSums sums, int sumBits) {
    return new ConstantSumsWriter(sums, sumBits).run();
  }

  private String run() {
    int stages = sums.levels().size();
    line(
        "// Sums of codes XNOR constant weights. What several sums have in common is written once.");
    line("module helu_%s (", sums.name());
    line("  input  wire clk,");
    line("  input  wire resetn,");
    line("  input  wire [%d:0] s_data,", sums.inputs() * sums.codeBits() - 1);
    line("  input  wire s_valid,");
    line("  output wire s_ready,");
    line("  output wire [%d:0] m_data,", sums.outputs() * sumBits - 1);
    line("  output wire m_valid,");
    line("  input  wire m_ready");
    line(");");
    functions();
    line("  reg [%d:0] valid;  // of every level", stages - 1);
    line("  wire enable = !m_valid || m_ready;");
    line("  assign s_ready = enable;");
    line("  assign m_valid = valid[%d];", stages - 1);
    line("  always @(posedge clk)");
    line("    if (!resetn)");
    line("      valid <= %d'd0;", stages);
    line("    else if (enable)");
    line(
        "      valid <= %s;", stages == 1 ? "s_valid" : "{valid[" + (stages - 2) + ":0], s_valid}");
    for (int level = 0; level < stages; level++) {
      for (int i = 0; i < sums.levels().get(level).size(); i++) {
        line("  reg [%d:0] %s;", sums.levels().get(level).get(i).width() - 1, value(level, i));
      }
    }
    line("  always @(posedge clk)");
    line("    if (enable) begin");
    for (int level = 0; level < stages; level++) {
      for (int i = 0; i < sums.levels().get(level).size(); i++) {
        line("      %s <= %s;", value(level, i), expression(level, i));
      }
    }
    line("    end");
    for (int o = 0; o < sums.outputs(); o++) {
      line(
          "  assign m_data[%d:%d] = %s;",
          (o + 1) * sumBits - 1, o * sumBits, value(stages - 1, sums.output(o)));
    }
    line("endmodule");
    return text.toString();
  }

  private void functions() {
    line("  function [1:0] ones(input [2:0] x);");
    line("    ones = {x[0] && x[1] || x[2] && (x[0] || x[1]), ^x};");
    line("  endfunction");
    line("  // Of small sums; without a chain of carries where that takes fewer LUTs.");
    line("  function [4:0] add(input [3:0] a, input [3:0] b);");
    line("`ifdef %s", Family.SPELL_OUT_CARRIES);
    line("    reg [4:0] carry;");
    line("    integer i;");
    line("    begin");
    line("      carry[0] = 1'b0;");
    line("      for (i = 0; i < 4; i = i + 1)");
    line("        carry[i+1] = a[i] && b[i] || carry[i] && (a[i] || b[i]);");
    line("      add = {carry[4], a ^ b ^ carry[3:0]};");
    line("    end");
    line("`else");
    line("    add = {1'b0, a} + {1'b0, b};");
    line("`endif");
    line("  endfunction");
  }

  private static String value(int level, int node) {
    return "v" + level + "_" + node;
  }

  private String expression(int level, int i) {
    Node node = sums.levels().get(level).get(i);
    if (level > 0) {
      String left = value(level - 1, node.left());
      if (node.right() < 0) {
        return left;
      }
      String right = value(level - 1, node.right());
      return node.width() <= MAX_SPELLED_OUT_BITS
          ? "add(" + left + ", " + right + ")"
          : left + " + " + right;
    }
    int low = node.first() * sums.codeBits();
    int high = low + node.weights().length() * sums.codeBits() - 1;
    String codes = "s_data[" + high + ":" + low + "]";
    if (sums.codeBits() > 1) {
      return (node.weights().equals("1") ? "" : "~") + codes;
    }
    StringBuilder inverted = new StringBuilder();
    node.weights().chars().forEach(weight -> inverted.insert(0, weight == '1' ? '0' : '1'));
    return "ones(" + codes + " ^ " + inverted.length() + "'b" + inverted + ")";
  }

  private void line(String format, Object... arguments) {
    text.append(arguments.length == 0 ? format : String.format(Locale.ROOT, format, arguments));
    text.append('\n');
  }
}
