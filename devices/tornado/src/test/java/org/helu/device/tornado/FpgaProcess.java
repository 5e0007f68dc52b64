package org.helu.device.tornado;

import java.util.List;
import java.util.SplittableRandom;
import org.helu.device.testkit.Fill;
import org.helu.device.testkit.IntegerNetworks;
import org.helu.device.tornado.fpga.FpgaCompiler;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.AheadOfTimeCompiler;
import org.helu.runtime.device.Availability;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceProvider;
import org.helu.runtime.device.Devices;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** A process of {@link FpgaDeviceTest} that sees PoCL as an FPGA; what it prints is looked at. */
final class FpgaProcess {
  private FpgaProcess() {}

  /**
   * Commands, one an argument: {@code devices}, {@code build NETWORK BOARD MODE}, {@code run
   * NETWORK}, {@code observe NETWORK}, {@code both NETWORK NETWORK}, {@code large NETWORK}.
   */
  public static void main(String[] commands) {
    for (String command : commands) {
      String[] words = command.split(" ");
      try {
        switch (words[0]) {
          case "devices" -> devices();
          case "build" -> build(words[1], words[2], words[3]);
          case "run" -> run(words[1]);
          case "observe" -> observe(words[1]);
          case "both" -> both(words[1], words[2]);
          case "large" -> large(words[1]);
          default -> throw new IllegalArgumentException(command);
        }
      } catch (HeluException e) {
        System.out.println("REFUSED " + e.kind() + " " + e.getMessage());
      }
    }
    System.exit(0); // TornadoVM's threads would keep the process
  }

  static BinarizedGraph network(String name) {
    return switch (name) {
      case "layers" -> IntegerNetworks.binaryLayers(70, 33, 65, 10);
      case "mlp" -> IntegerNetworks.binaryMlp(40, 70, 33, 10);
      case "cnn" -> IntegerNetworks.binaryCnn();
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static void devices() {
    for (DeviceProvider provider : Devices.providers()) {
      System.out.println(
          switch (provider.probe()) {
            case Availability.Available(String description) ->
                "DEVICE " + provider.name() + " " + provider.count() + ": " + description;
            case Availability.Unavailable(String reason, String remedy) ->
                "NONE " + provider.name() + ": " + reason + "; " + remedy;
          });
    }
  }

  private static void build(String network, String board, String mode) {
    AheadOfTimeCompiler.Artifact built =
        new FpgaCompiler()
            .build(
                network(network), new AheadOfTimeCompiler.Request(board, mode, null, false, null));
    System.out.println((built.found() ? "FOUND " : "BUILT ") + built.binary());
  }

  /** A full batch, a smaller one, and one in three parts, each bit for bit as the interpreter. */
  private static void run(String name) {
    BinarizedGraph graph = network(name);
    try (Device device = Devices.open("fpga");
        Executable executable = device.compile(graph, new CompileOptions(3));
        Session session = executable.newSession()) {
      System.out.println("OPENED " + device.name() + " " + device.description());
      for (int samples : new int[] {3, 1, 8}) {
        compare(graph, session, samples);
      }
      List<Tensor> one = List.of(Tensor.zeros(type(graph).withBatch(1)));
      System.out.println("STEPS " + session.profileRun(one).steps().size());
    }
  }

  /** The first network runs on when the second one was closed. */
  private static void both(String first, String second) {
    BinarizedGraph graph = network(first);
    try (Device device = Devices.open("fpga");
        Executable executable = device.compile(graph);
        Session session = executable.newSession()) {
      compare(graph, session, 2);
      run(second);
      compare(graph, session, 2);
    }
  }

  private static void observe(String name) {
    BinarizedGraph graph = network(name);
    try (Device device = Devices.open("fpga");
        Executable executable = device.compile(graph);
        Session session = executable.newSession()) {
      session.run(List.of(Tensor.zeros(type(graph).withBatch(1))), (_, _) -> {});
    }
  }

  private static void large(String name) {
    try (Device device = Devices.open("fpga")) {
      device.compile(network(name), new CompileOptions(1 << 20)).close();
      System.out.println("COMPILED " + name);
    }
  }

  private static void compare(BinarizedGraph graph, Session session, int samples) {
    SplittableRandom random = new SplittableRandom(samples);
    Tensor input = Fill.UNIFORM.tensor(type(graph).withBatch(samples), random);
    Tensor expected = new Interpreter(graph.graph()).run(List.of(input)).getFirst();
    boolean equal = session.run(input).contentEquals(expected);
    System.out.println((equal ? "EQUAL " : "DIFFERENT ") + graph.name() + " " + samples);
  }

  private static TensorType type(BinarizedGraph graph) {
    return graph.graph().inputs().getFirst().type();
  }
}
