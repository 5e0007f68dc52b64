package org.helu.device.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.helu.device.testkit.Networks;
import org.helu.device.tornado.Lowering.Program;
import org.helu.device.tornado.PlanGraph.Part;
import org.helu.device.tornado.TornadoDevices.Hardware;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceProvider;
import org.helu.runtime.device.Devices;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.TornadoDeviceContext;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;

/** What the contract suite does not ask: limits, leaks, several networks on one device. */
class TornadoDeviceTest {
  @BeforeEach
  void requireDevice() {
    OpenClDevice.require();
  }

  @Test
  void devicesAreSelectedByIndex() {
    try (Device device = Devices.open("opencl:0")) {
      assertEquals("opencl", device.name());
    }
    String message =
        assertThrows(HeluException.class, () -> Devices.open("opencl:99")).getMessage();
    assertTrue(message.contains("no device 'opencl:99'"), message);
  }

  /** A CPU through OpenCL is there to test with; GeneratedCodeTest sees a GPU preferred. */
  @Test
  void autoPrefersTheVectorDeviceToACpu() {
    Assumptions.assumeFalse(TornadoVm.startsWithGpu("opencl"), "the OpenCL device is a GPU");
    assertTrue(new TornadoDeviceProvider.OpenCl().priority() < DeviceProvider.VECTOR_PRIORITY);
  }

  @Test
  void whatCannotFitIsRefusedWithTheNumbers() {
    BinarizedGraph graph = Networks.resnet8();
    try (Device device = Devices.open("opencl")) {
      String message =
          assertThrows(
                  HeluException.class, () -> device.compile(graph, new CompileOptions(1 << 20)))
              .getMessage();
      assertTrue(message.contains("needs") && message.contains("the device has"), message);
    }
  }

  /** {@code -Dhelu.cycles=1000} for the long form. */
  @Test
  void openingAndClosingLeavesNothingTaken() throws IOException {
    int cycles = Integer.getInteger("helu.cycles", 60);
    Tensor input = Tensor.zeros(TensorType.float32(1, 33));
    long before = 0;
    for (int cycle = 0; cycle < cycles; cycle++) {
      if (cycle == 30) {
        System.gc();
        before = residentBytes();
      }
      BinarizedGraph graph = Networks.mlp(33, 65, 10);
      try (Device device = Devices.open("opencl");
          Executable executable = device.compile(graph, new CompileOptions(2));
          Session session = executable.newSession()) {
        session.run(input);
      }
      Hardware hardware = TornadoDevices.hardware("opencl", 0);
      assertEquals(0, hardware.usedBytes().get(), "after cycle " + cycle);
    }
    System.gc();
    long grown = (residentBytes() - before) / (cycles - 30);
    assertTrue(grown < 1 << 20, "each cycle left " + grown + " bytes resident");
  }

  /**
   * Resident memory, since PoCL's device memory is the host's: a cycle takes three arrays of 16
   * MiB.
   */
  @Test
  void activationsAreFreedOnTheDeviceAndOnTheHost() throws IOException {
    int width = 1 << 19;
    Tensor input = Tensor.zeros(TensorType.float32(8, width));
    long before = 0;
    for (int cycle = 0; cycle < 12; cycle++) {
      if (cycle == 4) {
        before = residentBytes();
      }
      try (Device device = Devices.open("opencl");
          Executable executable = device.compile(chain(4, width), new CompileOptions(8));
          Session session = executable.newSession()) {
        session.run(input);
      }
      System.gc(); // TornadoVM's host arrays are freed with their Java objects
    }
    long grown = residentBytes() - before;
    assertTrue(grown < 100L << 20, "8 cycles left " + grown + " bytes resident");
  }

  private static long residentBytes() throws IOException {
    String[] fields = Files.readString(Path.of("/proc/self/statm")).split(" ");
    return Long.parseLong(fields[1]) * 4096;
  }

  private static BinarizedGraph chain(int nodes, int width) {
    GraphBuilder builder = new GraphBuilder("chain of " + nodes);
    builder.input(new GraphInput("x", TensorType.float32(Shape.BATCH, width)));
    String value = "x";
    for (int i = 0; i < nodes; i++) {
      UnaryKind kind = i % 2 == 0 ? UnaryKind.NEG : UnaryKind.ABS;
      builder.add(new Node("n" + i, new DeviceOp.Unary(kind), List.of(value), "v" + i));
      value = "v" + i;
    }
    builder.output(value);
    return new BinarizedGraph(builder.build(), Provenance.NONE);
  }

  @Test
  void networksRunTogetherFromSeveralThreads() throws Exception {
    List<BinarizedGraph> graphs =
        List.of(Networks.mlp(33, 65, 10), Networks.mlp(17, 8, 3), Networks.grayCnn());
    try (ExecutorService pool = Executors.newFixedThreadPool(3)) {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (BinarizedGraph graph : graphs) {
        tasks.add(
            () -> {
              runAndCompare(graph);
              return null;
            });
      }
      for (Future<Void> result : pool.invokeAll(tasks)) {
        result.get();
      }
    }
  }

  @Test
  void manySessionsOfOneNetworkRunFromSeveralThreads() throws Exception {
    BinarizedGraph graph = Networks.mlp(33, 65, 10);
    try (Device device = Devices.open("opencl");
        Executable executable = device.compile(graph, new CompileOptions(4));
        ExecutorService pool = Executors.newFixedThreadPool(6)) {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        int batch = 1 + i % 9; // some in several parts
        tasks.add(
            () -> {
              Tensor input = Tensor.zeros(TensorType.float32(batch, 33));
              for (long e = 0; e < input.elements(); e++) {
                input.setFloat(e, (e * (batch + 3) % 17) / 17f);
              }
              float[] expected = outputs("reference", graph, input);
              try (Session session = executable.newSession()) {
                for (int round = 0; round < 20; round++) {
                  assertArrayEquals(expected, session.run(input).toFloats(), 1e-4f);
                }
              }
              return null;
            });
      }
      for (Future<Void> result : pool.invokeAll(tasks)) {
        result.get();
      }
    }
  }

  @Test
  void closingANetworkLeavesTheCodeOfOthers() throws TornadoExecutionPlanException {
    Hardware hardware = TornadoDevices.hardware("opencl", 0);
    TornadoDeviceContext context = hardware.device().getDeviceContext();
    // In Java: TornadoVM tells nothing of the time that OpenCL C takes to compile.
    Program program = Lowering.lower(Networks.mlp(17, 8, 3), 2, true, KernelForm.SIMD);
    Part all = new Part(0, program.calls().size());
    PlanGraph graph = PlanGraph.of(program, all, hardware, false);
    Set<Long> before = Set.copyOf(context.getRegisteredPlanIds());
    try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.graph())) {
      plan.withDevice(hardware.device());
      plan.withProfiler(ProfilerMode.SILENT);
      assertTrue(plan.execute().getProfilerResult().getCompileTime() > 0);
      Set<Long> open = Set.copyOf(context.getRegisteredPlanIds());
      runOnce(Networks.mlp(33, 65, 10));
      assertEquals(open, context.getRegisteredPlanIds(), "plans that have code");
      assertEquals(0, plan.execute().getProfilerResult().getCompileTime());
      plan.withoutProfiler();
      // A precompiled plan, as of a CUDA graph, refuses to run where code has to be compiled again.
      plan.withPreCompilation();
      runOnce(Networks.mlp(33, 65, 10));
      plan.execute();
    }
    assertEquals(before, context.getRegisteredPlanIds(), "plans that have code");
  }

  private static void runOnce(BinarizedGraph graph) {
    outputs("opencl", graph, Tensor.zeros(graph.graph().inputs().getFirst().type().withBatch(1)));
  }

  private static void runAndCompare(BinarizedGraph graph) {
    Tensor input = Tensor.zeros(graph.graph().inputs().getFirst().type().withBatch(3));
    for (long i = 0; i < input.elements(); i++) {
      input.setFloat(i, (i * 37 % 101) / 101f - 0.5f);
    }
    float[] expected = outputs("reference", graph, input);
    try (Device device = Devices.open("opencl");
        Executable executable = device.compile(graph);
        Session session = executable.newSession()) {
      for (int round = 0; round < 50; round++) {
        float[] found = session.run(input).toFloats();
        for (int i = 0; i < expected.length; i++) {
          assertEquals(expected[i], found[i], 1e-3, graph.name() + " element " + i);
        }
      }
    }
  }

  /** More tasks than one TaskGraph holds. */
  @Test
  void deepNetworksAreSeveralTaskGraphs() {
    BinarizedGraph graph = chain(150, 9);
    Program program = Lowering.lower(graph, 1, true, KernelForm.SIMD);
    assertEquals(2, PlanGraph.parts(program.calls()).size());
    Tensor input = Tensor.zeros(TensorType.float32(1, 9));
    input.setFloat(4, -2.5f);
    try (Device device = Devices.open("opencl");
        Executable executable = device.compile(graph);
        Session session = executable.newSession()) {
      assertEquals(2.5f, session.run(input).getFloat(4));
    }
  }

  private static float[] outputs(String name, BinarizedGraph graph, Tensor input) {
    try (Device device = Devices.open(name);
        Executable executable = device.compile(graph);
        Session session = executable.newSession()) {
      return session.run(input).toFloats();
    }
  }
}
