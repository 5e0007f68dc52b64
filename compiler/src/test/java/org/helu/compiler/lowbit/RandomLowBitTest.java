package org.helu.compiler.lowbit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.helu.compiler.Compilation;
import org.helu.compiler.Compiler;
import org.helu.compiler.CompilerOptions;
import org.helu.compiler.Mode;
import org.helu.compiler.analysis.DoubleInterpreter;
import org.helu.compiler.onnx.ImportedModel;
import org.helu.compiler.pass.PassLog;
import org.helu.compiler.pass.RecognizeQuantizers;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random quantized networks: every quantizer's output of the integer graph equals the float graph
 * evaluated in double, bit for bit, and the compiled graph gives the same outputs.
 */
class RandomLowBitTest {
  static LongStream seeds() {
    long first = Long.getLong("helu.fuzzSeed", 0);
    return LongStream.range(first, first + Long.getLong("helu.lowBitCases", 200));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void integersEqualDoubleEvaluation(long seed) {
    RandomLowBit network = new RandomLowBit(seed);
    Graph graph = network.build();
    compare(seed, graph, network.inputs());
    Graph compiled = compile(graph);
    Tensor expected = new DoubleInterpreter(graph).run(network.inputs()).getFirst();
    Tensor actual = new Interpreter(compiled).run(network.inputs()).getFirst();
    for (long i = 0; i < expected.elements(); i++) {
      float e = expected.getFloat(i);
      double tolerance = 1e-5 * Math.max(1, Math.abs(e));
      assertEquals(e, actual.getFloat(i), tolerance, "seed " + seed + " output " + i);
    }
  }

  /** Compares every quantizer's output; returns how many values were compared. */
  static int compare(long seed, Graph graph, List<Tensor> inputs) {
    Map<String, DoubleInterpreter.Value> expected = new DoubleInterpreter(graph).values(inputs);
    PassLog log = new PassLog();
    Graph recognized = new RecognizeQuantizers().apply(graph, log);
    Lowering lowering = new Lowering(recognized, log, true);
    Graph lowered = lowering.run();
    Map<String, Tensor> actual = new HashMap<>();
    new Interpreter(lowered).run(inputs, (node, tensor) -> actual.put(node.output(), tensor));
    int compared = 0;
    for (Node node : recognized.nodes()) {
      Fact fact = lowering.fact(node.output());
      Tensor codes = fact == null ? null : actual.get(fact.value());
      if (codes == null) {
        continue;
      }
      DoubleInterpreter.Value values = expected.get(node.output());
      for (int i = 0; i < codes.elements(); i++) {
        double value;
        switch (fact) {
          case Fact.Raw raw -> value = raw.distance() * codes.getLong(i) + raw.low();
          case Fact.Coded coded -> value = coded.a() * codes.getLong(i) + coded.b();
          case Fact.Sum _, Fact.Residual _ -> {
            continue;
          }
        }
        compared++;
        if (value != values.at(i)) {
          assertEquals(
              values.at(i),
              value,
              "seed " + seed + ", " + node.label() + " at " + i + "\n" + graph + lowered);
        }
      }
    }
    return compared;
  }

  private static Graph compile(Graph graph) {
    ImportedModel model = new ImportedModel(graph, "", Float.NaN, Map.of());
    Compilation compilation = Compiler.compile(model, new CompilerOptions(Mode.EXACT, null, true));
    return compilation.graph().graph();
  }

  /** The test would prove nothing if networks stayed float. */
  @Test
  void mostLayersBecomeIntegers() {
    int layers = 0;
    int integers = 0;
    int compared = 0;
    for (long seed = 0; seed < 60; seed++) {
      RandomLowBit network = new RandomLowBit(seed);
      Graph graph = network.build();
      compared += compare(seed, graph, network.inputs());
      layers +=
          (int)
              graph.nodes().stream()
                  .filter(
                      n ->
                          n.op() instanceof FloatOp.Conv
                              || n.op() instanceof FloatOp.Gemm
                              || n.op() instanceof FloatOp.MatMul)
                  .count();
      integers +=
          (int)
              compile(graph).nodes().stream()
                  .filter(
                      n ->
                          n.op() instanceof IntegerOp.IntegerConv2d
                              || n.op() instanceof IntegerOp.IntegerDense)
                  .count();
    }
    assertTrue(integers >= 0.95 * layers, integers + " of " + layers + " layers are integer");
    assertTrue(compared > 10_000, compared + " values compared");
  }
}
