package org.helu.device.tornado.fpga;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Tensor;

/** Compares what a kernel computed with the interpreter. */
final class Kernels {
  /** Reductions are summed in float, by the reference in double. */
  private static final double REDUCED = 1e-5;

  private Kernels() {}

  /** Whether there is code for every node. */
  static boolean isSupported(BinarizedGraph graph) {
    return graph.graph().nodes().stream()
        .allMatch(node -> FpgaKernel.objection(graph, node).isEmpty());
  }

  /**
   * Requires equal outputs: integers bit by bit, floats as numbers, since a kernel sums in the
   * reference's order; within a tolerance only where a reduction of floats is summed.
   */
  static void requireEqual(BinarizedGraph graph, List<Tensor> inputs, List<Tensor> actual) {
    boolean reduces =
        graph.graph().nodes().stream().anyMatch(node -> node.op() instanceof DeviceOp.Reduce);
    List<Tensor> expected = new Interpreter(graph.graph()).run(inputs);
    for (int i = 0; i < expected.size(); i++) {
      Tensor e = expected.get(i);
      Tensor a = actual.get(i);
      String where = graph.name() + ", output " + i;
      if (e.type().elementType() != ElementType.FLOAT32) {
        assertEquals(-1, e.data().mismatch(a.data()), where + ": first different byte");
        continue;
      }
      for (long k = 0; k < e.elements(); k++) {
        float number = e.getFloat(k);
        double tolerance = reduces ? REDUCED * Math.max(1, Math.abs(number)) : 0;
        double difference = Math.abs((double) number - a.getFloat(k));
        // Not >: a NaN is no small difference.
        if (!(number == a.getFloat(k) || difference <= tolerance)) {
          assertEquals(number, a.getFloat(k), where + ", element " + k);
        }
      }
    }
  }
}
