package org.helu.compiler.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import java.util.Random;
import org.helu.compiler.Compilation;
import org.helu.compiler.Compiler;
import org.helu.compiler.CompilerOptions;
import org.helu.compiler.Mode;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.Test;

/**
 * Q/DQ models, compiled to integers, against ONNX Runtime, which computes them in float32: a value
 * that lies within float32 rounding of a half falls on the other side there. Such flips are
 * counted.
 */
class QuantizedDifferentialTest {
  private static final int NETWORKS = 150;
  private static final int SAMPLES = 8;

  @Test
  void integerModelsAgreeUpToTies() throws Exception {
    int values = 0;
    int flips = 0;
    for (long seed = 0; seed < NETWORKS; seed++) {
      byte[] model = QuantizedModels.linear(seed);
      Graph graph = compile(model);
      assertTrue(
          graph.nodes().stream()
              .noneMatch(
                  n -> n.op() instanceof DeviceOp.Dense || n.op() instanceof DeviceOp.Conv2d),
          "seed " + seed + " keeps float layers\n" + graph);
      Tensor x = samples(seed);
      Tensor expected = OnnxRuntime.run(model, "x", x);
      Tensor actual = new Interpreter(graph).run(List.of(x)).getFirst();
      assertEquals(expected.shape(), actual.shape());
      for (long i = 0; i < expected.elements(); i++) {
        values++;
        long steps = Math.round((expected.getFloat(i) - actual.getFloat(i)) / 0.05);
        flips += steps == 0 ? 0 : 1;
        assertTrue(
            Math.abs(steps) <= 1, "seed " + seed + ", output " + i + ": " + steps + " steps");
      }
    }
    assertTrue(flips <= values / 1000, flips + " of " + values + " outputs flipped");
  }

  @Test
  void qonnxModelsBecomeIntegers() {
    for (long seed = 0; seed < 60; seed++) {
      Graph graph = compile(QuantizedModels.qonnx(seed));
      long layers = graph.nodes().stream().filter(n -> n.op() instanceof IntegerOp).count();
      assertTrue(layers >= 3, "seed " + seed + "\n" + graph);
      assertTrue(
          graph.nodes().stream()
              .noneMatch(
                  n -> n.op() instanceof DeviceOp.Dense || n.op() instanceof DeviceOp.Conv2d),
          "seed " + seed + " keeps float layers\n" + graph);
    }
  }

  /** Whatever a damaged model asks for, import and compilation end in a graph or one line. */
  @Test
  void damagedModelsNeverCrashTheCompiler() {
    Random random = new Random(5);
    int compiled = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] model = i % 2 == 0 ? QuantizedModels.linear(i % 40) : QuantizedModels.qonnx(i % 41);
      for (int n = 1 + random.nextInt(3); n > 0; n--) {
        int at = random.nextInt(model.length);
        model[at] =
            random.nextBoolean()
                ? (byte) (model[at] ^ 1 << random.nextInt(8))
                : (byte) random.nextInt(256);
      }
      try {
        Graph graph = OnnxImporter.read(model, null).graph();
        boolean small =
            graph.nodes().stream()
                .allMatch(n -> graph.type(n.output()).shape().elementsPerSample() < 100_000);
        if (small) {
          compile(model);
          compiled++;
        }
      } catch (HeluException e) {
        assertTrue(!e.getMessage().contains("\n"), e.getMessage());
      } catch (RuntimeException | StackOverflowError e) {
        fail("case " + i + ": " + e, e);
      }
    }
    assertTrue(compiled > 500, compiled + " damaged models were compiled");
  }

  private static Graph compile(byte[] model) {
    ImportedModel imported = OnnxImporter.read(model, null);
    Compilation compilation =
        Compiler.compile(imported, new CompilerOptions(Mode.EXACT, null, false));
    return compilation.graph().graph();
  }

  private static Tensor samples(long seed) {
    Random random = new Random(seed);
    Shape shape = Shape.of(SAMPLES, 2, 6, 6);
    float[] values = new float[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.ofFloats(shape, values);
  }
}
