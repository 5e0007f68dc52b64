package org.helu.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompileCommandTest {
  @TempDir Path folder;

  @Test
  void writesAModelAndTellsWhatBecameOfIt() throws IOException {
    Path model = TinyModels.onnx(folder);
    Path output = folder.resolve("out.helu");
    Cli.Result result =
        Cli.run("compile", model, "-o", output, "--mode", "exact").expect(ExitCode.OK);
    assertEquals("", result.err());
    assertTrue(result.out().contains("1 one-bit gates (1 fused)"), result.out());
    assertTrue(result.out().contains("wrote " + output), result.out());
    JsonNode layers = Cli.run("inspect", output, "--json").json().get("layers");
    assertEquals(2, layers.size(), layers.toString());
    assertEquals("gated", layers.get(0).get("encoding").textValue());
  }

  @Test
  void sameModelGivesTheSameBytes() throws IOException {
    Path model = TinyModels.onnx(folder);
    Path first = folder.resolve("first.helu");
    Path second = folder.resolve("second.helu");
    Cli.run("compile", model, "-o", first).expect(ExitCode.OK);
    Cli.run("compile", model, "-o", second, "--verify-passes").expect(ExitCode.OK);
    assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(second));
  }

  @Test
  void inputRangeDecidesGates() throws IOException {
    Path model = TinyModels.onnx(folder);
    Path output = folder.resolve("out.helu");
    // Inputs in 0..0.25 keep both h1 = relu(-x1) and h2 = relu(x2 + x3 - 1) closed, h0 open.
    JsonNode json =
        Cli.run("compile", model, "-o", output, "--input-range", "0,0.25", "--json")
            .expect(ExitCode.OK)
            .json();
    assertEquals(0, json.get("report").get("gates").intValue(), json.toString());
    Cli.run("compile", model, "-o", output, "--input-range", "1")
        .expectError(ExitCode.USAGE, "--input-range");
    Cli.run("compile", model, "-o", output, "--input-range", "2,1")
        .expectError(ExitCode.USAGE, "--input-range");
  }

  @Test
  void reportsGoToFiles() throws IOException {
    Path model = TinyModels.onnx(folder);
    Path output = folder.resolve("out.helu");
    Path text = folder.resolve("report.txt");
    Path json = folder.resolve("report.json");
    Cli.run("compile", model, "-o", output, "--report", text).expect(ExitCode.OK);
    Cli.run("compile", model, "-o", output, "--report", json).expect(ExitCode.OK);
    assertTrue(Files.readString(text).contains("fc1"), Files.readString(text));
    String printed = Cli.run("compile", model, "-o", output, "--report", "-").out();
    assertTrue(printed.contains(Files.readString(text)), printed);
    JsonNode report = new ObjectMapper().readTree(json.toFile());
    assertEquals(1, report.get("gates").intValue());
  }

  @Test
  void jsonHasNothingElseOnStandardOutput() throws IOException {
    Path model = TinyModels.onnx(folder);
    Path output = folder.resolve("out.helu");
    JsonNode json = Cli.run("compile", model, "-o", output, "--json").expect(ExitCode.OK).json();
    assertEquals(Files.size(output), json.get("bytes").longValue());
    assertEquals("exact", json.get("report").get("mode").textValue());
  }

  @Test
  void badInputIsOneLineAndWritesNothing() throws IOException {
    Path output = folder.resolve("out.helu");
    Cli.run("compile", folder.resolve("missing.onnx"), "-o", output)
        .expectError(ExitCode.IO, "missing.onnx");
    long seed = 7;
    byte[] bytes = new byte[4096];
    new Random(seed).nextBytes(bytes);
    Path random = Files.write(folder.resolve("random.onnx"), bytes);
    Cli.run("compile", random, "-o", output).expectError(ExitCode.BAD_INPUT, "ONNX");
    Path truncated = folder.resolve("truncated.onnx");
    byte[] whole = Files.readAllBytes(TinyModels.onnx(folder));
    Files.write(truncated, Arrays.copyOf(whole, whole.length / 2));
    Cli.run("compile", truncated, "-o", output).expectError(ExitCode.BAD_INPUT, "truncated.onnx");
    assertFalse(Files.exists(output));
  }

  @Test
  void unwritableOutputLeavesNothingBehind() throws IOException {
    Path model = TinyModels.onnx(folder);
    Cli.run("compile", model, "-o", folder.resolve("no/such/folder/out.helu"))
        .expectError(ExitCode.IO, "out.helu");
    Path directory = Files.createDirectory(folder.resolve("directory.helu"));
    Cli.run("compile", model, "-o", directory).expectError(ExitCode.IO, "directory.helu");
    Cli.run("compile", model, "-o", model).expectError(ExitCode.BAD_INPUT, "tiny.onnx");
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(2, files.count());
    }
  }

  @Test
  void unknownModeListsTheKnownOnes() throws IOException {
    Cli.run("compile", TinyModels.onnx(folder), "-o", "x.helu", "--mode", "magic")
        .expectError(ExitCode.USAGE, "--mode", "exact");
  }
}
