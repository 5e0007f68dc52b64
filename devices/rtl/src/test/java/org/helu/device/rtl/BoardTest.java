package org.helu.device.rtl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.helu.device.rtl.design.Folding;
import org.helu.device.rtl.design.Lowering;
import org.helu.device.rtl.design.Network;
import org.helu.device.testkit.TestTools;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.op.Codes;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tool.Programs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Boards: the serial line in simulation, and bitstreams where the tools are found. */
class BoardTest {
  private static final long TIMEOUT_SECONDS = 900;

  @TempDir Path temporary;

  private Path export(Board board, String folding) {
    BinarizedGraph graph =
        Nets.of("mlp", 1, ElementType.UINT8, 8, 16)
            .dense(16, ElementType.BIT, Nets.bits(1))
            .codes(Codes.BIPOLAR)
            .dense(4, ElementType.BIT)
            .build();
    Network network = Lowering.lower(graph);
    Path folder = temporary.resolve("design");
    RtlExport.write(
        folder,
        graph,
        network,
        Folding.parse(folding),
        Nets.input(graph, 3, 1),
        board,
        "For a test.");
    return folder;
  }

  /** Beats of one byte, of several, and of a whole sample. */
  @ParameterizedTest
  @CsvSource({"'2x1,1x4'", "'4x4,2x8'", "'16x16,4x16'"})
  void serialLineCarriesSamples(String folding) throws IOException {
    testbenchPassesAndFindsWhatIsWrong(export(Board.ULX3S_25, folding), "helu_uart_tb");
  }

  /** Words of one beat, of 1 to 8 bytes, and beats of several words. */
  @ParameterizedTest
  @CsvSource({"'2x1,1x4'", "'4x4,2x8'", "'8x2,1x16'", "'16x16,4x16'"})
  void registersAndDmaStreamsCarrySamples(String folding) throws IOException {
    testbenchPassesAndFindsWhatIsWrong(export(Board.PYNQ_Z2, folding), "helu_axi_tb");
  }

  private static void testbenchPassesAndFindsWhatIsWrong(Path folder, String testbench)
      throws IOException {
    TestTools.require("iverilog", "vvp");
    List<String> command =
        new ArrayList<>(List.of("iverilog", "-g2005", "-s", testbench, "-o", "simulation"));
    try (Stream<Path> files = Files.list(folder)) {
      files
          .map(f -> f.getFileName().toString())
          .filter(f -> f.endsWith(".v") && !f.equals("helu_board.v"))
          .sorted()
          .forEach(command::add);
    }
    assertEquals("", Tools.require("test", folder, TIMEOUT_SECONDS, command));
    List<String> simulate = List.of("vvp", "simulation");
    String passes = Tools.run("test", folder, TIMEOUT_SECONDS, simulate).output();
    assertTrue(passes.contains("PASS: 3 samples") && !passes.contains("FAIL"), passes);
    Path expected = folder.resolve("tb_expected.mem");
    Files.writeString(expected, Files.readString(expected).replaceFirst("..\n", "a5\n"));
    String fails = Tools.run("test", folder, TIMEOUT_SECONDS, simulate).output();
    assertTrue(fails.contains("FAIL") && !fails.contains("PASS"), fails);
  }

  /** Placed, routed and timed; for all but Xilinx packed too. */
  @ParameterizedTest
  @EnumSource
  void makeBuilds(Board board) throws IOException {
    TestTools.require("make", "yosys");
    TestTools.require(board.tools().toArray(String[]::new));
    Path folder = export(board, "2x2,1x4");
    Tools.require("test", folder, TIMEOUT_SECONDS, List.of("make"));
    String report = Files.readString(folder.resolve("report.txt"));
    assertTrue(report.contains("Yosys 0."), report);
    assertTrue(report.contains("Next Generation Place and Route (Version"), report);
    assertTrue(Pattern.compile("Device utili[sz]ation").matcher(report).find(), report);
    assertTrue(
        Pattern.compile("Max frequency .*PASS at " + (int) board.clockMegahertz())
            .matcher(report)
            .find(),
        report);
    if (board != Board.PYNQ_Z2) {
      assertTrue(bitstream(folder) > 10_000, "bytes of the bitstream");
    }
  }

  private static long bitstream(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found =
          files.filter(f -> f.getFileName().toString().matches("helu\\.(bin|bit|fs)")).toList();
      assertEquals(1, found.size(), found.toString());
      return Files.size(found.getFirst());
    }
  }

  @Test
  void makeLeavesNothingHalfWritten() throws IOException {
    TestTools.require("make");
    Path folder = export(Board.HX8K_EVB, "2x2,1x4");
    Path tools = Files.createDirectory(temporary.resolve("tools"));
    tool(tools, "yosys", "echo half > helu.json\nexit 3");
    Programs.Result result =
        Tools.run(
            "test",
            folder,
            TIMEOUT_SECONDS,
            List.of("make", "PATH=" + tools + ":" + System.getenv("PATH"), "helu.json"));
    assertNotEquals(0, result.code(), result.output());
    assertFalse(Files.exists(folder.resolve("helu.json")), result.output());
  }

  private static final String CLOCK =
      "Info: Max frequency for clock 'clk': 81.80 MHz (PASS at 27.00 MHz)\n";

  private static String holds(int count, String... pins) {
    StringBuilder log =
        new StringBuilder(
            "Info: " + count + " Hold/min time violations (showing 10 worst paths):\n");
    for (String pin : pins) {
      log.append("ERROR: Hold/min time violation for clock 'posedge clk':\n");
      log.append("Info:       type curr  total name\n");
      log.append("Info:   clk-to-q  0.46  0.46 Source count_DFFE_Q.Q\n");
      log.append("Info:    routing  0.20  0.66 Net count (3,4) -> (5,6)\n");
      log.append("Info:                          Sink ").append(pin).append("\n");
      log.append("Info:       hold  0.10  0.76 Source ").append(pin).append("\n");
      log.append("Info: 0.56 ns logic, 0.20 ns routing\n");
    }
    return log.toString();
  }

  private static Stream<Arguments> timingLogs() {
    return Stream.of(
        Arguments.of(0, "Info: nothing to say\n", true),
        Arguments.of(1, holds(2, "rows.0.0.ADB5", "rows.0.1.ADB13") + CLOCK, true),
        // A register, another pin of a memory, a clock, a violation that is not listed, none at
        // all.
        Arguments.of(1, holds(2, "rows.0.0.ADB5", "count_DFF_Q.D") + CLOCK, false),
        Arguments.of(1, holds(1, "rows.0.0.ADA5") + CLOCK, false),
        Arguments.of(
            1,
            holds(1, "rows.0.0.ADB5")
                + "ERROR: Max frequency for clock 'clk': 20.00 MHz (FAIL at 27.00 MHz)\n",
            false),
        Arguments.of(1, holds(11, "rows.0.0.ADB5") + CLOCK, false),
        Arguments.of(1, CLOCK, false));
  }

  /**
   * A hold violation at the address of a block RAM's second port is nextpnr's, not the design's.
   */
  @ParameterizedTest
  @MethodSource("timingLogs")
  void makeTakesNoOtherViolationThanThoseAtAddresses(int code, String log, boolean taken)
      throws IOException {
    TestTools.require("make");
    Path folder = export(Board.TANG_NANO_9K, "2x2,1x4");
    Path tools = Files.createDirectory(temporary.resolve("tools"));
    Files.writeString(folder.resolve("said.log"), log);
    tool(tools, "yosys", "echo {} > helu.json");
    tool(tools, "gowin_pack", "exit 1");
    tool(
        tools,
        "nextpnr-himbaechel-gowin",
        "cp said.log nextpnr.log\necho {} > helu.routed\nexit " + code);
    String path = "PATH=" + tools + ":" + System.getenv("PATH");
    List<String> command = List.of("env", path, "make", "helu.routed");
    Programs.Result result = Tools.run("test", folder, TIMEOUT_SECONDS, command);
    assertEquals(taken, result.code() == 0, result.output());
    assertEquals(taken, Files.exists(folder.resolve("helu.routed")), result.output());
  }

  private static void tool(Path folder, String name, String script) throws IOException {
    Path file = folder.resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    assertTrue(file.toFile().setExecutable(true));
  }

  @Test
  void makeSaysWhichToolsAreMissing() throws IOException {
    TestTools.require("make");
    Path folder = export(Board.ULX3S_25, "2x2,1x4");
    Path empty = Files.createDirectory(temporary.resolve("empty"));
    List<String> command = List.of("env", "PATH=" + empty, Tools.find("make").toString());
    Programs.Result result = Tools.run("test", folder, TIMEOUT_SECONDS, command);
    assertNotEquals(0, result.code(), result.output());
    assertTrue(
        result.output().contains("not on PATH: yosys nextpnr-ecp5 ecppack."), result.output());
    assertEquals(1, result.output().lines().count(), result.output());
  }
}
