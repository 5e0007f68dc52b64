package org.helu.device.rtl;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.helu.device.rtl.design.Network;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.AbstractSession;
import org.helu.runtime.device.LayerObserver;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Quantizes on the host, streams codes through the simulated design, scales its sums on the host.
 * Runs take turns in how the streams are held back, so every comparison tests back-pressure too.
 */
final class RtlSession extends AbstractSession {
  private static final int[][] STALLS = {{0, 0}, {64, 64}, {0, 160}, {160, 0}};

  private final Graph graph;
  private final Network network;
  private final Simulator simulator;
  private int runs;

  RtlSession(BinarizedGraph graph, Network network, Simulator simulator, int maxBatch) {
    super(graph.graph(), maxBatch);
    this.graph = graph.graph();
    this.network = network;
    this.simulator = simulator;
  }

  @Override
  protected void execute(
      int batch, List<MemorySegment> inputs, List<MemorySegment> outputs, LayerObserver observer) {
    if (observer != null) {
      throw HeluException.unsupported(
          "device/rtl",
          "the values between the layers of a design stay inside",
          "compare outputs, without --layers");
    }
    TensorType type = graph.inputs().getFirst().type().withBatch(batch);
    Tensor codes = host(network.before(), new Tensor(type, inputs.getFirst()));
    int[] stalls = STALLS[runs % STALLS.length];
    Simulator.Stalls seeded = new Simulator.Stalls(stalls[0], stalls[1], ++runs);
    Tensor sums = simulator.run(codes, network.outType().withBatch(batch), seeded);
    Tensor result = host(network.behind(), sums);
    long bytes = result.type().dataBytes();
    MemorySegment.copy(result.data(), 0, outputs.getFirst(), 0, bytes);
  }

  private static Tensor host(Graph part, Tensor x) {
    return part.nodes().isEmpty() ? x : new Interpreter(part).run(List.of(x)).getFirst();
  }

  @Override
  protected void release() {
    simulator.close();
  }
}
