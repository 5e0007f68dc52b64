package org.helu.device.rtl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.helu.device.rtl.design.VerilogWriter;
import org.helu.device.rtl.design.Yosys;
import org.helu.device.testkit.TestTools;
import org.helu.runtime.tool.Programs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What yosys {@code sat} proves of the library, stated in {@code formal/formal.v}. */
class FormalTest {
  private static final long TIMEOUT_SECONDS = 900;

  @TempDir Path folder;

  @BeforeEach
  void requireYosys() {
    TestTools.require("yosys");
  }

  /**
   * By induction, so for ever: a beat that is offered stays, unchanged, until it is taken; behind
   * credits a memory has room for every beat that comes.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "skid",
        "upsize",
        "downsize",
        "fifo",
        "credits",
        "fork",
        "window",
        "max",
        "offset",
        "requantize"
      })
  void offeredBeatsStay(String unit) throws IOException {
    String top = "formal_" + unit;
    String only =
        List.of("skid", "upsize", "downsize", "fifo", "credits").contains(unit)
            ? "chparam -set ORDER 0 " + top + "; "
            : "";
    assertProved(prove(library(), only, top, "-tempinduct -maxsteps 6"));
  }

  /** In the first 12 clocks, for all inputs and stalls: nothing is lost, doubled or swapped. */
  @ParameterizedTest
  @ValueSource(strings = {"skid", "upsize", "downsize", "fifo", "credits"})
  void elementsLeaveInOrder(String unit) throws IOException {
    assertProved(prove(library(), "", "formal_" + unit, "-tempinduct-baseonly -maxsteps 12"));
  }

  /** In that many clocks, for all weights, thresholds, inputs and stalls; two vectors fit in 18. */
  @ParameterizedTest
  @CsvSource({"formal_matrix, 18", "formal_matrix_planes, 16", "formal_matrix_products, 15"})
  void matrixVectorThresholdUnitIsItsFormula(String top, int clocks) throws IOException {
    assertProved(prove(library(), "", top, "-tempinduct-baseonly -maxsteps " + clocks));
  }

  @Test
  void mistakesAreFound() throws IOException {
    String bounded = "-tempinduct-baseonly -maxsteps 14";
    assertRefuted("valid[STAGES-1] && last[STAGES-1]", "valid[STAGES-1]", "formal_matrix", bounded);
    assertRefuted("reaches = a >= b;", "reaches = a > b;", "formal_matrix", bounded);
    assertRefuted(
        "^ {TB{!weights[2*i]}}", "^ {TB{!weights[2*i+1]}}", "formal_matrix_planes", bounded);
    assertRefuted("head <= spare_valid ? spare : s_data", "head <= s_data", "formal_skid", bounded);
    assertRefuted(
        "assign s_ready = left == 0 || (left == 1 && m_ready);",
        "assign s_ready = left <= 1;",
        "formal_downsize",
        bounded);
    assertRefuted(
        "assign s_ready = credits != 0;", "assign s_ready = 1'b1;", "formal_credits", bounded);
    assertRefuted(
        "returned <= r_valid && r_ready", "returned <= r_valid", "formal_credits", bounded);
  }

  private void assertRefuted(String right, String wrong, String top, String how)
      throws IOException {
    String library = library();
    String broken = library.replace(right, wrong);
    assertNotEquals(library, broken, right);
    Programs.Result result = prove(broken, "", top, how);
    assertNotEquals(0, result.code(), "not found: " + wrong);
    assertTrue(result.output().contains("proof did fail"), result.output());
  }

  private static void assertProved(Programs.Result result) {
    assertEquals(0, result.code(), result.output());
  }

  private static String library() {
    StringBuilder all = new StringBuilder();
    VerilogWriter.LIBRARY.forEach(name -> all.append(VerilogWriter.resource(name)));
    return all.toString();
  }

  private Programs.Result prove(String library, String before, String top, String how)
      throws IOException {
    Files.writeString(folder.resolve("library.v"), library);
    try (InputStream in = FormalTest.class.getResourceAsStream("/formal/formal.v")) {
      Files.writeString(
          folder.resolve("formal.v"), new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
    // Newer versions keep assertions with their messages, of which sat knows nothing.
    boolean keepsMessages = Yosys.nearest(Tools.version("yosys", "-V")) == Yosys.V0_66;
    String lower = keepsMessages ? "chformal -lower; " : "";
    String script =
        "read_verilog -formal library.v formal.v; "
            + before
            + "prep -flatten -top "
            + top
            + "; memory_map; opt; "
            + lower
            + "sat -verify -prove-asserts -set-assumes -seq 1 "
            + how;
    return Tools.run("test", folder, TIMEOUT_SECONDS, List.of("yosys", "-q", "-p", script));
  }
}
