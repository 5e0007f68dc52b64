package org.helu.device.tornado.fpga;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.tensor.TensorType;

/**
 * A network as one OpenCL C kernel: one task, one bitstream.
 *
 * <p>Behind the four arguments that TornadoVM gives every kernel stand TornadoVM's arrays of the
 * inputs, those of the outputs, and an {@code IntArray} whose first element is the number of
 * samples to compute. An array of a value holds samples one behind the other: FLOAT32 in a {@code
 * FloatArray}, the words of BIT and INT64 in a {@code LongArray}, every other type in an {@code
 * IntArray}. All outputs of those samples are written, nothing behind them. It is launched with one
 * work-item.
 *
 * @param source OpenCL C 1.2
 * @param entry the kernel's name, which starts with {@code helu}
 * @param inputs in the order of the graph
 * @param outputs in the order of the graph
 * @param estimate what the kernel takes on chip, and its clocks; computed, not synthesized
 */
public record FpgaKernel(
    String source, String entry, List<Port> inputs, List<Port> outputs, FpgaEstimate estimate) {
  public FpgaKernel {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /**
   * An array that crosses between host and kernel.
   *
   * @param value its name in the graph
   * @param type with a symbolic batch where the graph has one
   */
  public record Port(String value, TensorType type) {}

  private static final String STAGE = "fpga/generate";

  /** Bit operations a clock that {@link #of(BinarizedGraph)} unrolls to: 256 products of int8. */
  public static final int DEFAULT_BIT_OPERATIONS = 1 << 14;

  /** As {@link #of(BinarizedGraph, int)} with {@link #DEFAULT_BIT_OPERATIONS}. */
  public static FpgaKernel of(BinarizedGraph graph) {
    return of(graph, DEFAULT_BIT_OPERATIONS);
  }

  /**
   * The kernel of a network.
   *
   * @param bitOperations a clock that all layers together may be unrolled to: bits of a code times
   *     bits of a weight, summed over the products computed at once; at least one product of each
   *     layer is
   * @throws HeluException naming every node that has no code
   */
  public static FpgaKernel of(BinarizedGraph graph, int bitOperations) {
    List<String> problems = new ArrayList<>();
    for (Node node : graph.graph().nodes()) {
      objection(graph, node).ifPresent(why -> problems.add(node.label() + ": " + why));
    }
    if (!problems.isEmpty()) {
      throw HeluException.unsupported(
          STAGE,
          "no OpenCL C of " + String.join(", ", problems),
          "compile with --mode int8, or choose another device");
    }
    long constantBits = Math.multiplyExact(graph.graph().constantBytes(), 8);
    if (constantBits > Roms.MAX_BITS) {
      throw tooLarge(graph, "constants", constantBits);
    }
    FpgaKernel kernel = new NetworkWriter(graph.graph(), bitOperations).write();
    long bits = kernel.estimate().onChipBits();
    if (bits > Roms.MAX_BITS) {
      throw tooLarge(graph, "constants and activations", bits);
    }
    return kernel;
  }

  private static HeluException tooLarge(BinarizedGraph graph, String what, long bits) {
    return HeluException.unsupported(
        STAGE,
        "'%s' has %d bits of %s, no FPGA holds more than %d on chip"
            .formatted(graph.name(), bits, what, Roms.MAX_BITS),
        "compile with --mode int8, or choose another device");
  }

  /** Why a node has no code, or empty where it has. */
  public static Optional<String> objection(BinarizedGraph graph, Node node) {
    return Support.objection(graph.graph(), node);
  }
}
