package org.helu.device.tornado.fpga;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.helu.device.testkit.Fill;
import org.helu.device.testkit.IntegerNetworks;
import org.helu.device.testkit.NodeCheck;
import org.helu.device.testkit.OpCase;
import org.helu.device.testkit.OpCases;
import org.helu.device.testkit.RandomGraphs;
import org.helu.device.testkit.TestTools;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The generated source, compiled as plain C, computes what the reference does: integers bit by bit.
 */
class GeneratedSourceTest {
  /** Each case takes a compiler half a second; {@code -Dhelu.contractStride=1} runs all. */
  private static final int STRIDE = Integer.getInteger("helu.contractStride", 101);

  private static final int RANDOM_GRAPHS = 50;

  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> opCases() {
    TestTools.require("gcc");
    List<OpCase> cases =
        OpCases.all().stream().filter(c -> Kernels.isSupported(c.graph())).toList();
    assertTrue(cases.size() > 1000, cases.size() + " cases");
    List<DynamicTest> tests = new ArrayList<>();
    for (int i = 0; i < cases.size(); i += STRIDE) {
      OpCase opCase = cases.get(i);
      // Few and many products at once, in turn.
      int bitOperations = i / STRIDE % 2 == 0 ? 1 : 1 << 12;
      tests.add(DynamicTest.dynamicTest(opCase.name(), () -> run(opCase, bitOperations)));
    }
    return tests.stream();
  }

  private void run(OpCase opCase, int bitOperations) throws IOException {
    BinarizedGraph graph = opCase.graph();
    Node node = graph.graph().nodes().getFirst();
    boolean symbolic = graph.graph().type(node.output()).shape().isBatched();
    PlainC program = new PlainC(FpgaKernel.of(graph, bitOperations), folder);
    for (OpCase.Trial trial : opCase.trials()) {
      if (!symbolic && trial.batch() > 1) {
        continue; // a session would run its own shape several times
      }
      String where = opCase.name() + ", " + trial + ", seed " + opCase.seed(trial);
      List<Tensor> inputs = opCase.inputs(trial);
      Tensor y = program.run(inputs, symbolic ? trial.batch() : 1).getFirst();
      DeviceOp op = (DeviceOp) node.op().withBatch(trial.batch());
      NodeCheck.check(where, op, operands(graph.graph(), node, inputs), y);
    }
  }

  private static List<Tensor> operands(Graph graph, Node node, List<Tensor> inputs) {
    List<Tensor> operands = new ArrayList<>();
    int next = 0;
    for (String value : node.inputs()) {
      Tensor constant = graph.constant(value);
      operands.add(constant != null ? constant : inputs.get(next++));
    }
    return operands;
  }

  @Test
  void networksOfTheSamplesShapes() throws IOException {
    for (BinarizedGraph graph :
        List.of(
            IntegerNetworks.binaryMlp(784, 64, 64, 10),
            IntegerNetworks.binaryLayers(100, 65, 130, 7),
            IntegerNetworks.binaryCnn(),
            IntegerNetworks.int8Cnn())) {
      check(graph, FpgaKernel.DEFAULT_BIT_OPERATIONS, 3);
    }
  }

  @TestFactory
  Stream<DynamicTest> randomIntegerGraphs() {
    return random(IntegerNetworks::random, 10);
  }

  @TestFactory
  Stream<DynamicTest> randomGraphs() {
    return random(RandomGraphs::of, 7);
  }

  private Stream<DynamicTest> random(LongFunction<BinarizedGraph> graphs, int stride) {
    TestTools.require("gcc");
    int step = Math.min(stride, STRIDE);
    List<DynamicTest> tests =
        LongStream.range(0, RANDOM_GRAPHS)
            .mapToObj(graphs)
            .filter(Kernels::isSupported)
            .map(graph -> DynamicTest.dynamicTest(graph.name(), () -> check(graph, 1 << 10, 2)))
            .toList();
    assertTrue(tests.size() > RANDOM_GRAPHS / 5, tests.size() + " graphs");
    return IntStream.range(0, tests.size()).filter(i -> i % step == 0).mapToObj(tests::get);
  }

  @Test
  void whatVendorsToolsSee() throws IOException {
    BinarizedGraph graph = IntegerNetworks.binaryMlp(70, 65, 130, 10);
    for (String macro : List.of("-DINTELFPGA_CL", "-D__xilinx__")) {
      check(graph, 1 << 10, 2, macro);
    }
  }

  private void check(BinarizedGraph graph, int bitOperations, int samples, String... options)
      throws IOException {
    SplittableRandom random = new SplittableRandom(samples);
    List<Tensor> inputs = new ArrayList<>();
    for (GraphInput input : graph.graph().inputs()) {
      inputs.add(Fill.UNIFORM.tensor(input.type().withBatch(samples), random));
    }
    PlainC program = new PlainC(FpgaKernel.of(graph, bitOperations), folder, options);
    Kernels.requireEqual(graph, inputs, program.run(inputs, samples));
  }
}
