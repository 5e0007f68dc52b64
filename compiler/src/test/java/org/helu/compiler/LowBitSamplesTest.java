package org.helu.compiler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.helu.compiler.onnx.ImportedModel;
import org.helu.compiler.onnx.OnnxImporter;
import org.helu.runtime.data.CifarBinary;
import org.helu.runtime.data.Idx;
import org.helu.runtime.data.LabeledImages;
import org.helu.runtime.data.Npy;
import org.helu.runtime.data.Pixels;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The committed networks that were trained with one bit become integers from the input to the
 * logits, and give the reference's logits.
 */
class LowBitSamplesTest {
  private static final Path SAMPLES = Path.of(System.getProperty("helu.root", ".."), "samples");

  /** Multiply-accumulates that the scalar interpreter may take. */
  private static final double BUDGET = 4e8;

  /** Two float32 roundings of the logits and those of scale and shift. */
  private static final double TOLERANCE = 1e-5;

  static List<String> samples() throws IOException {
    try (Stream<Path> folders = Files.list(SAMPLES)) {
      return folders
          .map(folder -> folder.getFileName().toString())
          .filter(name -> name.endsWith("-w1a1"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void becomesIntegers(String sample) {
    ImportedModel model = OnnxImporter.read(SAMPLES.resolve(sample).resolve("model.onnx"));
    Compilation compiled = Compiler.compile(model, new CompilerOptions(Mode.EXACT, null, true));
    Graph graph = compiled.graph().graph();
    assertEquals("binarized", compiled.graph().provenance().mode());
    for (Node node : graph.nodes()) {
      boolean integer =
          switch (node.op()) {
            case IntegerOp _, DeviceOp.Pool2d _, DeviceOp.Reshape _, DeviceOp.Transpose _ -> true;
            default -> false;
          };
      assertTrue(integer, node.label() + " of " + graph);
      boolean isFloat = graph.type(node.output()).elementType() == ElementType.FLOAT32;
      assertEquals(graph.isOutput(node.output()), isFloat, node.label() + " of " + graph);
    }
    compareLogits(sample, graph, compiled.report().macs());
  }

  private static void compareLogits(String sample, Graph graph, long macs) {
    Tensor expected = Npy.readFloat32(SAMPLES.resolve(sample).resolve("reference-logits.npy"));
    Tensor images = images(sample).images();
    int count = (int) Math.clamp(BUDGET / macs, 1, expected.shape().dim(0));
    Tensor x = Tensor.zeros(graph.inputs().getFirst().type().withBatch(count));
    Pixels.toUnitFloats(images, 0, x);
    Tensor logits = new Interpreter(graph).run(List.of(x)).getFirst();
    for (long i = 0; i < logits.elements(); i++) {
      float reference = expected.getFloat(i);
      double tolerance = TOLERANCE * Math.max(1, Math.abs(reference));
      assertEquals(reference, logits.getFloat(i), tolerance, sample + ", logit " + i);
    }
  }

  private static LabeledImages images(String sample) {
    Path data = SAMPLES.resolve("data");
    if (sample.startsWith("cifar10")) {
      return CifarBinary.read(data.resolve("cifar10/test_batch_2000.bin.gz"));
    }
    Path folder = data.resolve(sample.startsWith("mnist") ? "mnist" : "fashion-mnist");
    return Idx.read(
        folder.resolve("t10k-images-idx3-ubyte.gz"), folder.resolve("t10k-labels-idx1-ubyte.gz"));
  }
}
