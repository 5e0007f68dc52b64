package org.helu.compiler.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.helu.compiler.Compilation;
import org.helu.compiler.Compiler;
import org.helu.compiler.CompilerOptions;
import org.helu.compiler.Mode;
import org.helu.runtime.graph.Range;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Compiled random networks, checked after every pass, give what ONNX Runtime gives. */
class CompiledDifferentialTest {
  private static final int NETWORKS = 165;

  /** Relative to the largest output: sums in another order and weights folded, ten layers deep. */
  private static final double TOLERANCE = 1e-4;

  @TestFactory
  Stream<DynamicTest> randomNetworks() {
    return LongStream.range(0, NETWORKS)
        .mapToObj(seed -> DynamicTest.dynamicTest("seed " + seed, () -> compare(seed)));
  }

  private static void compare(long seed) throws Exception {
    RandomNetwork network = new RandomNetwork(seed);
    ImportedModel imported = OnnxImporter.read(network.bytes(), null);
    int[] dims = new int[network.inputDims.length + 1];
    dims[0] = 2;
    System.arraycopy(network.inputDims, 0, dims, 1, dims.length - 1);
    Tensor x = Tensor.ofFloats(Shape.of(dims), RandomNetwork.samples(seed, Shape.of(dims)));
    Tensor expected = OnnxRuntime.run(network.bytes(), "x", x);
    // A declared range that the samples keep lets PruneGates and MergeLinear take part.
    float largestInput = 0;
    for (float value : x.toFloats()) {
      largestInput = Math.max(largestInput, Math.abs(value));
    }
    Range range = seed % 2 == 0 ? null : new Range(-largestInput, largestInput);
    Compilation compiled = Compiler.compile(imported, new CompilerOptions(Mode.EXACT, range, true));
    Tensor found = new Interpreter(compiled.graph().graph()).run(List.of(x)).get(0);
    assertEquals(expected.shape(), found.shape(), "seed " + seed);
    double largest = 1;
    for (float value : expected.toFloats()) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < expected.elements(); i++) {
      double error = Math.abs(expected.getFloat(i) - found.getFloat(i));
      assertTrue(
          error <= TOLERANCE * largest,
          "seed "
              + seed
              + ", element "
              + i
              + ": expected "
              + expected.getFloat(i)
              + ", found "
              + found.getFloat(i)
              + "\n"
              + compiled.report().toText());
    }
  }
}
