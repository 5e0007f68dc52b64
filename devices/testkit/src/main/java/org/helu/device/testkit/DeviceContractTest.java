package org.helu.device.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.helu.device.testkit.OpCase.Trial;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.Availability;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.DeviceProvider;
import org.helu.runtime.device.Devices;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What every device must do. A device's test module subclasses this and names its provider.
 *
 * <p>Where the device is not available here, every test is skipped with the reason; {@code
 * -Dhelu.requireDevice=NAME} (several by commas) turns that into a failure.
 */
public abstract class DeviceContractTest {
  private static final int RANDOM_GRAPHS = 50;

  /** The provider's name, such as {@code vector}. */
  protected abstract String deviceName();

  /** Whether a warm run allocates nothing; devices for debugging may say no. */
  protected boolean runsWithoutAllocation() {
    return true;
  }

  /** Why it is not looked at in this JVM whether a warm run allocates, or empty where it is. */
  protected java.util.Optional<String> reasonNotToCheckAllocation() {
    return runsWithoutAllocation()
        ? java.util.Optional.empty()
        : java.util.Optional.of(deviceName() + " allocates by design");
  }

  /**
   * Whether {@link DeviceOptions#threads} means anything to the device; what runs on one and on two
   * threads is else compiled twice on one device, which may keep it.
   */
  protected boolean hasThreads() {
    return true;
  }

  /** Whether {@code threadName} is one of the device's own threads. */
  protected boolean isDeviceThread(String threadName) {
    return threadName.startsWith("helu-");
  }

  /**
   * Runs every n-th of the integer cases: devices that take a second to compile one may leave cases
   * out by default, and say so; {@code -Dhelu.contractStride=1} runs all.
   */
  protected int integerCaseStride() {
    return 1;
  }

  /**
   * As {@link #integerCaseStride}, of the cases of float ops other than Dense, Conv2d and
   * BatchMatMul that differ from another in their sizes only.
   */
  protected int sizeCaseStride() {
    return 1;
  }

  /**
   * As {@link #integerCaseStride}: of the op cases that run, those that an observer looks at too,
   * and that are compiled for each largest batch they name; the others are compiled once and run
   * all their trials, those of large batches in parts.
   */
  protected int wholeCaseStride() {
    return 1;
  }

  /** As {@link #integerCaseStride}, of the random graphs. */
  protected int randomGraphStride() {
    return 1;
  }

  private LongStream randomSeeds() {
    int stride = stride(randomGraphStride(), "random graphs");
    return LongStream.range(0, RANDOM_GRAPHS).filter(seed -> seed % stride == 0);
  }

  private int stride(int byDefault, String what) {
    int stride = Integer.getInteger("helu.contractStride", byDefault);
    if (stride > 1) {
      System.out.printf(
          "%s: one in %d of the contract's %s; -Dhelu.contractStride=1 runs all%n",
          deviceName(), stride, what);
    }
    return stride;
  }

  /** Opens the device under test. */
  protected Device open(DeviceOptions options) {
    return Devices.open(deviceName(), options);
  }

  private Device open() {
    return open(DeviceOptions.DEFAULT);
  }

  @BeforeEach
  void requireDevice() {
    DeviceProvider provider = provider();
    assertNotNull(provider, "no provider '" + deviceName() + "' on the class path");
    if (provider.probe() instanceof Availability.Unavailable(String reason, String remedy)) {
      String message = "device '" + deviceName() + "' is unavailable: " + reason + "; " + remedy;
      String required = System.getProperty("helu.requireDevice", "");
      if (Arrays.asList(required.split(",")).contains(deviceName())) {
        fail(message);
      }
      Assumptions.abort(message);
    }
  }

  private DeviceProvider provider() {
    return Devices.providers().stream()
        .filter(candidate -> candidate.name().equals(deviceName()))
        .findFirst()
        .orElse(null);
  }

  @TestFactory
  Stream<DynamicTest> opCases() {
    requireDevice();
    List<OpCase> cases =
        OpCases.some(
            stride(sizeCaseStride(), "cases of a float op in another size"),
            stride(integerCaseStride(), "integer cases"));
    int whole = stride(wholeCaseStride(), "op cases in front of an observer");
    return IntStream.range(0, cases.size())
        .mapToObj(
            i -> {
              OpCase opCase = cases.get(i);
              return DynamicTest.dynamicTest(opCase.name(), () -> run(opCase, i % whole == 0));
            });
  }

  private void run(OpCase opCase, boolean whole) {
    BinarizedGraph graph = opCase.graph();
    Node node = graph.graph().nodes().getFirst();
    try (Device device = open()) {
      if (!device.supports(graph, node)) {
        HeluException refusal = assertThrows(HeluException.class, () -> device.compile(graph));
        assertTrue(refusal.getMessage().contains(node.label()), refusal.getMessage());
        Assumptions.abort(deviceName() + " does not run " + node.label());
      }
      List<Trial> trials = opCase.trials();
      long batches = whole ? trials.size() : 1;
      for (int maxBatch :
          trials.stream().mapToInt(Trial::maxBatch).distinct().limit(batches).toArray()) {
        try (Executable executable = device.compile(graph, new CompileOptions(maxBatch))) {
          for (Trial trial : trials) {
            if (trial.maxBatch() == maxBatch || !whole) {
              runTrial(opCase, trial, executable, whole);
            }
          }
        }
      }
    }
  }

  private static void runTrial(
      OpCase opCase, Trial trial, Executable executable, boolean isObserved) {
    BinarizedGraph graph = opCase.graph();
    Node node = graph.graph().nodes().getFirst();
    String where = opCase.name() + ", " + trial + ", seed " + opCase.seed(trial);
    List<Tensor> inputs = opCase.inputs(trial);
    boolean symbolic = graph.graph().type(node.output()).shape().isBatched();
    try (Session session = executable.newSession()) {
      Tensor output = session.run(inputs).getFirst().copy();
      int parts = symbolic ? 1 : trial.batch();
      for (int part = 0; part < parts; part++) {
        List<Tensor> operands = operands(graph, Parts.part(inputs, part, parts));
        DeviceOp op = (DeviceOp) node.op().withBatch(trial.batch());
        NodeCheck.check(where, op, operands, Parts.part(output, part, parts));
      }
      boolean fits = symbolic ? trial.batch() <= trial.maxBatch() : trial.batch() == 1;
      if (isObserved && fits) {
        List<Tensor> observed = LayerCheck.run(where, graph, session, inputs, trial.batch());
        LayerCheck.requireSameElements(where + " observed", output, observed.getFirst());
      }
    }
  }

  private static List<Tensor> operands(BinarizedGraph graph, List<Tensor> inputs) {
    List<Tensor> operands = new ArrayList<>();
    int next = 0;
    for (String value : graph.graph().nodes().getFirst().inputs()) {
      Tensor constant = graph.graph().constant(value);
      operands.add(constant != null ? constant : inputs.get(next++));
    }
    return operands;
  }

  @TestFactory
  Stream<DynamicTest> randomGraphs() {
    requireDevice();
    return randomSeeds()
        .mapToObj(
            seed ->
                DynamicTest.dynamicTest(
                    "random graph, seed " + seed,
                    () -> runRandomGraph(RandomGraphs.of(seed), seed)));
  }

  @TestFactory
  Stream<DynamicTest> randomIntegerGraphs() {
    requireDevice();
    return randomSeeds()
        .mapToObj(
            seed ->
                DynamicTest.dynamicTest(
                    "random integer graph, seed " + seed,
                    () -> {
                      BinarizedGraph graph = IntegerNetworks.random(seed);
                      assumeSupported(graph);
                      runRandomGraph(graph, seed);
                    }));
  }

  /** Skips a test, visibly, where the device lacks ops that it needs. */
  private void assumeSupported(BinarizedGraph graph) {
    try (Device device = open()) {
      for (Node node : graph.graph().nodes()) {
        Assumptions.assumeTrue(
            device.supports(graph, node), () -> deviceName() + " does not run " + node.label());
      }
    }
  }

  private void runRandomGraph(BinarizedGraph graph, long seed) {
    String where = "random graph, seed " + seed + "\n" + graph.graph();
    checkWhole(where, graph, seed, 1, 5);
  }

  @Test
  void sampleShapedNetworks() {
    for (BinarizedGraph graph :
        List.of(Networks.mlp(784, 256, 256, 10), Networks.grayCnn(), Networks.resnet8())) {
      checkWhole(graph.name(), graph, 1, 2);
    }
  }

  @TestFactory
  Stream<DynamicTest> integerNetworks() {
    requireDevice();
    return IntegerNetworks.all().stream()
        .map(
            graph ->
                DynamicTest.dynamicTest(
                    graph.name(),
                    () -> {
                      assumeSupported(graph);
                      checkWhole(graph.name(), graph, 1, 3);
                    }));
  }

  @TestFactory
  Stream<DynamicTest> warmIntegerRunAllocatesNothing() {
    requireDevice();
    reasonNotToCheckAllocation().ifPresent(Assumptions::abort);
    return IntegerNetworks.all().stream()
        .map(
            graph ->
                DynamicTest.dynamicTest(
                    graph.name(),
                    () -> {
                      assumeSupported(graph);
                      for (int threads : new int[] {1, 2}) {
                        requireNoAllocation(graph, threads, 1);
                        requireNoAllocation(graph, threads, 4);
                      }
                    }));
  }

  /** Layer by layer, then again unobserved, in parts, and on two threads; each batch so. */
  private void checkWhole(String where, BinarizedGraph graph, long seed, int... batches) {
    try (Device device = open(new DeviceOptions(1));
        Device threads = hasThreads() ? open(new DeviceOptions(2)) : device;
        Executable executable = device.compile(graph);
        Executable threaded = threads.compile(graph);
        Session session = executable.newSession();
        Session threadedSession = threaded.newSession()) {
      for (int batch : batches) {
        List<Tensor> inputs = OpCase.inputs(graph, Fill.UNIFORM, batch, seed);
        Tensor layered = LayerCheck.run(where, graph, session, inputs, batch).getFirst();
        Tensor plain = session.run(inputs).getFirst();
        LayerCheck.requireSameElements(where + " unobserved", layered, plain);
        Tensor parallel = threadedSession.run(inputs).getFirst();
        LayerCheck.requireSameElements(where + " two threads", layered, parallel);
      }
    }
  }

  @Test
  void sameInputTwiceGivesTheSameBytes() {
    BinarizedGraph graph = Networks.grayCnn();
    List<Tensor> inputs = OpCase.inputs(graph, Fill.UNIFORM, 3, 11);
    List<Tensor> others = OpCase.inputs(graph, Fill.ONES, 3, 12);
    try (Device device = open();
        Executable executable = device.compile(graph);
        Session session = executable.newSession()) {
      Tensor first = session.run(inputs).getFirst().copy();
      session.run(others);
      LayerCheck.requireSameElements("second run", first, session.run(inputs).getFirst());
      Tensor own = Tensor.zeros(first.type());
      session.run(inputs.getFirst(), own);
      LayerCheck.requireSameElements("run into a tensor", first, own);
      Tensor heap =
          new Tensor(
              inputs.getFirst().type(),
              java.lang.foreign.MemorySegment.ofArray(inputs.getFirst().toFloats()));
      LayerCheck.requireSameElements("input on the heap", first, session.run(heap));
    }
  }

  @Test
  void everyBatchSizeIsRunInParts() {
    BinarizedGraph graph = Networks.mlp(33, 65, 10);
    try (Device device = open();
        Executable executable = device.compile(graph, new CompileOptions(4));
        Session session = executable.newSession()) {
      List<Tensor> all = OpCase.inputs(graph, Fill.UNIFORM, 11, 5);
      float[] values = all.getFirst().toFloats();
      float[] expected =
          new org.helu.runtime.reference.Interpreter(graph.graph()).run(all).getFirst().toFloats();
      for (int batch = 1; batch <= 11; batch++) {
        Tensor input =
            Tensor.ofFloats(
                org.helu.runtime.tensor.Shape.of(batch, 33), Arrays.copyOf(values, batch * 33));
        Tensor output = session.run(input);
        assertEquals(TensorType.float32(batch, 10), output.type());
        for (int i = 0; i < batch * 10; i++) {
          assertEquals(expected[i], output.getFloat(i), 1e-4, "batch " + batch + " element " + i);
        }
      }
    }
  }

  @Test
  void sessionsOfSeveralThreadsAgree() throws Exception {
    BinarizedGraph graph = Networks.grayCnn();
    List<List<Tensor>> inputs = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      inputs.add(OpCase.inputs(graph, Fill.UNIFORM, 1 + i, 100 + i));
    }
    try (Device device = open(new DeviceOptions(2));
        Executable executable = device.compile(graph);
        ExecutorService pool = Executors.newFixedThreadPool(4)) {
      List<Tensor> expected = new ArrayList<>();
      try (Session session = executable.newSession()) {
        inputs.forEach(input -> expected.add(session.run(input).getFirst().copy()));
      }
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        int own = thread;
        tasks.add(
            () -> {
              try (Session session = executable.newSession()) {
                for (int round = 0; round < 20; round++) {
                  int which = (own + round) % 4;
                  LayerCheck.requireSameElements(
                      "thread " + own + " round " + round,
                      expected.get(which),
                      session.run(inputs.get(which)).getFirst());
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
  void warmRunAllocatesNothing() {
    reasonNotToCheckAllocation().ifPresent(Assumptions::abort);
    for (BinarizedGraph graph :
        List.of(Networks.mlp(784, 256, 256, 10), Networks.grayCnn(), Networks.resnet8())) {
      for (int threads : new int[] {1, 2}) {
        for (int batch : new int[] {1, 4}) {
          requireNoAllocation(graph, threads, batch);
        }
      }
    }
  }

  private void requireNoAllocation(BinarizedGraph graph, int threads, int batch) {
    Tensor input = OpCase.inputs(graph, Fill.UNIFORM, batch, 3).getFirst();
    try (Device device = open(new DeviceOptions(threads));
        Executable executable = device.compile(graph, new CompileOptions(4));
        Session session = executable.newSession()) {
      Tensor output = session.run(input).copy();
      List<Tensor> inputs = List.of(input);
      Runnable allForms =
          () -> {
            session.run(input, output);
            session.run(input);
            session.run(inputs);
          };
      long bytes = Allocations.perWindow(allForms, this::isDeviceThread);
      assertEquals(
          0,
          bytes,
          graph.name() + ", " + threads + " threads, batch " + batch + ": bytes a window");
    }
  }

  @Test
  void wrongInputsAreRefused() {
    BinarizedGraph graph = Networks.mlp(33, 17, 10);
    try (Device device = open();
        Executable executable = device.compile(graph);
        Session session = executable.newSession()) {
      Tensor tooWide = Tensor.zeros(TensorType.float32(1, 34));
      assertThrows(HeluException.class, () -> session.run(tooWide));
      Tensor rank = Tensor.zeros(TensorType.float32(33));
      assertThrows(HeluException.class, () -> session.run(rank));
      TensorType integers = new TensorType(ElementType.INT32, rank.shape());
      assertThrows(HeluException.class, () -> session.run(Tensor.zeros(integers)));
      assertThrows(HeluException.class, () -> session.run(List.of()));
      Tensor input = Tensor.zeros(TensorType.float32(2, 33));
      Tensor small = Tensor.zeros(TensorType.float32(1, 10));
      assertThrows(HeluException.class, () -> session.run(input, small));
      assertEquals(TensorType.float32(2, 10), session.run(input).type());
    }
  }

  @Test
  void closingTwiceIsHarmlessAndRunningAfterwardsIsAnError() {
    BinarizedGraph graph = Networks.mlp(8, 4);
    Device device = open();
    Executable executable = device.compile(graph);
    Session session = executable.newSession();
    Tensor input = Tensor.zeros(TensorType.float32(1, 8));
    session.run(input);
    session.close();
    session.close();
    RuntimeException error = assertThrows(RuntimeException.class, () -> session.run(input));
    assertTrue(
        error instanceof IllegalStateException || error instanceof HeluException,
        () -> "expected a clear error, found " + error);
    assertTrue(error.getMessage().contains("closed"), error.getMessage());
    executable.close();
    executable.close();
    RuntimeException late = assertThrows(RuntimeException.class, executable::newSession);
    assertTrue(late.getMessage().contains("closed"), late.getMessage());
    device.close();
    device.close();
  }

  @Test
  void describesItselfAndItsMemory() {
    BinarizedGraph graph = Networks.grayCnn();
    DeviceProvider provider = provider();
    assertInstanceOf(Availability.Available.class, provider.probe());
    try (Device device = open();
        Executable executable = device.compile(graph)) {
      assertEquals(deviceName(), device.name());
      assertTrue(!device.description().isBlank() && device.description().lines().count() == 1);
      assertEquals(graph, executable.graph());
      // The larger of the first two layers' outputs must fit; the weights cannot be dropped.
      assertTrue(executable.sessionBytes() >= 28 * 28 * 32 * 4, "session bytes");
      assertTrue(executable.weightBytes() >= graph.graph().constantBytes(), "weight bytes");
    }
  }
}
