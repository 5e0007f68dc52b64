package org.helu.device.tornado;

import java.util.SplittableRandom;
import org.helu.device.testkit.Fill;
import org.helu.device.testkit.IntegerNetworks;
import org.helu.device.testkit.Networks;
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

/** A process of {@link FpgaDeviceTest}, which sees PoCL as an FPGA. What it prints is looked at. */
final class FpgaProcess {
  private FpgaProcess() {}

  /** {@code devices}, {@code build NETWORK BOARD MODE} or {@code run NETWORK}. */
  public static void main(String[] arguments) {
    try {
      switch (arguments[0]) {
        case "devices" -> devices();
        case "build" -> build(arguments[1], arguments[2], arguments[3]);
        default -> run(arguments[1]);
      }
    } catch (HeluException e) {
      System.out.println("REFUSED " + e.getMessage());
    }
    System.exit(0); // TornadoVM's threads would keep the process
  }

  static BinarizedGraph network(String name) {
    return switch (name) {
      case "layers" -> IntegerNetworks.binaryLayers(70, 33, 65, 10);
      case "mlp" -> IntegerNetworks.binaryMlp(40, 70, 33, 10);
      case "cnn" -> IntegerNetworks.binaryCnn();
      case "int8" -> IntegerNetworks.int8Cnn();
      case "float" -> Networks.mlp(8, 4);
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static void devices() {
    for (DeviceProvider provider : Devices.providers()) {
      System.out.println(
          switch (provider.probe()) {
            case Availability.Available available ->
                "DEVICE " + provider.name() + " x" + provider.count() + ": " + available;
            case Availability.Unavailable missing -> "NO " + provider.name() + ": " + missing;
          });
    }
  }

  private static void build(String network, String board, String mode) {
    AheadOfTimeCompiler.Artifact built =
        new FpgaCompiler()
            .build(
                network(network), new AheadOfTimeCompiler.Request(board, mode, null, false, null));
    System.out.println((built.found() ? "FOUND " : "BUILT ") + built.hash());
    System.out.println("VERSION " + built.version());
    System.out.println("FOLDER " + built.folder());
  }

  /** A full batch, a smaller one, and one in three parts, each bit for bit as the interpreter. */
  private static void run(String name) {
    BinarizedGraph graph = network(name);
    Interpreter interpreter = new Interpreter(graph.graph());
    SplittableRandom random = new SplittableRandom(7);
    try (Device device = Devices.open("fpga");
        Executable executable = device.compile(graph, new CompileOptions(3));
        Session session = executable.newSession()) {
      System.out.println("OPENED " + device.name() + " " + device.description());
      for (int samples : new int[] {3, 1, 8}) {
        Tensor input =
            Fill.UNIFORM.tensor(
                graph.graph().inputs().getFirst().type().withBatch(samples), random);
        Tensor expected = interpreter.run(java.util.List.of(input)).getFirst();
        boolean equal = session.run(input).contentEquals(expected);
        System.out.println((equal ? "EQUAL " : "DIFFERENT ") + samples);
      }
      System.out.println(
          "STEPS "
              + session
                  .profileRun(
                      java.util.List.of(
                          Tensor.zeros(graph.graph().inputs().getFirst().type().withBatch(1))))
                  .steps());
    }
  }
}
