package org.helu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code helu fpga}, and devices for which something has to be built; without any FPGA's tools. */
class FpgaCommandTest {
  private static final Path SAMPLES = Path.of(System.getProperty("helu.root"), "samples");

  @TempDir Path folder;

  @BeforeEach
  void plugIn() {
    FakeBoard.present = true;
  }

  @AfterEach
  void pullOut() {
    FakeBoard.present = false;
  }

  @Test
  void boardsAreListed() {
    List<String> lines = Cli.run("fpga", "boards").expect(ExitCode.OK).out().lines().toList();
    assertEquals(3, lines.size(), lines.toString());
    assertTrue(lines.get(1).matches("b1 +a chip +cc1 +x1 +m1, m2 +up to 1.0 MiB"), lines.get(1));
    JsonNode boards = Cli.run("fpga", "boards", "--json").expect(ExitCode.OK).json().get("boards");
    assertEquals(1 << 20, boards.get(0).get("maxBytes").intValue());
    assertEquals("m2", boards.get(0).get("modes").get(1).textValue());
    assertFalse(boards.get(1).has("maxBytes"));
  }

  @Test
  void whatWasBuiltIsTold() {
    Path model = TinyModels.integer(folder, 16);
    String out =
        Cli.run("fpga", "build", model, "--board", "b2", "-o", folder).expect(ExitCode.OK).out();
    List<String> lines = out.lines().toList();
    assertEquals("found " + folder.resolve("integer") + " for b2 (cc 1.0)", lines.getFirst());
    assertEquals("hash cafe", lines.get(1));
    assertEquals(
        "estimated: 8,000 bits of ROM, 4,000 bits of RAM, at least 2,000 clocks a sample",
        lines.get(2));
    JsonNode json =
        Cli.run("fpga", "build", model, "--board", "b1", "--mode", "m2", "--json")
            .expect(ExitCode.OK)
            .json();
    assertTrue(json.get("source").textValue().endsWith("b1-m2.cl"), json.toString());
    assertTrue(json.get("found").booleanValue());
    assertEquals(2_000, json.get("estimate").get("clocksPerSample").intValue());
  }

  @Test
  void sourcesNeedAFolder() {
    Path model = TinyModels.integer(folder, 16);
    Object[] command = {"fpga", "build", model, "--board", "b1", "--source-only"};
    Cli.run(command).expectError(ExitCode.USAGE, "--source-only needs -o DIR");
    List<Object> more = new ArrayList<>(List.of(command));
    more.addAll(List.of("-o", folder));
    String out = Cli.run(more.toArray()).expect(ExitCode.OK).out();
    assertTrue(out.startsWith("wrote " + folder.resolve("b1-null.cl")), out);
  }

  @Test
  void withoutTornadoItsAbsenceIsTold() {
    FakeBoard.present = false;
    Path model = TinyModels.integer(folder, 16);
    Cli.run("fpga", "boards").expectError(ExitCode.DEVICE_UNAVAILABLE, "fpga: ", "TornadoVM");
    Cli.run("fpga", "build", model, "--board", "b1")
        .expectError(ExitCode.DEVICE_UNAVAILABLE, "fpga: ", "TornadoVM");
    Cli.run("fpga", "build", model).expectError(ExitCode.USAGE, "--board");
    Cli.run("fpga").expectError(ExitCode.USAGE, "name build or boards");
  }

  @Test
  void samplesThatWereNotBuiltCountOnlyWhereTheBoardWasNamed() {
    Object[] all = {"samples", "mnist-mlp", "--images", 20, "--folder", SAMPLES, "--json"};
    JsonNode rows = Cli.run(all).expect(ExitCode.OK).json().get("rows");
    JsonNode skipped = null;
    for (JsonNode row : rows) {
      skipped = row.get("device").textValue().equals(FakeBoard.NAME) ? row : skipped;
    }
    assertTrue(skipped.get("skipped").textValue().contains("nothing was built"), rows.toString());
    List<Object> named = new ArrayList<>(List.of(all));
    named.remove("--json");
    named.addAll(List.of("--device", FakeBoard.NAME));
    String out = Cli.run(named.toArray()).expect(ExitCode.CHECK_FAILED).out();
    assertEquals(
        "SKIP mnist-mlp on fake-board: device/fake-board: nothing was built; build it",
        out.strip());
    Path model = TinyModels.integer(folder, 16);
    Cli.run("verify", model, "--random", 1, "--repeat", 1, "--device", FakeBoard.NAME)
        .expectError(ExitCode.DEVICE_UNAVAILABLE, "nothing was built; build it");
  }

  @Test
  void binarizedSamplesGetNoFloatTwinThere() {
    JsonNode rows =
        Cli.run(
                "samples",
                "mnist-mlp-w1a1",
                "--device",
                FakeBoard.NAME,
                "--folder",
                SAMPLES,
                "--json")
            .expect(ExitCode.CHECK_FAILED)
            .json()
            .get("rows");
    assertEquals(1, rows.size(), rows.toString());
    assertEquals("binarized", rows.get(0).get("mode").textValue());
  }
}
