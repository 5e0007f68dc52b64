package org.helu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
  private static final Path SAMPLES = Path.of(System.getProperty("helu.root"), "samples");

  @TempDir Path folder;

  /** As little measuring as there can be. */
  private static Cli.Result bench(Object... arguments) {
    List<Object> all = new ArrayList<>(List.of("bench"));
    all.addAll(List.of(arguments));
    all.addAll(
        List.of(
            "--rounds", 2, "--seconds", "1e-6", "--warmup", 0, "--images", 10, "--no-ceilings"));
    return Cli.run(all.toArray());
  }

  @Test
  void everyCombinationIsARow() throws IOException {
    JsonNode json =
        bench(
                TinyModels.onnx(folder),
                TinyModels.helu(folder, 1),
                "--device",
                "reference,vector",
                "--batch",
                "1,3",
                "--threads",
                "1,2",
                "--json")
            .expect(ExitCode.OK)
            .json();
    List<String> rows = new ArrayList<>();
    for (JsonNode row : json.get("rows")) {
      rows.add(
          String.join(
              " ",
              row.get("model").textValue(),
              row.get("device").textValue(),
              row.get("batch").asText(),
              row.get("threads").asText()));
      assertTrue(row.get("p50Nanos").doubleValue() > 0, row.toString());
      assertTrue(row.get("speedupVsOnnxRuntimeFp32").isNull(), row.toString());
    }
    assertEquals(16, rows.size());
    assertTrue(rows.contains("tiny reference 3 2") && rows.contains("shifted vector 1 1"));
    assertEquals(0, json.get("baselines").size());
    for (String field : List.of("cpu", "cores", "jdk", "vectorBits", "date", "heluVersion")) {
      assertFalse(json.get("environment").get(field).isNull(), field);
    }
  }

  @Test
  void writesReportsAndComparesThem() throws IOException {
    Path markdown = folder.resolve("report.md");
    Path html = folder.resolve("report.html");
    Path model = TinyModels.onnx(folder);
    String text =
        bench(model, "--device", "reference", "--markdown", markdown, "--html", html)
            .expect(ExitCode.OK)
            .out();
    assertTrue(text.lines().anyMatch(line -> line.matches("tiny +exact +reference .*")), text);
    assertTrue(Files.readString(markdown).contains("| tiny | exact | reference "));
    assertTrue(Files.readString(html).contains("\"model\":\"tiny\""));

    Path before = folder.resolve("old.json");
    Path after = folder.resolve("new.json");
    String row =
        "{\"rows\":[{\"model\":\"m\",\"mode\":\"exact\",\"device\":\"vector\",\"batch\":1,"
            + "\"threads\":1,\"p50Nanos\":%d}]}";
    Files.writeString(before, row.formatted(100));
    Files.writeString(after, row.formatted(120));
    Cli.run("bench", "--compare", before, after).expect(ExitCode.OK);
    Cli.run("bench", "--compare", before, after, "--fail-above", "1.25").expect(ExitCode.OK);
    JsonNode json =
        Cli.run("bench", "--compare", before, after, "--fail-above", "1.1", "--json")
            .expect(ExitCode.CHECK_FAILED)
            .json();
    assertEquals(1.2, json.at("/rows/0/ratio").doubleValue(), 1e-9);
    assertFalse(json.get("pass").booleanValue());
  }

  @Test
  void samplesAreMeasuredOnTheirImages() {
    JsonNode row =
        bench(
                "mnist-mlp",
                "--samples",
                "--folder",
                SAMPLES,
                "--device",
                "reference",
                "--batch",
                2,
                "--json")
            .expect(ExitCode.OK)
            .json()
            .at("/rows/0");
    assertEquals("mnist-mlp", row.get("model").textValue());
    assertEquals(10, row.get("accuracyImages").intValue());
    assertTrue(row.get("accuracy").doubleValue() > 0.5, row.toString());
  }

  @Test
  void mistakesAreOneLine() throws IOException {
    Path model = TinyModels.onnx(folder);
    bench().expectError(ExitCode.USAGE, "name a MODEL");
    bench("mnist-mlp").expectError(ExitCode.USAGE, ".helu or .onnx", "mnist-mlp");
    bench("--samples", "nothing", "--folder", SAMPLES)
        .expectError(ExitCode.BAD_INPUT, "no sample 'nothing'", "mnist-mlp");
    bench(model, "--against", "onnxruntime")
        .expectError(ExitCode.BAD_INPUT, "no competitor 'onnxruntime'", "./helu bench");
    bench(model, model, "--onnx", model).expectError(ExitCode.USAGE, "belong to one MODEL");
    bench(model, "--batch", 0).expectError(ExitCode.BAD_INPUT, "batches", "[0]");
    bench(folder.resolve("absent.onnx")).expectError(ExitCode.IO, "absent.onnx");
    bench(model, "--device", "opencl:99")
        .expectError(ExitCode.DEVICE_UNAVAILABLE, "nothing", "opencl");
    Cli.run("bench", model, "--compare", model, model).expectError(ExitCode.USAGE, "no models");
    Cli.run("bench", "--compare", model, model).expectError(ExitCode.BAD_INPUT, "is not JSON");
  }
}
