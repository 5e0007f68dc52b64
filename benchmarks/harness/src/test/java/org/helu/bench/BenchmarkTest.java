package org.helu.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.helu.bench.system.SystemFiles;
import org.helu.compiler.Compiler;
import org.helu.compiler.Mode;
import org.helu.compiler.onnx.OnnxImporter;
import org.helu.runtime.HeluException;
import org.helu.runtime.format.HeluFile;
import org.helu.samples.Progress;
import org.helu.samples.Sample;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchmarkTest {
  private static final Path SAMPLES = Path.of(System.getProperty("helu.root"), "samples");
  private static final Path MODEL = SAMPLES.resolve("mnist-mlp/model.onnx");

  private static final ModelSource.Int8 NONE = new ModelSource.Int8.None();

  @TempDir Path folder;

  static BenchOptions options(String against, List<String> devices, List<Integer> batches) {
    return new BenchOptions(
        List.of(Mode.EXACT),
        devices,
        batches,
        List.of(1),
        against,
        new Effort(2, 1, 0),
        20,
        0,
        true,
        false);
  }

  static BenchResult run(BenchOptions options, ModelSource... sources) {
    return Benchmark.run(List.of(sources), options, "test", SystemFiles.host(), Progress.NONE);
  }

  @Test
  void measuresASampleBesideACompetitor() {
    BenchResult result =
        run(
            options("fake", List.of("reference"), List.of(1, 4)),
            ModelSource.of(Sample.read(MODEL.getParent()), NONE));
    JsonNode json = result.toJson();
    assertEquals(2, json.get("rows").size());
    assertEquals(2, json.get("baselines").size());
    JsonNode row = json.get("rows").get(1);
    assertEquals("mnist-mlp", row.get("model").textValue());
    assertEquals("exact", row.get("mode").textValue());
    assertEquals("reference", row.get("device").textValue());
    assertEquals(4, row.get("batch").intValue());
    assertEquals(1, row.get("threads").intValue());
    for (String time : List.of("p50Nanos", "p90Nanos", "p99Nanos", "firstRunNanos")) {
      assertTrue(row.get(time).doubleValue() > 0, time + " of " + row);
    }
    assertTrue(row.get("speedupVsOnnxRuntimeFp32").doubleValue() > 0, row.toString());
    // Both run the same interpreter on the same bound images.
    assertEquals(0, row.get("maxAbsDiffVsOnnxRuntimeFp32").doubleValue());
    assertTrue(row.get("speedupVsOnnxRuntimeInt8").isNull());
    assertTrue(row.get("speedupVsOnnxRuntimeInt8Reason").textValue().contains("--onnx-int8"));
    assertEquals(784 * 256 + 256 * 256 + 256 * 10, row.get("macs").longValue());
    assertEquals(1024 * row.get("macs").longValue(), row.get("bitOps").longValue());
    assertEquals(20, row.get("accuracyImages").intValue());
    assertTrue(row.get("accuracy").doubleValue() >= 0.9, row.toString());
    assertTrue(row.get("sessionBytes").longValue() > 0);
    assertTrue(row.get("joulesPerInference").isNull() || row.get("joulesPerInference").isNumber());
    JsonNode baseline = json.get("baselines").get(1);
    assertEquals("fp32", baseline.get("mode").textValue());
    assertEquals("fake", baseline.get("device").textValue());
    assertEquals(1, baseline.get("speedupVsOnnxRuntimeFp32").doubleValue());
    assertEquals("Fake 1.0", json.at("/environment/competitors/fake").textValue());
  }

  @Test
  void aCompiledNetworkHasNoBaselineUnlessItsOnnxIsGiven() {
    Path compiled = folder.resolve("net.helu");
    HeluFile.write(compiled, Compiler.compile(OnnxImporter.read(MODEL)).graph());
    BenchOptions options = options("fake", List.of("reference"), List.of(2));
    JsonNode alone = run(options, ModelSource.of(compiled, null, NONE)).toJson();
    assertTrue(alone.at("/rows/0/speedupVsOnnxRuntimeFp32").isNull());
    assertTrue(alone.at("/rows/0/speedupVsOnnxRuntimeFp32Reason").textValue().contains("--onnx"));
    assertEquals("net", alone.at("/rows/0/model").textValue());
    assertEquals(0, alone.at("/rows/0/compileNanos").longValue());
    assertTrue(alone.at("/rows/0/accuracy").isNull());
    JsonNode both =
        run(options, ModelSource.of(compiled, MODEL, new ModelSource.Int8.Given(MODEL))).toJson();
    assertTrue(both.at("/rows/0/speedupVsOnnxRuntimeFp32").isNumber());
    assertTrue(both.at("/rows/0/speedupVsOnnxRuntimeInt8").isNumber());
    assertEquals(2, both.get("baselines").size());
  }

  @Test
  void whatIsMissingIsListedWithItsReason() throws Exception {
    Path refused = Files.copy(MODEL, folder.resolve("refused.onnx"));
    BenchOptions options = options("fake", List.of("reference", "reference:7"), List.of(1));
    BenchResult result = run(options, ModelSource.of(refused, null, NONE));
    assertEquals(1, result.rows().size());
    Set<String> skipped = new TreeSet<>();
    result.skipped().forEach(entry -> skipped.add(entry.device()));
    assertEquals(Set.of("fake", "reference:7"), skipped);
    JsonNode row = result.toJson().at("/rows/0");
    assertTrue(row.get("speedupVsOnnxRuntimeFp32").isNull());
    assertTrue(
        row.get("speedupVsOnnxRuntimeFp32Reason").textValue().contains("does not like"),
        row.toString());
    BenchTable table = BenchTable.of(result);
    assertTrue(table.notes().stream().anyMatch(note -> note.contains("reference:7: skipped")));
    assertTrue(table.toMarkdown().startsWith("| model "));
    assertTrue(table.toMarkdown().contains("| refused | exact | reference "), table.toMarkdown());
  }

  @Test
  void coldStartsAreWholeProcesses() {
    BenchOptions options =
        new BenchOptions(
            List.of(Mode.EXACT),
            List.of("reference"),
            List.of(1),
            List.of(1),
            "fake",
            new Effort(1, 1, 0),
            0,
            1,
            false,
            false);
    JsonNode starts = run(options, ModelSource.of(MODEL, null, NONE)).toJson().get("coldStarts");
    assertEquals(2, starts.size(), starts.toString());
    JsonNode device = starts.get(0);
    assertEquals("reference", device.get("device").textValue());
    assertEquals("exact", device.get("mode").textValue());
    // No JVM starts in less than ten milliseconds.
    assertTrue(device.get("nanos").doubleValue() > 1e7, device.toString());
    assertTrue(device.get("speedupVsOnnxRuntimeFp32").doubleValue() > 0, device.toString());
    assertEquals("fake", starts.get(1).get("device").textValue());
    assertEquals(1, starts.get(1).get("speedupVsOnnxRuntimeFp32").doubleValue());
  }

  @Test
  void aModeWithoutEncodingsIsListed() {
    BenchOptions options =
        new BenchOptions(
            List.of(Mode.INT8, Mode.EXACT),
            List.of("reference"),
            List.of(1),
            List.of(1),
            null,
            new Effort(1, 1, 0),
            0,
            0,
            false,
            false);
    BenchResult result = run(options, ModelSource.of(MODEL, null, NONE));
    assertEquals("exact", result.rows().getFirst().key().mode());
    Skipped skipped = result.skipped().getFirst();
    assertEquals("int8", skipped.mode());
    assertTrue(skipped.reason().contains("helu compile --mode int8"), skipped.reason());
  }

  @Test
  void nothingAtAllIsAnErrorThatSaysWhy() {
    BenchOptions options = options(null, List.of("reference:7"), List.of(1));
    HeluException problem =
        assertThrows(HeluException.class, () -> run(options, ModelSource.of(MODEL, null, NONE)));
    assertTrue(problem.getMessage().contains("there are 1"), problem.getMessage());
    HeluException unknown =
        assertThrows(
            HeluException.class,
            () ->
                run(
                    options("nobody", List.of("reference"), List.of(1)),
                    ModelSource.of(MODEL, null, NONE)));
    assertTrue(unknown.getMessage().contains("found fake"), unknown.getMessage());
  }

  @Test
  void allLeavesOutTheReference() {
    BenchResult result =
        run(
            options(null, List.of("all", "reference"), List.of(1)),
            ModelSource.of(MODEL, null, NONE));
    Set<String> devices = new TreeSet<>();
    result.rows().forEach(row -> devices.add(row.key().device()));
    assertEquals("vector", result.rows().getFirst().key().device());
    assertTrue(devices.contains("reference"), devices.toString());
    JsonNode layers = result.toJson().at("/rows/0/layers");
    assertEquals(3, layers.size(), layers.toString());
    long operations = 0;
    for (JsonNode layer : layers) {
      operations += layer.get("operations").longValue();
      assertTrue(layer.get("nanos").doubleValue() > 0, layer.toString());
      assertTrue(layer.get("bytes").longValue() > 0, layer.toString());
      assertEquals("float", layer.get("kind").textValue());
    }
    assertEquals(2 * (784 * 256 + 256 * 256 + 256 * 10), operations);
    BenchResult all =
        run(options(null, List.of("all"), List.of(1)), ModelSource.of(MODEL, null, NONE));
    assertFalse(all.rows().stream().anyMatch(row -> row.key().device().equals("reference")));
  }

  @Test
  void sensibleOptionsOnly() {
    assertThrows(HeluException.class, () -> options(null, List.of("vector"), List.of(0)));
    assertThrows(HeluException.class, () -> options(null, List.of("vector"), List.of()));
    assertThrows(HeluException.class, () -> options(null, List.of(), List.of(1)));
    assertThrows(HeluException.class, () -> new Effort(0, 1, 1));
  }
}
