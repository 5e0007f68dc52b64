package org.helu.device.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.helu.device.testkit.Fill;
import org.helu.device.testkit.Networks;
import org.helu.device.tornado.Lowering.Program;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.Availability;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.Devices;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.RunProfile;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What goes wrong, and what others do meanwhile. */
class TornadoFaultTest {
  @BeforeEach
  void requireDevice() {
    OpenClDevice.require();
  }

  /** Reversing bits is one of the things that TornadoVM's OpenCL backend cannot compile. */
  public static void heluBroken(
      FloatArray x, FloatArray y, IntArray batch, int maxBatch, int size) {
    for (@Parallel int i = 0; i < maxBatch * size; i++) {
      y.set(i, Integer.reverse((int) x.get(i)) + batch.get(0));
    }
  }

  @Test
  void aKernelThatDoesNotCompileIsNamedWithItsNode() {
    BinarizedGraph graph = Networks.mlp(8, 8);
    Program program = Lowering.lower(graph, 1, true, KernelForm.SIMD);
    Buffers buffers = program.buffers();
    Node node = graph.graph().nodes().getFirst();
    KernelCall broken =
        new KernelCall.Factory(node)
            .of(
                "heluBroken",
                TornadoFaultTest::heluBroken,
                buffers.floats(node.input(0)),
                buffers.floats(node.output()),
                buffers.batch(),
                1,
                8);
    TornadoDevices.Hardware hardware = TornadoDevices.hardware("opencl", 0);
    long before = hardware.usedBytes().get();
    HeluException error =
        assertThrows(
            HeluException.class,
            () ->
                new DevicePlan(
                    new Program(graph.graph(), List.of(broken), buffers), hardware, false));
    String expected = "device/opencl: " + node.label() + ": kernel heluBroken does not compile: ";
    assertTrue(error.getMessage().startsWith(expected), error.getMessage());
    assertEquals(1, error.getMessage().lines().count(), error.getMessage());
    assertEquals(before, hardware.usedBytes().get());
    Neighbour.runAndCompare(2); // and the device goes on
  }

  @Test
  void twoProcessesShareTheDevice() throws Exception {
    List<Child> children = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      children.add(Child.start(Map.of(), Child.java(Child.flags(), Neighbour.class, "20")));
    }
    Neighbour.runAndCompare(20);
    for (Child child : children) {
      String output = child.await();
      assertTrue(output.contains("equal 20"), output);
    }
  }

  @Test
  void withoutItsNativeLibraryOnlyTornadoIsMissing() throws Exception {
    List<String> flags = new ArrayList<>(Child.flags());
    flags.add("-Djava.library.path=/nonexistent");
    String output = Child.start(Map.of(), Child.java(flags, Neighbour.class, "0")).await();
    assertTrue(output.contains("opencl unavailable: TornadoVM does not start: "), output);
    assertTrue(output.contains("reference runs"), output);
  }

  @Test
  void profilesNameEveryStep() {
    BinarizedGraph graph = Networks.grayCnn();
    Tensor input =
        Fill.UNIFORM.tensor(
            graph.graph().inputs().getFirst().type().withBatch(5), new SplittableRandom(3));
    try (Device device = Devices.open("opencl");
        Executable executable = device.compile(graph, new CompileOptions(2));
        Session session = executable.newSession()) {
      Tensor expected = session.run(input).copy();
      RunProfile profile = session.profileRun(List.of(input));
      List<List<String>> names =
          graph.graph().nodes().stream()
              .filter(node -> !Buffers.isAlias(graph.graph(), node))
              .map(node -> List.of(node.name()))
              .toList();
      assertEquals(names, profile.steps().stream().map(step -> step.nodes()).toList());
      assertTrue(profile.steps().stream().allMatch(step -> step.nanos() > 0), profile.toString());
      assertTrue(profile.kernelNanos() < profile.elapsedNanos(), profile.toString());
      assertTrue(profile.copyInNanos().orElse(0) > 0, profile.toString());
      assertTrue(profile.copyOutNanos().orElse(0) > 0, profile.toString());
      assertTrue(profile.dispatchNanos().isPresent(), profile.toString());
      // The times are those of this run, not of an earlier one.
      assertNotEquals(profile.steps(), session.profileRun(List.of(input)).steps());
      assertTrue(session.run(input).contentEquals(expected));
    }
  }

  /** Another process on the same device. */
  static final class Neighbour {
    private Neighbour() {}

    /** {@code Neighbour RUNS} on opencl, where it is available. */
    public static void main(String[] arguments) {
      int runs = Integer.parseInt(arguments[0]);
      if (new TornadoDeviceProvider.OpenCl().probe()
          instanceof Availability.Unavailable(String reason, String _)) {
        System.out.println("opencl unavailable: " + reason);
        run("reference", 1);
        System.out.println("reference runs");
      } else {
        runAndCompare(runs);
        System.out.println("equal " + runs);
      }
      System.exit(0);
    }

    static void runAndCompare(int runs) {
      float[] expected = run("reference", 1);
      float[] found = run("opencl", runs);
      for (int i = 0; i < expected.length; i++) {
        assertEquals(expected[i], found[i], 1e-4f);
      }
    }

    private static float[] run(String name, int runs) {
      BinarizedGraph graph = Networks.mlp(64, 128, 10);
      Tensor input =
          Fill.UNIFORM.tensor(
              graph.graph().inputs().getFirst().type().withBatch(3), new SplittableRandom(7));
      try (Device device = Devices.open(name);
          Executable executable = device.compile(graph);
          Session session = executable.newSession()) {
        float[] first = session.run(input).toFloats();
        for (int i = 1; i < runs; i++) {
          float[] again = session.run(input).toFloats();
          if (!Arrays.equals(first, again)) {
            throw new AssertionError("run " + i + " of " + name + " differs from the first");
          }
        }
        return first;
      }
    }
  }
}
