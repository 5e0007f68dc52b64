package org.helu.device.rtl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.helu.device.rtl.design.Lowering;
import org.helu.device.testkit.IntegerNetworks;
import org.helu.device.testkit.Networks;
import org.helu.device.testkit.OpCase;
import org.helu.device.testkit.OpCases;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.Devices;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The testkit's integer cases that a design can be made of, bit by bit. By default a spread of
 * them: each takes a run of Verilator and of a C++ compiler. {@code -Dhelu.rtl.cases=1} runs all.
 */
class RtlContractTest {
  private static final int DEFAULT_STRIDE = 160;

  @BeforeEach
  void requireDevice() {
    SimulationTest.requireVerilator();
  }

  @TestFactory
  Stream<DynamicTest> opCases() {
    SimulationTest.requireVerilator();
    int stride = Integer.getInteger("helu.rtl.cases", DEFAULT_STRIDE);
    List<OpCase> supported = OpCases.all().stream().filter(RtlContractTest::isDesign).toList();
    List<DynamicTest> tests = new ArrayList<>();
    for (int i = 0; i < supported.size(); i += stride) {
      OpCase opCase = supported.get(i);
      tests.add(DynamicTest.dynamicTest(opCase.name(), () -> run(opCase)));
    }
    assertTrue(tests.size() > 3, supported.size() + " cases");
    return tests.stream();
  }

  private static boolean isDesign(OpCase opCase) {
    BinarizedGraph graph = opCase.graph();
    Node node = graph.graph().nodes().getFirst();
    try {
      return Lowering.problem(graph, node) == null && Lowering.lower(graph) != null;
    } catch (HeluException _) {
      return false;
    }
  }

  private static void run(OpCase opCase) {
    try (Device device = Devices.open("rtl")) {
      for (OpCase.Trial trial : opCase.trials()) {
        try (Executable executable =
                device.compile(opCase.graph(), new CompileOptions(trial.maxBatch()));
            Session session = executable.newSession()) {
          check(opCase.name() + " " + trial, opCase.graph(), session, opCase.inputs(trial));
        }
      }
    }
  }

  /** Four runs: each holds the streams back in another way. */
  private static void check(
      String where, BinarizedGraph graph, Session session, List<Tensor> inputs) {
    Tensor expected = new Interpreter(graph.graph()).run(inputs).getFirst();
    long bytes = expected.type().dataBytes();
    for (int run = 0; run < 4; run++) {
      Tensor actual = session.run(inputs).getFirst();
      assertEquals(bytes, actual.type().dataBytes());
      long differs = expected.data().asSlice(0, bytes).mismatch(actual.data().asSlice(0, bytes));
      assertEquals(-1, differs, where + ", run " + run + ": first different byte");
    }
  }

  @Test
  void networksOfSampleShape() {
    for (BinarizedGraph graph :
        List.of(IntegerNetworks.binaryMlp(784, 64, 32, 10), IntegerNetworks.binaryCnn())) {
      try (Device device = Devices.open("rtl");
          Executable executable = device.compile(graph);
          Session session = executable.newSession()) {
        check(graph.name(), graph, session, List.of(Nets.input(graph, 3, 9)));
        assertThrows(
            HeluException.class,
            () -> session.run(List.of(Nets.input(graph, 1, 9)), (node, value) -> {}));
      }
    }
  }

  @Test
  void whatHasNoHardwareIsNamedNodeByNode() {
    BinarizedGraph floats = Networks.mlp(33, 17, 10);
    BinarizedGraph gated =
        Nets.of("gated", 1, ElementType.UINT8, 8, 5)
            .dense(
                4,
                ElementType.INT8,
                org.helu.runtime.op.Epilogue.AFFINE,
                org.helu.runtime.op.Epilogue.GATE)
            .build();
    try (Device device = Devices.open("rtl")) {
      for (BinarizedGraph graph : List.of(floats, gated)) {
        HeluException refusal = assertThrows(HeluException.class, () -> device.compile(graph));
        assertEquals(1, refusal.getMessage().lines().count());
        for (Node node : graph.graph().nodes()) {
          assertTrue(refusal.getMessage().contains(node.label()), refusal.getMessage());
        }
        HeluException why = assertThrows(HeluException.class, () -> Lowering.lower(graph));
        assertTrue(why.getMessage().contains("no hardware"), why.getMessage());
      }
    }
  }

  @Test
  void closedThingsSaySo() {
    BinarizedGraph graph =
        Nets.of("small", 1, ElementType.UINT8, 8, 5).dense(4, ElementType.INT8).build();
    Device device = Devices.open("rtl");
    assertEquals("rtl", device.name());
    assertEquals(1, device.description().lines().count());
    Executable executable = device.compile(graph);
    Session session = executable.newSession();
    session.run(Nets.input(graph, 2, 1));
    session.close();
    session.close();
    assertThrows(RuntimeException.class, () -> session.run(Nets.input(graph, 2, 1)));
    executable.close();
    assertThrows(IllegalStateException.class, executable::newSession);
    device.close();
  }
}
