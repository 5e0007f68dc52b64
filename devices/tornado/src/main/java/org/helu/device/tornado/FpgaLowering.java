package org.helu.device.tornado;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.helu.device.tornado.Lowering.Program;
import org.helu.device.tornado.fpga.FpgaKernel;
import org.helu.device.tornado.fpga.FpgaKernel.Port;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import uk.ac.manchester.tornado.api.AccessorParameters;
import uk.ac.manchester.tornado.api.common.Access;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Turns a graph into the one call of its FPGA kernel. */
final class FpgaLowering {
  private FpgaLowering() {}

  /** Device memory that a kernel's arrays take. */
  static long bytes(FpgaKernel kernel, int maxBatch) {
    return Stream.concat(kernel.inputs().stream(), kernel.outputs().stream())
        .map(port -> port.type().withBatch(maxBatch))
        .mapToLong(Buffers::bytes)
        .sum();
  }

  /**
   * @param source a file with the kernel's source, which TornadoVM wants also where it loads a
   *     bitstream
   */
  static Program lower(BinarizedGraph network, int maxBatch, FpgaKernel kernel, Path source) {
    Graph graph = network.graph();
    Buffers buffers = new Buffers(graph, maxBatch, false);
    List<TornadoNativeArray> inputs = arrays(buffers, kernel.inputs());
    for (Node node : graph.nodes()) {
      if (kernel.outputs().stream()
          .anyMatch(port -> buffers.root(port.value()).equals(node.output()))) {
        buffers.enter(node);
      }
    }
    List<TornadoNativeArray> outputs = arrays(buffers, kernel.outputs());
    List<Object> arguments = new ArrayList<>(inputs);
    arguments.addAll(outputs);
    arguments.add(buffers.batch());
    AccessorParameters accesses = new AccessorParameters(arguments.size());
    for (int i = 0; i < arguments.size(); i++) {
      boolean written = i >= inputs.size() && i < arguments.size() - 1;
      accesses.set(i, arguments.get(i), written ? Access.WRITE_ONLY : Access.READ_ONLY);
    }
    KernelCall call =
        KernelCall.ofGraph(
            graph.nodes(),
            kernel.entry(),
            arguments,
            outputs,
            (tasks, id) -> {
              // A prebuilt task without a grid is launched with one work-item.
              tasks.prebuiltTask(id, kernel.entry(), source.toString(), accesses);
            });
    return new Program(graph, List.of(call), buffers);
  }

  private static List<TornadoNativeArray> arrays(Buffers buffers, List<Port> ports) {
    return ports.stream().map(port -> buffers.array(port.value())).toList();
  }
}
