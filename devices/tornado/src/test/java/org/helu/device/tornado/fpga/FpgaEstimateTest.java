package org.helu.device.tornado.fpga;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.helu.device.testkit.IntegerNetworks;
import org.helu.device.testkit.Networks;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Estimates say what stands in the generated source. */
class FpgaEstimateTest {
  private static final Map<String, Integer> BITS =
      Map.of(
          "uchar", 8, "char", 8, "ushort", 16, "uint", 32, "int", 32, "float", 32, "long", 64,
          "ulong", 64);

  private static final Pattern ROM = Pattern.compile("__constant (\\w+) \\w+\\[(\\d+)].* = \\{");

  private static final Pattern RAM = Pattern.compile("^    (\\w+) [xy]\\d+\\[(\\d+)].*;$");

  private static final Pattern LOOP = Pattern.compile("for \\(int \\w+ = 0; \\w+ < (\\d+);");

  private static final Pattern FUNCTION = Pattern.compile("^static void (helu\\d+)\\(");

  static Stream<BinarizedGraph> networks() {
    return Stream.of(
        IntegerNetworks.binaryMlp(784, 256, 256, 10),
        IntegerNetworks.binaryCnn(),
        IntegerNetworks.int8Cnn());
  }

  @ParameterizedTest
  @MethodSource("networks")
  void memoryIsThatOfTheArrays(BinarizedGraph graph) {
    FpgaKernel kernel = FpgaKernel.of(graph);
    FpgaEstimate estimate = kernel.estimate();
    assertEquals(bits(ROM, kernel.source()), estimate.weightBits());
    assertEquals(bits(RAM, kernel.source()), estimate.activationBits());
    assertEquals(estimate.weightBits() + estimate.activationBits(), estimate.onChipBits());
    assertTrue(estimate.weightBits() >= graph.graph().constantBytes() * 8 / 2);
  }

  private static long bits(Pattern array, String source) {
    long bits = 0;
    for (String line : source.lines().toList()) {
      Matcher matcher = array.matcher(line);
      if (matcher.find()) {
        bits += Long.parseLong(matcher.group(2)) * BITS.get(matcher.group(1));
      }
    }
    return bits;
  }

  @ParameterizedTest
  @MethodSource("networks")
  void clocksAreTheTurnsOfTheLoops(BinarizedGraph graph) {
    for (int bitOperations : new int[] {1, FpgaKernel.DEFAULT_BIT_OPERATIONS, 1 << 20}) {
      FpgaKernel kernel = FpgaKernel.of(graph, bitOperations);
      Map<String, Long> turns = turns(kernel.source());
      int function = 0;
      for (Node node : graph.graph().nodes()) {
        LayerEstimate layer =
            kernel.estimate().layers().stream()
                .filter(l -> l.node().equals(node.name()) && l.op().equals(node.op().name()))
                .findFirst()
                .orElse(null);
        if (layer != null) {
          assertEquals(turns.get("helu" + function), layer.clocks(), node.label());
        }
        function++;
      }
    }
  }

  /** Of each function, how often the innermost loops that are not unrolled turn. */
  private static Map<String, Long> turns(String source) {
    Map<String, Long> turns = new HashMap<>();
    String function = null;
    Deque<Long> nest = new ArrayDeque<>();
    boolean unrolled = false;
    for (String line : source.lines().toList()) {
      Matcher start = FUNCTION.matcher(line);
      Matcher loop = LOOP.matcher(line);
      if (start.find()) {
        function = start.group(1);
        turns.put(function, 1L);
        nest.clear();
        nest.push(1L);
      } else if (function != null && loop.find()) {
        nest.push(nest.peek() * (unrolled ? 1 : Long.parseLong(loop.group(1))));
        turns.merge(function, nest.peek(), Math::max);
      } else if (function != null && line.strip().endsWith("{")) {
        nest.push(nest.peek());
      } else if (function != null && line.strip().equals("}")) {
        nest.pop();
        function = nest.isEmpty() ? null : function;
      }
      unrolled = line.strip().equals("HELU_UNROLL");
    }
    return turns;
  }

  @Test
  void moreBitOperationsTakeFewerClocks() {
    BinarizedGraph graph = IntegerNetworks.int8Cnn();
    long before = Long.MAX_VALUE;
    for (int bitOperations = 1 << 9; bitOperations <= 1 << 18; bitOperations *= 8) {
      long clocks = FpgaKernel.of(graph, bitOperations).estimate().clocksPerSample();
      assertTrue(clocks < before, bitOperations + " bit operations: " + clocks + " clocks");
      before = clocks;
    }
  }

  @Test
  void foldingsDivideAndStayWithinTheBudget() {
    BinarizedGraph graph = IntegerNetworks.binaryCnn();
    for (int budget : new int[] {1, 5000, FpgaKernel.DEFAULT_BIT_OPERATIONS}) {
      Folding folding = new Folding(graph.graph(), budget);
      long spent = 0;
      long least = 0;
      for (Node node : graph.graph().nodes()) {
        Matrix matrix = folding.matrix(node);
        if (matrix != null) {
          Fold fold = folding.fold(node);
          assertEquals(0, matrix.outC() % fold.pe(), node.label());
          assertEquals(0, matrix.terms() % fold.simd(), node.label());
          spent += (long) fold.products() * matrix.bitOperations();
          least += matrix.bitOperations();
        }
      }
      assertTrue(spent <= Math.max(budget, least), spent + " of " + budget);
    }
  }

  @Test
  void sumsOfFloatsHaveAnUnknownInterval() {
    assertFalse(FpgaKernel.of(IntegerNetworks.binaryCnn()).estimate().isLowerBound());
    FpgaEstimate estimate = FpgaKernel.of(Networks.mlp(33, 17, 10)).estimate();
    assertTrue(estimate.isLowerBound());
    assertTrue(estimate.operations() > 33 * 17 + 17 * 10);
  }

  @Test
  void reportHasALineForEachLayer() {
    FpgaKernel kernel = FpgaKernel.of(IntegerNetworks.binaryMlp(784, 64, 10), 1 << 10);
    assertEquals(
        """
        node   op            PE  SIMD  operations  ROM bits  RAM bits  II  clocks
        x      load          16     1         784         0     25088   1      49
        v0     Convert        1     1         784         0      6272   1     784
        v1     IntegerDense   1    14       50176    403968        64   1    3584
        v2     IntegerDense   1    16         640      5760       320   1      40
        v2     store         10     1          10         0         0   1       1
        total                               52394    409728     31744        4458
        """,
        String.join("\n", kernel.estimate().report()) + "\n");
    kernel.estimate().report().forEach(line -> assertTrue(kernel.source().contains(line), line));
  }

  @Test
  void whatHasNoCodeIsNamedNodeByNode() {
    GraphBuilder builder = new GraphBuilder("transcendental");
    builder.input(new GraphInput("x", TensorType.float32(Shape.BATCH, 4)));
    builder.add(new Node("first", new DeviceOp.Softmax(-1, false), List.of("x"), "y"));
    builder.add(new Node("second", new DeviceOp.Softmax(-1, true), List.of("y"), "z"));
    BinarizedGraph graph = new BinarizedGraph(builder.output("z").build(), Provenance.NONE);
    HeluException refusal = assertThrows(HeluException.class, () -> FpgaKernel.of(graph));
    assertEquals(HeluException.Kind.UNSUPPORTED, refusal.kind());
    assertEquals(1, refusal.getMessage().lines().count());
    for (Node node : graph.graph().nodes()) {
      assertTrue(FpgaKernel.objection(graph, node).isPresent());
      assertTrue(refusal.getMessage().contains(node.label()), refusal.getMessage());
    }
    assertTrue(refusal.getMessage().contains("--mode int8"), refusal.getMessage());
  }

  @Test
  void whatFitsNoChipIsRefused() {
    GraphBuilder builder = new GraphBuilder("wide");
    builder.input(new GraphInput("x", TensorType.float32(Shape.BATCH, 1 << 12)));
    builder.constant("w", Tensor.zeros(TensorType.float32(1 << 12, 1 << 12)));
    builder.add(
        new Node("fc", new DeviceOp.Dense(false, false, List.of()), List.of("x", "w"), "y"));
    BinarizedGraph graph = new BinarizedGraph(builder.output("y").build(), Provenance.NONE);
    HeluException refusal = assertThrows(HeluException.class, () -> FpgaKernel.of(graph));
    assertTrue(refusal.getMessage().contains("on chip"), refusal.getMessage());
  }
}
