package org.helu.compiler.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import ai.onnxruntime.OrtException;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Imported random networks give what ONNX Runtime gives. */
class OnnxRuntimeDifferentialTest {
  private static final int NETWORKS = 165;

  /** Relative to the largest output: float32 sums in another order, through about ten layers. */
  private static final double TOLERANCE = 2e-5;

  @TestFactory
  Stream<DynamicTest> randomNetworks() {
    return LongStream.range(0, NETWORKS)
        .mapToObj(seed -> DynamicTest.dynamicTest("seed " + seed, () -> compare(seed)));
  }

  private static void compare(long seed) throws OrtException {
    RandomNetwork network = new RandomNetwork(seed);
    String place = "seed " + seed + ", opset " + network.opset();
    ImportedModel imported = OnnxImporter.read(network.bytes(), null);
    for (int batch : new int[] {1, 3}) {
      int[] dims = new int[network.inputDims.length + 1];
      dims[0] = batch;
      System.arraycopy(network.inputDims, 0, dims, 1, dims.length - 1);
      Shape shape = Shape.of(dims);
      Tensor x = Tensor.ofFloats(shape, RandomNetwork.samples(seed + batch, shape));
      Tensor expected = OnnxRuntime.run(network.bytes(), "x", x);
      Tensor found = new Interpreter(imported.graph()).run(List.of(x)).get(0);
      assertEquals(expected.type(), found.type(), place);
      requireClose(expected.toFloats(), found.toFloats(), place + ", batch " + batch);
    }
  }

  private static void requireClose(float[] expected, float[] found, String place) {
    double largest = 1;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      if (!(Math.abs(expected[i] - found[i]) <= TOLERANCE * largest)) {
        fail(place + ": element " + i + ": expected " + expected[i] + ", found " + found[i]);
      }
    }
  }
}
