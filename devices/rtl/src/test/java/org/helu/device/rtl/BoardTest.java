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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

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
    Path yosys = tools.resolve("yosys");
    Files.writeString(yosys, "#!/bin/sh\necho half > helu.json\nexit 3\n");
    assertTrue(yosys.toFile().setExecutable(true));
    Programs.Result result =
        Tools.run(
            "test",
            folder,
            TIMEOUT_SECONDS,
            List.of("make", "PATH=" + tools + ":" + System.getenv("PATH"), "helu.json"));
    assertNotEquals(0, result.code(), result.output());
    assertFalse(Files.exists(folder.resolve("helu.json")), result.output());
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
