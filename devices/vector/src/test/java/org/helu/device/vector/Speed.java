package org.helu.device.vector;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.helu.device.testkit.Fill;
import org.helu.device.testkit.Networks;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.Devices;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.tensor.Tensor;

/**
 * Times the device by hand: {@code Speed [device]}, run with the test class path. Prints medians,
 * so that thresholds can be chosen; no test, since shared machines are no place for limits.
 */
final class Speed {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Speed() {}

  public static void main(String[] arguments) {
    String device = arguments.length > 0 ? arguments[0] : "vector";
    List<BinarizedGraph> graphs =
        List.of(
            Networks.mlp(64, 64, 10),
            Networks.mlp(784, 256, 256, 10),
            Networks.mlp(1024, 1024),
            Networks.grayCnn(),
            Networks.resnet8());
    for (BinarizedGraph graph : graphs) {
      for (int threads : new int[] {1, 2}) {
        for (int batch : new int[] {1, 16}) {
          time(device, graph, threads, batch);
        }
      }
    }
  }

  private static void time(String name, BinarizedGraph graph, int threads, int batch) {
    Tensor input =
        Fill.UNIFORM.tensor(
            graph.graph().inputs().getFirst().type().withBatch(batch), new SplittableRandom(1));
    try (Device device = Devices.open(name, new DeviceOptions(threads));
        Executable executable = device.compile(graph, new CompileOptions(16));
        Session session = executable.newSession()) {
      Tensor output = session.run(input).copy();
      long warmUntil = System.nanoTime() + 3_000_000_000L;
      while (System.nanoTime() < warmUntil) {
        session.run(input, output);
      }
      long[] nanos = new long[201];
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < nanos.length; i++) {
        long start = System.nanoTime();
        session.run(input, output);
        nanos[i] = System.nanoTime() - start;
      }
      long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
      Arrays.sort(nanos);
      long macs = multiplyAdds(graph) * batch;
      System.out.printf(
          "%-10s %d nodes threads %d batch %2d: median %9.1f us, best %9.1f us, %6.1f GMAC/s,"
              + " %d bytes a run%n",
          graph.name(),
          graph.graph().nodes().size(),
          threads,
          batch,
          nanos[100] / 1e3,
          nanos[0] / 1e3,
          (double) macs / nanos[0],
          bytes / nanos.length);
    }
  }

  private static long multiplyAdds(BinarizedGraph graph) {
    return graph.graph().nodes().stream()
        .filter(node -> node.op() instanceof DeviceOp.Dense || node.op() instanceof DeviceOp.Conv2d)
        .mapToLong(
            node -> {
              long weights = graph.graph().type(node.input(1)).shape().elements();
              long outputs = graph.graph().type(node.output()).shape().elementsPerSample();
              return weights / graph.graph().type(node.output()).shape().last() * outputs;
            })
        .sum();
  }
}
