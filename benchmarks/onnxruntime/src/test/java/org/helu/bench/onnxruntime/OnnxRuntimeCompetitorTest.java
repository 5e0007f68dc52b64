package org.helu.bench.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.helu.bench.BenchOptions;
import org.helu.bench.Benchmark;
import org.helu.bench.Competitor;
import org.helu.bench.Contender;
import org.helu.bench.Effort;
import org.helu.bench.ModelSource;
import org.helu.bench.system.SystemFiles;
import org.helu.compiler.Compiler;
import org.helu.compiler.Mode;
import org.helu.compiler.onnx.OnnxImporter;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.Devices;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.helu.samples.Progress;
import org.helu.samples.Sample;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxRuntimeCompetitorTest {
  private static final Path MODEL =
      Path.of(System.getProperty("helu.root"), "samples", "mnist-mlp", "model.onnx");

  @TempDir Path folder;

  private static Competitor competitor() {
    return ServiceLoader.load(Competitor.class).findFirst().orElseThrow();
  }

  @Test
  void isFoundAndNamesItsVersion() {
    assertEquals("onnxruntime", competitor().name());
    assertTrue(competitor().description().matches("ONNX Runtime \\d+\\.\\d+.*"));
  }

  @Test
  void readsTheBoundInputsInEveryRunAndAnswersAsHeluDoes() {
    BinarizedGraph graph = Compiler.compile(OnnxImporter.read(MODEL)).graph();
    TensorType type = graph.graph().inputs().getFirst().type().withBatch(3);
    Tensor input = Tensor.zeros(type);
    try (var device = Devices.open("reference");
        var executable = device.compile(graph);
        var session = executable.newSession();
        Contender contender = competitor().open(MODEL, 1, Map.of("any name", input))) {
      List<Tensor> outputs = contender.outputs();
      for (int seed = 1; seed <= 2; seed++) {
        for (long i = 0; i < input.elements(); i++) {
          input.setFloat(i, (i * 31 * seed) % 256 / 255f);
        }
        contender.run();
        assertSame(outputs, contender.outputs());
        Tensor expected = session.run(input);
        assertEquals(Shape.of(3, 10), outputs.getFirst().shape());
        for (long i = 0; i < expected.elements(); i++) {
          assertEquals(expected.getFloat(i), outputs.getFirst().getFloat(i), 1e-4f);
        }
      }
    }
  }

  @Test
  void measuresASampleInFloatAndInt8() {
    ModelSource source =
        ModelSource.of(Sample.read(MODEL.getParent()), new ModelSource.Int8.Made());
    BenchOptions options =
        new BenchOptions(
            List.of(Mode.EXACT),
            List.of("vector"),
            List.of(8),
            List.of(1),
            "onnxruntime",
            new Effort(2, 1, 0),
            400,
            0,
            false,
            false);
    JsonNode json =
        Benchmark.run(List.of(source), options, "test", SystemFiles.host(), Progress.NONE).toJson();
    JsonNode row = json.at("/rows/0");
    assertTrue(row.get("speedupVsOnnxRuntimeFp32").doubleValue() > 0, row.toString());
    assertTrue(row.get("speedupVsOnnxRuntimeInt8").doubleValue() > 0, row.toString());
    assertTrue(row.get("maxAbsDiffVsOnnxRuntimeFp32").doubleValue() < 1e-4, row.toString());
    JsonNode fp32 = json.at("/baselines/0");
    JsonNode int8 = json.at("/baselines/1");
    assertEquals("fp32", fp32.get("mode").textValue());
    assertEquals("int8", int8.get("mode").textValue());
    assertEquals(row.get("accuracy").doubleValue(), fp32.get("accuracy").doubleValue());
    assertEquals(fp32.get("accuracy").doubleValue(), int8.get("accuracy").doubleValue(), 0.02);
    // Weights of one byte each.
    assertTrue(int8.get("fileBytes").longValue() < fp32.get("fileBytes").longValue() / 3);
    assertTrue(int8.get("note").textValue().startsWith("quantized"), int8.toString());
  }

  @Test
  void whatItDoesNotRunIsToldInOneLine() throws IOException {
    Path broken = folder.resolve("broken.onnx");
    Files.write(broken, new byte[] {1, 2, 3});
    Tensor input = Tensor.zeros(TensorType.float32(1, 4));
    HeluException problem =
        assertThrows(HeluException.class, () -> competitor().open(broken, 1, Map.of("x", input)));
    assertTrue(problem.getMessage().startsWith("bench/onnxruntime: "), problem.getMessage());
    assertTrue(problem.getMessage().contains("broken.onnx"), problem.getMessage());
    Tensor wrong = Tensor.zeros(TensorType.float32(1, 7));
    assertThrows(HeluException.class, () -> competitor().open(MODEL, 1, Map.of("x", wrong)));
  }
}
