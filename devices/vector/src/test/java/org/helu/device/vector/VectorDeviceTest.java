package org.helu.device.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.helu.device.testkit.Fill;
import org.helu.device.testkit.Networks;
import org.helu.device.vector.kernel.Simd;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.Availability;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.Devices;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.plan.MemoryPlan;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.Test;

/** What the vector device does beyond the contract. */
class VectorDeviceTest {
  @Test
  void isPreferredAndTellsItsVectorWidth() {
    assertEquals("vector", Devices.providers().getFirst().name());
    Availability availability = new VectorDeviceProvider().probe();
    String text = assertInstanceOf(Availability.Available.class, availability).description();
    assertTrue(text.contains(Simd.LANES * 32 + "-bit"), text);
  }

  @Test
  void forcedWidthIsUsed() {
    String forced = System.getProperty(Simd.WIDTH_PROPERTY);
    if (forced != null) {
      assertEquals(Integer.parseInt(forced), Simd.LANES * 32);
    }
    assertTrue(Simd.LANES >= 4);
  }

  @Test
  void sessionMemoryIsThePlannedArenaAndItsInputs() {
    // Two activations are alive at a time, however deep the network is.
    long shallow = sessionBytes(Networks.mlp(1024, 1024, 1024, 10));
    assertEquals(shallow, sessionBytes(Networks.mlp(1024, 1024, 1024, 1024, 1024, 1024, 10)));
    BinarizedGraph graph = Networks.mlp(1024, 1024, 1024, 10);
    long planned = MemoryPlan.of(graph, 1).peakBytes() + 1024 * 4;
    assertTrue(shallow >= planned, shallow + " bytes");
    // Beside them one list of open gates, and scratch for a tile of sums.
    assertTrue(shallow <= planned + 1025 * 4 + 8192, shallow + " bytes, planned " + planned);
  }

  private static long sessionBytes(BinarizedGraph graph) {
    try (Device device = Devices.open("vector", new DeviceOptions(1));
        Executable executable = device.compile(graph, new CompileOptions(1))) {
      return executable.sessionBytes();
    }
  }

  /** Prints what a JVM finds that was started with other flags. */
  static final class Probe {
    private Probe() {}

    public static void main(String[] arguments) {
      System.out.println(new VectorDeviceProvider().probe());
    }
  }

  private static String probeWith(String... flags) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of(flags));
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Probe.class.getName());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output;
  }

  @Test
  void withoutItsModuleItIsUnavailableWithARemedy() throws Exception {
    String output = probeWith();
    assertTrue(output.contains("Unavailable"), output);
    assertTrue(output.contains("--add-modules jdk.incubator.vector"), output);
  }

  @Test
  void anImpossibleWidthIsReportedNotThrown() throws Exception {
    String output =
        probeWith("--add-modules", "jdk.incubator.vector", "-D" + Simd.WIDTH_PROPERTY + "=100");
    assertTrue(output.contains("Unavailable"), output);
    assertTrue(output.contains("must be 128, 256 or 512, found '100'"), output);
  }

  @Test
  void anImpossibleFormOfMultiplyAddIsReportedNotThrown() throws Exception {
    String output =
        probeWith("--add-modules", "jdk.incubator.vector", "-D" + Simd.FMA_PROPERTY + "=maybe");
    assertTrue(output.contains("Unavailable"), output);
    assertTrue(output.contains("must be true or false, found 'maybe'"), output);
  }

  @Test
  void anImpossibleFormOfPopcountIsReportedNotThrown() throws Exception {
    String output =
        probeWith("--add-modules", "jdk.incubator.vector", "-D" + Simd.POPCOUNT_PROPERTY + "=2");
    assertTrue(output.contains("Unavailable"), output);
    assertTrue(output.contains("must be true or false, found '2'"), output);
  }

  @Test
  void tellsWhereFusedMultiplyAddIsMissing() throws Exception {
    String missing = "without fused multiply-add";
    String forced =
        probeWith("--add-modules", "jdk.incubator.vector", "-D" + Simd.FMA_PROPERTY + "=false");
    assertTrue(forced.contains(missing), forced);
    // Other processors have no such option, and always have the instruction.
    String found =
        probeWith(
            "-XX:+IgnoreUnrecognizedVMOptions",
            "-XX:UseAVX=0",
            "--add-modules",
            "jdk.incubator.vector");
    boolean x86 = System.getProperty("os.arch").matches("amd64|x86_64");
    assertEquals(x86, found.contains(missing), found);
  }

  @Test
  void refusesWhatDoesNotFitMemoryWithTheNumbers() {
    BinarizedGraph graph = pointwise(1 << 20, 1 << 20);
    try (Device device = Devices.open("vector")) {
      HeluException refusal =
          assertThrows(HeluException.class, () -> device.compile(graph, new CompileOptions(1)));
      assertEquals(HeluException.Kind.DEVICE_UNAVAILABLE, refusal.kind());
      assertTrue(refusal.getMessage().contains("this machine has"), refusal.getMessage());
      device.compile(pointwise(1 << 20), new CompileOptions(1)).close();
    }
  }

  @Test
  void largeBatchesRunInPassesThatStayInTheCache() {
    BinarizedGraph graph = pointwise(1000);
    int batch = 10_000;
    Tensor input = Fill.UNIFORM.tensor(TensorType.float32(batch, 1000), new SplittableRandom(7));
    try (Device device = Devices.open("vector");
        Executable executable = device.compile(graph, new CompileOptions(batch));
        Session session = executable.newSession()) {
      assertTrue(executable.sessionBytes() < input.data().byteSize(), "memory of a pass");
      Tensor output = session.run(input);
      for (long i = 0; i < output.elements(); i++) {
        assertEquals(-input.getFloat(i), output.getFloat(i));
      }
    }
  }

  @Test
  void refusesWhatCannotBeCounted() {
    BinarizedGraph graph = pointwise(Integer.MAX_VALUE);
    try (Device device = Devices.open("vector")) {
      assertThrows(HeluException.class, () -> device.compile(graph, new CompileOptions(1 << 20)));
    }
  }

  /** Others may take the square root of such sums. */
  @Test
  void aConvolutionOfOneSignGivesNoNumberOfTheOther() {
    SplittableRandom random = new SplittableRandom(3);
    Tensor weight = Fill.UNIFORM.tensor(TensorType.float32(16, 3, 3, 16), random);
    for (long i = 0; i < weight.elements(); i++) {
      weight.setFloat(i, Math.abs(weight.getFloat(i)));
    }
    GraphBuilder builder = new GraphBuilder("blur");
    builder.input(new GraphInput("x", TensorType.float32(Shape.BATCH, 12, 12, 16)));
    Window same = new Window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1);
    builder.output(
        builder.add(
            new DeviceOp.Conv2d(same, 1, false, false, List.of()),
            "y",
            "x",
            builder.freshConstant("w", weight)));
    Tensor input = Fill.SPARSE.tensor(TensorType.float32(2, 12, 12, 16), random);
    for (long i = 0; i < input.elements(); i++) {
      input.setFloat(i, i / 16 % 12 < 5 ? 0 : Math.abs(input.getFloat(i)) * 1e6f);
    }
    try (Device device = Devices.open("vector");
        Executable executable =
            device.compile(
                new BinarizedGraph(builder.build(), Provenance.NONE), new CompileOptions(2));
        Session session = executable.newSession()) {
      Tensor output = session.run(input);
      for (long i = 0; i < output.elements(); i++) {
        assertTrue(output.getFloat(i) >= 0, "at " + i + " " + output.getFloat(i));
        assertTrue(i / 16 % 12 >= 4 || output.getFloat(i) == 0, "all inputs are 0 at " + i);
      }
    }
  }

  private static BinarizedGraph pointwise(int... size) {
    int[] dims = new int[size.length + 1];
    dims[0] = Shape.BATCH;
    System.arraycopy(size, 0, dims, 1, size.length);
    GraphBuilder builder = new GraphBuilder("wide");
    builder.input(new GraphInput("x", TensorType.float32(dims)));
    builder.output(builder.add(new DeviceOp.Unary(UnaryKind.NEG), "y", "x"));
    return new BinarizedGraph(builder.build(), Provenance.NONE);
  }

  @Test
  void refusesWeightsThatAreComputed() {
    GraphBuilder builder = new GraphBuilder("computed weight");
    builder.input(new GraphInput("x", TensorType.float32(3, 4)));
    builder.input(new GraphInput("w", TensorType.float32(5, 4)));
    builder.output(builder.add(new DeviceOp.Dense(false, false, List.of()), "fc", "x", "w"));
    BinarizedGraph graph = new BinarizedGraph(builder.build(), Provenance.NONE);
    try (Device device = Devices.open("vector")) {
      HeluException refusal = assertThrows(HeluException.class, () -> device.compile(graph));
      assertTrue(refusal.getMessage().contains("node 'fc' (Dense)"), refusal.getMessage());
    }
  }

  @Test
  void skippingZerosChangesNoBit() {
    // A row of zeros but for one element is skipped over; among dense rows it is not.
    BinarizedGraph graph = Networks.mlp(300, 200, 10);
    Tensor sparse = Tensor.zeros(TensorType.float32(1, 300));
    sparse.setFloat(17, 2.5f);
    sparse.setFloat(299, -1f);
    Tensor mixed = Fill.ONES.tensor(TensorType.float32(16, 300), new SplittableRandom(1));
    for (int i = 0; i < 300; i++) {
      mixed.setFloat(9 * 300 + i, sparse.getFloat(i));
    }
    try (Device device = Devices.open("vector");
        Executable executable = device.compile(graph);
        Session session = executable.newSession()) {
      float[] alone = session.run(sparse).toFloats();
      float[] among = session.run(mixed).toFloats();
      for (int i = 0; i < 10; i++) {
        assertEquals(among[90 + i], alone[i], "logit " + i);
      }
    }
  }

  @Test
  void everyThreadCountGivesTheSameBytes() {
    BinarizedGraph graph = Networks.resnet8();
    Tensor input = Fill.UNIFORM.tensor(TensorType.float32(5, 3, 32, 32), new SplittableRandom(3));
    float[] expected = null;
    for (int threads : new int[] {1, 2, 3, 7, 17}) {
      try (Device device = Devices.open("vector", new DeviceOptions(threads));
          Executable executable = device.compile(graph);
          Session session = executable.newSession()) {
        float[] found = session.run(input).toFloats();
        expected = expected == null ? found : expected;
        org.junit.jupiter.api.Assertions.assertArrayEquals(expected, found, threads + " threads");
      }
    }
  }

  @Test
  void runsOnOneThreadAfterItsDeviceWasClosed() {
    BinarizedGraph graph = Networks.grayCnn();
    Tensor input = Fill.UNIFORM.tensor(TensorType.float32(2, 28, 28, 1), new SplittableRandom(3));
    Device device = Devices.open("vector", new DeviceOptions(2));
    try (Executable executable = device.compile(graph);
        Session session = executable.newSession()) {
      Tensor before = session.run(input).copy();
      device.close();
      assertTrue(before.contentEquals(session.run(input)));
    }
  }

  @Test
  void usingAClosedExecutableIsAnErrorNotACrash() {
    BinarizedGraph graph = Networks.mlp(8, 4);
    try (Device device = Devices.open("vector")) {
      Executable executable = device.compile(graph);
      Session session = executable.newSession();
      executable.close();
      Tensor input = Tensor.zeros(TensorType.float32(1, 8));
      assertThrows(IllegalStateException.class, () -> session.run(input));
      session.close();
      assertFalse(Thread.currentThread().isInterrupted());
    }
  }

  @Test
  void aFailingPartReachesTheCallerAndThePoolGoesOn() {
    // 16 threads have 32 parts, a bit each; more are counted.
    for (int threads : new int[] {2, 3, 16, 17}) {
      try (WorkerPool pool = new WorkerPool(threads)) {
        assertTrue(pool.tryAcquire());
        assertFalse(pool.tryAcquire());
        int[] runs = new int[pool.parts()];
        Step failing = new CountingStep(runs, pool.parts() - 1);
        assertThrows(IllegalStateException.class, () -> pool.run(failing, null, 0));
        Step working = new CountingStep(runs, -1);
        for (int i = 0; i < 300; i++) {
          pool.run(working, null, 0);
        }
        pool.release();
        for (int count : runs) {
          assertEquals(301, count, threads + " threads");
        }
      }
    }
  }

  /** Counts how often each part runs; one part fails. */
  private static final class CountingStep extends Step {
    private final int[] runs;
    private final int failing;

    private CountingStep(int[] runs, int failing) {
      this.runs = runs;
      this.failing = failing;
    }

    @Override
    long work(int batch) {
      return Long.MAX_VALUE;
    }

    @Override
    void run(Frame frame, int phase, int part, int parts) {
      runs[part]++;
      if (part == failing) {
        throw new IllegalArgumentException("part " + part);
      }
    }
  }
}
