package org.helu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.helu.runtime.data.Npy;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code helu export --verilog}: what it writes, and what it refuses without writing anything. */
class ExportCommandTest {
  @TempDir Path folder;

  private Cli.Result export(Path model, Object... more) {
    Object[] arguments =
        Stream.concat(
                Stream.of("export", "--verilog", model, "-o", folder.resolve("design")),
                Stream.of(more))
            .toArray();
    return Cli.run(arguments);
  }

  /** One line, and of an export not even a hidden folder. */
  private void refused(Cli.Result result, int code, String... parts) throws IOException {
    result.expectError(code, parts);
    try (Stream<Path> left = Files.list(folder)) {
      List<String> names = left.map(f -> f.getFileName().toString()).toList();
      assertTrue(names.stream().allMatch(n -> n.endsWith(".helu")), names.toString());
    }
  }

  @Test
  void writesADesignAndItsFigures() {
    JsonNode json =
        export(TinyModels.integer(folder, 16), "--folding", "4x2,2x8", "--json")
            .expect(ExitCode.OK)
            .json();
    assertEquals("4x2,2x8", json.get("folding").textValue());
    // The first layer: 8 / 2 beats of each of 16 / 4 groups of rows.
    assertEquals(16, json.get("intervalClocks").intValue(), json.toString());
    assertEquals("ecp5-25", json.get("estimate").get("part").textValue());
    Path design = folder.resolve("design");
    for (String file : List.of("helu_top.v", "helu_tb.v", "tb_expected.mem", "README.md")) {
      assertTrue(Files.exists(design.resolve(file)), file);
    }
    assertFalse(Files.exists(design.resolve("Makefile")));
  }

  @Test
  void addsABoardAndCountsWithItsClock() throws IOException {
    // 54 MHz / 1.5 million samples a second: 36 clocks a sample.
    JsonNode json =
        export(
                TinyModels.integer(folder, 16),
                "--board",
                "tang-nano-20k",
                "--target-fps",
                "1500000",
                "--json")
            .expect(ExitCode.OK)
            .json();
    assertTrue(json.get("intervalClocks").intValue() <= 36, json.toString());
    assertTrue(json.get("intervalClocks").intValue() > 18, json.toString());
    assertEquals("gw2a-18", json.get("estimate").get("part").textValue());
    Path design = folder.resolve("design");
    for (String file : List.of("Makefile", "common.mk", "helu_board.v", "helu_board.cst")) {
      assertTrue(Files.exists(design.resolve(file)), file);
    }
    assertTrue(Files.readString(design.resolve("README.md")).contains("Board tang-nano-20k"));
  }

  @Test
  void refusesWhatHasNoHardware() throws IOException {
    refused(
        export(TinyModels.helu(folder, 0)), ExitCode.BAD_INPUT, "'fc1'", "'fc2'", "docs/fpga.md");
    refused(export(TinyModels.twoOutputs(folder)), ExitCode.BAD_INPUT, "'sum'", "'difference'");
    refused(export(TinyModels.flatten(folder)), ExitCode.BAD_INPUT, "no integer layer");
  }

  @Test
  void refusesFoldingsThatDoNotDivide() throws IOException {
    Path model = TinyModels.integer(folder, 16);
    refused(export(model, "--folding", "3x2,2x8"), ExitCode.BAD_INPUT, "'fc1'", "PE 3", "[1, 2, 4");
    refused(export(model, "--folding", "4x2,2x5"), ExitCode.BAD_INPUT, "'fc2'", "SIMD 5");
    refused(export(model, "--folding", "4x2"), ExitCode.BAD_INPUT, "of 2 layers, found 1");
    refused(export(model, "--folding", "4,2"), ExitCode.BAD_INPUT, "expected PExSIMD");
  }

  @Test
  void refusesDesignsThatAreTooLargeOrTooSlow() throws IOException {
    Path wide = TinyModels.integer(folder, 32768);
    String lacks = "ice40-hx8k has 7680 LUTs, 32 block RAMs";
    refused(export(wide, "--part", "ice40-hx8k", "--target-fps", "1"), ExitCode.BAD_INPUT, lacks);
    refused(export(wide, "--board", "hx8k-evb", "--folding", "1x8,1x1"), ExitCode.BAD_INPUT, lacks);
    refused(
        export(TinyModels.integer(folder, 16), "--clock", "1", "--target-fps", "2e6"),
        ExitCode.USAGE,
        "--target-fps");
  }

  @Test
  void refusesOptionsThatContradict() throws IOException {
    Path model = TinyModels.integer(folder, 16);
    refused(export(model, "--part", "ice40"), ExitCode.BAD_INPUT, "'ice40'", "ice40-hx8k");
    refused(export(model, "--board", "ulx3s"), ExitCode.BAD_INPUT, "'ulx3s'", "ulx3s-25");
    refused(
        export(model, "--board", "ulx3s-25", "--part", "gw2a-18"), ExitCode.USAGE, "has ecp5-25");
    refused(export(model, "--folding", "1x1,1x1", "--target-fps", "5"), ExitCode.USAGE, "exclude");
    refused(export(model, "--target-fps", "-1"), ExitCode.USAGE, "--target-fps");
  }

  @Test
  void refusesFoldersThatItMustNotReplace() throws IOException {
    Path model = TinyModels.integer(folder, 16);
    Path other = Files.createDirectory(folder.resolve("design"));
    Files.writeString(other.resolve("mine.txt"), "kept");
    export(model).expectError(ExitCode.BAD_INPUT, "no export");
    assertEquals("kept", Files.readString(other.resolve("mine.txt")));
    Path missing = folder.resolve("missing/design");
    Cli.run("export", "--verilog", model, "-o", missing).expectError(ExitCode.IO, "missing/design");
    assertFalse(Files.exists(missing.getParent()));
  }

  @Test
  void deviceSaysWhichToolIsMissing() throws IOException, InterruptedException {
    Path model = TinyModels.integer(folder, 16);
    Path log = folder.resolve("log.txt");
    Path input = folder.resolve("x.npy");
    Npy.write(input, Tensor.ofFloats(Shape.of(1, 8), new float[8]));
    ProcessBuilder command =
        new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "-cp",
            System.getProperty("java.class.path"),
            "--add-modules",
            "jdk.incubator.vector",
            Main.class.getName(),
            "run",
            model.toString(),
            "--device",
            "rtl",
            "--input",
            input.toString());
    command.environment().put("PATH", folder.toString());
    Process process = command.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    String text = Files.readString(log);
    assertEquals(ExitCode.DEVICE_UNAVAILABLE, process.exitValue(), text);
    assertTrue(text.contains("verilator") && text.contains("apt-get install"), text);
  }
}
