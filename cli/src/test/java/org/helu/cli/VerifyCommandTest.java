package org.helu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.helu.runtime.data.Npy;
import org.helu.runtime.format.HeluFile;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.Node;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyCommandTest {
  private static final Path SAMPLES = Path.of(System.getProperty("helu.root"), "samples");

  @TempDir Path folder;

  @Test
  void sameNetworkPasses() throws IOException {
    Path model = TinyModels.helu(folder, 0);
    JsonNode json =
        Cli.run("verify", model, "--against", TinyModels.onnx(folder), "--random", 100, "--json")
            .expect(ExitCode.OK)
            .json();
    assertTrue(json.get("pass").booleanValue());
    assertEquals(100, json.get("samples").intValue());
    assertEquals(1.0, json.get("checks").get(0).get("top1Agreement").doubleValue());
    assertTrue(json.get("firstDivergingLayer").isNull());
  }

  @Test
  void otherNetworkFailsAndItsFirstLayerIsNamed() throws IOException {
    Path model = TinyModels.helu(folder, 0.5f);
    Path original = TinyModels.onnx(folder);
    Cli.Result result =
        Cli.run("verify", model, "--against", original, "--random", 50, "--seed", 5)
            .expect(ExitCode.CHECK_FAILED);
    assertTrue(result.out().contains("FAIL"), result.out());
    assertTrue(result.out().contains("first diverging layer: node 'fc1' (Dense)"), result.out());
    JsonNode json =
        Cli.run("verify", model, "--against", original, "--random", 50, "--layers", "--json")
            .expect(ExitCode.CHECK_FAILED)
            .json();
    assertEquals("h", json.get("firstDivergingLayer").get("value").textValue());
    assertEquals(0.5, json.get("firstDivergingLayer").get("maxAbsDiff").doubleValue(), 1e-6);
    assertEquals(2, json.get("layers").size());
  }

  /** Two integer layers on a device whose second one is off by one code in one place. */
  @Test
  void theFirstDivergingIntegerLayerIsNamed() {
    Graph graph = IntegerLayers.network();
    List<Tensor> inputs = List.of(Tensor.ofFloats(Shape.of(2, 2), 1, 2, 3, 0));
    List<LayerComparison.Row> good =
        LayerComparison.inIsolation(graph, new IntegerLayers(graph, ""), inputs);
    assertEquals(List.of("q", "z", "y"), good.stream().map(LayerComparison.Row::value).toList());
    assertTrue(good.stream().allMatch(row -> row.passes(0)), good.toString());
    List<LayerComparison.Row> bad =
        LayerComparison.inIsolation(graph, new IntegerLayers(graph, "z"), inputs);
    // What follows is right for the operands that it got.
    assertEquals(List.of(0.0, 1.0, 0.0), bad.stream().map(r -> r.maxAbsDiff()).toList());
    // No tolerance is for integers.
    Verification result =
        new Verification("m", "d", 2, 100, List.of(), null, null, bad, true, null);
    assertEquals("z", result.firstDiverging().value());
    assertFalse(result.passes());
  }

  /** A trained binary network whose second layer has another threshold in one place. */
  @Test
  void aWrongLayerOfAnIntegerSampleIsNamed() {
    Path original = SAMPLES.resolve("mnist-mlp-w1a1/model.onnx");
    BinarizedGraph right = Models.load(original);
    Node layer = right.graph().nodes().get(3);
    Tensor thresholds = right.graph().constant(layer.input(2)).copy();
    thresholds.setLong(0, -thresholds.getLong(0));
    GraphBuilder builder = right.graph().toBuilder();
    List<String> operands = new ArrayList<>(layer.inputs());
    operands.set(2, builder.freshConstant("wrong", thresholds));
    builder.replace(
        layer, new Node(layer.name(), layer.op(), operands, layer.output(), layer.origins()));
    Path model = folder.resolve("wrong.helu");
    HeluFile.write(model, new BinarizedGraph(builder.build(), right.provenance()));
    JsonNode json =
        Cli.run("verify", model, "--against", original, "--random", 8, "--layers", "--json")
            .expect(ExitCode.CHECK_FAILED)
            .json();
    JsonNode first = json.get("firstDivergingLayer");
    assertEquals(layer.label(), first.get("node").textValue());
    assertTrue(first.get("exact").booleanValue());
    Path same = folder.resolve("right.helu");
    HeluFile.write(same, right);
    Cli.Result result =
        Cli.run("verify", same, "--against", original, "--random", 8, "--layers")
            .expect(ExitCode.OK);
    assertTrue(result.out().contains("no layer diverges (6 values compared)"), result.out());
  }

  @Test
  void toleranceDecides() throws IOException {
    Path model = TinyModels.helu(folder, 1e-3f);
    Path original = TinyModels.onnx(folder);
    Path input = folder.resolve("x.npy");
    Npy.write(input, Tensor.ofFloats(Shape.of(1, 4), 3, 0, 0, 0));
    Cli.run("verify", model, "--against", original, "--input", input, "--tolerance", "1e-2")
        .expect(ExitCode.OK);
    Cli.run("verify", model, "--against", original, "--input", input, "--tolerance", "1e-5")
        .expect(ExitCode.CHECK_FAILED);
    Cli.run("verify", model, "--against", original, "--input", input, "--tolerance", "nan")
        .expect(ExitCode.USAGE);
  }

  @Test
  void filesAreReferencesToo() {
    Path model = TinyModels.helu(folder, 0);
    Path input = folder.resolve("x.npy");
    Path logits = folder.resolve("logits.npy");
    Path labels = folder.resolve("labels.npy");
    Npy.write(input, Tensor.ofFloats(Shape.of(2, 4), 1, -2, 3, 0, 5, 0, 0, 0));
    // The first sample alone has a reference, and the second label is wrong.
    Npy.write(logits, Tensor.ofFloats(Shape.of(1, 2), 3, 4));
    Npy.write(labels, Tensor.ofLongs(Shape.of(2), 1, 1));
    JsonNode json =
        Cli.run(
                "verify",
                model,
                "--input",
                input,
                "--reference-logits",
                logits,
                "--labels",
                labels,
                "--json")
            .expect(ExitCode.OK)
            .json();
    assertEquals(1, json.get("checks").get(0).get("samples").intValue());
    assertEquals(0.5, json.get("accuracy").doubleValue());
    Npy.write(logits, Tensor.ofFloats(Shape.of(1, 2), 4, 3));
    Cli.run("verify", model, "--input", input, "--reference-logits", logits)
        .expect(ExitCode.CHECK_FAILED);
    Npy.write(logits, Tensor.ofFloats(Shape.of(3, 2), new float[6]));
    Cli.run("verify", model, "--input", input, "--reference-logits", logits)
        .expectError(ExitCode.BAD_INPUT, "--reference-logits");
  }

  @Test
  void repeatedCallsGiveTheSameBytes() {
    Path model = TinyModels.helu(folder, 0);
    Cli.Result result = Cli.run("verify", model, "--random", 40, "--repeat", 3).expect(ExitCode.OK);
    assertTrue(
        result.out().contains("repeat: 3 calls, and 3 in each of 4 threads at once: identical"),
        result.out());
    JsonNode json =
        Cli.run("verify", model, "--random", 40, "--repeat", 2, "--json")
            .expect(ExitCode.OK)
            .json();
    assertTrue(json.get("repeat").get("identical").booleanValue());
    Cli.run("verify", model, "--random", 1, "--repeat", 0).expectError(ExitCode.USAGE, "--repeat");
  }

  @Test
  void aDifferentByteIsAFailure() {
    AtomicInteger sessions = new AtomicInteger();
    Repetition found = FlakyExecutable.repeat(3, sessions);
    assertEquals("call 2 of thread 1 differs in output 0 at byte 6", found.difference());
    assertTrue(found.line().contains("FAIL"), found.line());
    assertEquals(false, found.passes());
  }

  @Test
  void referenceAndSamplesAreRequired() throws IOException {
    Path model = TinyModels.helu(folder, 0);
    Cli.run("verify", model, "--random", 1).expectError(ExitCode.USAGE, "--against");
    Cli.run("verify", model, "--against", TinyModels.onnx(folder))
        .expectError(ExitCode.USAGE, "--random");
    Cli.run("verify", model, "--against", TinyModels.onnx(folder), "--random", 0)
        .expectError(ExitCode.USAGE, "--random");
  }

  @Test
  void notANumberIsNeverClose() {
    assertEquals(0, Comparison.difference(Float.NaN, Float.NaN));
    assertEquals(0, Comparison.difference(0f, -0f));
    assertEquals(Double.POSITIVE_INFINITY, Comparison.difference(Float.NaN, 1));
    assertEquals(0, Comparison.difference(Float.POSITIVE_INFINITY, Float.POSITIVE_INFINITY));
    Tensor outputs = Tensor.ofFloats(Shape.of(1, 2), Float.NaN, 1);
    Tensor reference = Tensor.ofFloats(Shape.of(1, 2), 0, 1);
    assertEquals(false, Comparison.of(outputs, reference, "test").passes(1e30));
  }
}
