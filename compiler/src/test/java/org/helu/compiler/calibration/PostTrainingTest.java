package org.helu.compiler.calibration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.helu.compiler.Compilation;
import org.helu.compiler.Compiler;
import org.helu.compiler.CompilerOptions;
import org.helu.compiler.Mode;
import org.helu.compiler.pass.PassLog;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.Devices;
import org.helu.runtime.format.HeluFile;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Certificate;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostTrainingTest {
  @TempDir Path folder;

  private static PostTraining.Result run(CalibrationData data, Mode mode, double budget) {
    return run(TinyTask.graph(), data, mode, budget, CostModel.bitOperations());
  }

  private static PostTraining.Result run(
      Graph graph, CalibrationData data, Mode mode, double budget, CostModel cost) {
    CompilerOptions compiler = new CompilerOptions(mode, null, false);
    PostTraining.Options options =
        new PostTraining.Options(compiler, RangeMethod.MSE, budget, cost);
    try (Device device = Devices.open("reference")) {
      return PostTraining.run(TinyTask.model(graph), data, options, device, Progress.NONE);
    }
  }

  private static void rejected(String expected, CalibrationData data, Mode mode, double budget) {
    HeluException e = assertThrows(HeluException.class, () -> run(data, mode, budget));
    assertTrue(e.getMessage().contains(expected), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }

  @Test
  void int8KeepsTheAnswersAndSaysSo() throws IOException {
    PostTraining.Result result = run(TinyTask.samples(120), Mode.INT8, Double.NaN);
    Certificate certificate = result.compilation().graph().provenance().certificate();
    assertEquals(60, certificate.samples());
    assertEquals(60, certificate.searchSamples());
    assertEquals(1, certificate.referenceAccuracy());
    assertTrue(certificate.accuracy() >= 0.95, certificate.toString());
    assertEquals(
        List.of("u8s8", "u8s8", "u8s8"),
        certificate.layers().stream().map(Certificate.Layer::encoding).toList());
    Path file = folder.resolve("tiny.helu");
    HeluFile.write(file, result.compilation().graph());
    assertEquals(certificate, HeluFile.read(file).provenance().certificate());
    // Compiled again from its encodings: the same bytes, without any data.
    Path encodings = folder.resolve("encodings.json");
    EncodingsFile.write(encodings, result.plan());
    CompilerOptions options = new CompilerOptions(Mode.INT8, null, false);
    Compilation again =
        Compiler.compile(TinyTask.model(), options.with(EncodingsFile.read(encodings)));
    Path second = folder.resolve("again.helu");
    HeluFile.write(second, again.graph());
    assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(second));
    // Passes before and after the one that rounds keep the answers.
    CompilerOptions verifying = new CompilerOptions(Mode.INT8, null, true);
    Compiler.compile(TinyTask.model(), verifying.with(result.plan()));
  }

  @Test
  void autoStaysWithinTheBudgetAndIsDeterministic() {
    PostTraining.Result result = run(TinyTask.samples(200), Mode.AUTO, 0.1);
    Certificate certificate = result.plan().certificate();
    assertTrue(certificate.drop() <= 0.1, certificate.toString());
    assertEquals(0.1, certificate.budget());
    assertNotNull(result.report());
    SearchReport.Point chosen = result.report().chosen();
    assertTrue(chosen.drop() <= 0.1);
    assertTrue(chosen.cost() < result.report().floatCost() / 10, result.report().toText());
    PostTraining.Result again = run(TinyTask.samples(200), Mode.AUTO, 0.1);
    assertEquals(certificate, again.plan().certificate());
    assertEquals(result.report().toText(), again.report().toText());
  }

  /** A block whose shortcut is a convolution too, and a mean before the last layer. */
  @Test
  void residualBlocksAndMeansAreIntegerFromInputToLogits() {
    for (Mode mode : List.of(Mode.INT8, Mode.AUTO)) {
      PostTraining.Result result =
          run(TinyTask.shortcut(), TinyTask.samples(160), mode, 0.2, CostModel.bitOperations());
      Graph graph = result.compilation().graph().graph();
      Node first = graph.nodes().getFirst();
      assertInstanceOf(IntegerOp.Convert.class, first.op(), graph.toString());
      for (Node node : graph.nodes()) {
        boolean integer = !graph.type(node.output()).elementType().isFloat();
        assertTrue(integer || graph.isOutput(node.output()), node + " is float in\n" + graph);
      }
      assertTrue(
          graph.nodes().stream()
              .anyMatch(n -> n.op() instanceof IntegerOp.IntegerConv2d conv && conv.residual()),
          graph.toString());
    }
  }

  /** The search simulates with floats; what is certified must be the file's own answers. */
  @Test
  void certificatesAreOfTheWrittenFile() {
    CalibrationData data = TinyTask.samples(160);
    for (Mode mode : List.of(Mode.INT8, Mode.AUTO)) {
      PostTraining.Result result =
          run(TinyTask.shortcut(), data, mode, 0.2, CostModel.bitOperations());
      Path file = folder.resolve(mode.label() + ".helu");
      HeluFile.write(file, result.compilation().graph());
      CalibrationData half = data.half(1);
      try (Device device = Devices.open("reference")) {
        BinarizedGraph exact = NetworkRun.lower(TinyTask.shortcut());
        float[][] reference = NetworkRun.logits(device, exact, half);
        float[][] logits = NetworkRun.logits(device, HeluFile.read(file), half);
        double accuracy = Score.of(logits, reference, null).accuracy();
        assertEquals(accuracy, HeluFile.read(file).provenance().certificate().accuracy());
        // The search's own picture of the same encodings: close, or it would choose badly.
        Graph simulated =
            new QuantizeLayers(result.plan(), true).apply(TinyTask.shortcut(), new PassLog());
        float[][] searched = NetworkRun.logits(device, NetworkRun.lower(simulated), half);
        int differing = 0;
        for (int i = 0; i < logits.length; i++) {
          for (int c = 0; c < logits[i].length; c++) {
            differing += Math.abs(logits[i][c] - searched[i][c]) > 1e-3 ? 1 : 0;
          }
        }
        assertTrue(
            differing <= logits.length * logits[0].length / 20,
            mode + ": " + differing + " differ");
      }
    }
  }

  @Test
  void autoKeepsTheFloatNetworkWhereNothingIsCheaper() {
    List<Double> perMac = List.of(1.0, 2.0, 2.0, 2.0, 2.0, 2.0);
    CostModel slowCodes = new CostModel("ns", perMac, List.of(0.0, 0.0, 0.0, 0.0, 0.0, 0.0));
    PostTraining.Result result =
        run(TinyTask.graph(), TinyTask.samples(120), Mode.AUTO, 0.1, slowCodes);
    assertTrue(result.plan().layers().stream().allMatch(l -> l.encoding().isExact()));
    assertEquals(0, result.plan().certificate().drop());
    assertEquals(result.report().floatCost(), result.report().chosen().cost());
  }

  @Test
  void budgetsThatCannotBeMetNameTheLayers() {
    // A budget below 0 asks for better answers than the float network's, which are the reference.
    CalibrationData data = TinyTask.samples(200);
    HeluException e = assertThrows(HeluException.class, () -> run(data, Mode.AUTO, -1));
    assertTrue(
        e.getMessage().startsWith("compile/auto: expected to lose at most -100.00 points"),
        e.getMessage());
    assertTrue(e.getMessage().contains("'conv2'"), e.getMessage());
    assertTrue(e.getMessage().contains("--max-drop"), e.getMessage());
    HeluException int8 = assertThrows(HeluException.class, () -> run(data, Mode.INT8, -1));
    assertTrue(int8.getMessage().contains("'fc'"), int8.getMessage());
  }

  @Test
  void badDataAreErrors() {
    CalibrationData good = TinyTask.samples(8);
    Tensor wrong = Tensor.ofFloats(Shape.of(8, 32), good.inputs().toFloats());
    rejected("expected float32[Nx2x4x4]", new CalibrationData(wrong, null), Mode.INT8, Double.NaN);
    Tensor empty = Tensor.ofFloats(Shape.of(0, 2, 4, 4));
    rejected("are empty", new CalibrationData(empty, null), Mode.INT8, Double.NaN);
    Tensor broken = good.inputs().copy();
    broken.setFloat(70, Float.POSITIVE_INFINITY);
    rejected(
        "found Infinity in sample 2", new CalibrationData(broken, null), Mode.INT8, Double.NaN);
    rejected(
        "a label for each of 8 samples, found 3",
        new CalibrationData(good.inputs(), new int[3]),
        Mode.INT8,
        Double.NaN);
    int[] labels = IntStream.range(0, 8).toArray();
    rejected(
        "label of sample 4: expected 0 to 3, found 4",
        new CalibrationData(good.inputs(), labels),
        Mode.INT8,
        Double.NaN);
    rejected("expected 2 samples or more", TinyTask.samples(1), Mode.INT8, Double.NaN);
  }

  @Test
  void modesNeedTheirEncodings() {
    HeluException none =
        assertThrows(
            HeluException.class,
            () -> Compiler.compile(TinyTask.model(), new CompilerOptions(Mode.AUTO, null, false)));
    assertTrue(none.getMessage().contains("--calibrate"), none.getMessage());
    QuantizationPlan plan =
        new QuantizationPlan("cd", "int8", List.of(), List.of(), List.of(), null);
    CompilerOptions int8 = new CompilerOptions(Mode.INT8, null, false).with(plan);
    HeluException other =
        assertThrows(HeluException.class, () -> Compiler.compile(TinyTask.model(), int8));
    assertTrue(other.getMessage().contains("found encodings of cd"), other.getMessage());
  }

  @Test
  void lossesHaveAStandardError() {
    boolean[] reference = {true, true, true, true, false, false, true, true};
    boolean[] own = {true, false, false, true, true, false, true, true};
    // Two lost, one gained of eight: sqrt(3 - 1/8) / 8.
    Loss loss = Loss.of(reference, own);
    assertEquals(0.125, loss.drop());
    assertEquals(Math.sqrt(2.875) / 8, loss.error(), 1e-12);
    assertEquals(Loss.NONE, Loss.of(own, own));
  }

  @Test
  void halvesShareNoSample() {
    CalibrationData data = TinyTask.samples(7);
    assertEquals(4, data.half(0).count());
    assertEquals(3, data.half(1).count());
    assertEquals(data.inputs().getFloat(32), data.half(1).inputs().getFloat(0));
    assertEquals(data.inputs().getFloat(64), data.half(0).inputs().getFloat(32));
    assertEquals(4, data.atMost(4).count());
    assertTrue(data.sha256().matches("[0-9a-f]{64}"));
  }
}
