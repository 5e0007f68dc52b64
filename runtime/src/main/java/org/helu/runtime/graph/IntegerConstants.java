package org.helu.runtime.graph;

import org.helu.runtime.HeluException;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.tensor.Tensor;

/** What kernels of integer ops rely on in weights and parameters, beyond their types. */
final class IntegerConstants {
  private static final long MULTIPLIER_LIMIT = 1L << 31;
  private static final long OFFSET_LIMIT = 1L << 62;

  private IntegerConstants() {}

  /**
   * Checks one node.
   *
   * @throws HeluException if weights or parameters are computed, a sign is neither +1 nor -1,
   *     thresholds of a channel decrease, or a product could leave 64 bits
   */
  static void check(Graph graph, Node node) {
    if (!(node.op() instanceof IntegerOp op)) {
      return;
    }
    boolean weighted = !(op instanceof IntegerOp.Convert);
    if (weighted) {
      constant(graph, node, 1, "weights");
    }
    if (op.epilogues().isEmpty() || op.epilogues().getFirst().parameterType() == null) {
      return;
    }
    Tensor parameters = constant(graph, node, weighted ? 2 : 1, "parameters");
    switch (op.epilogues().getFirst()) {
      case Epilogue.Threshold _ -> thresholds(node, parameters);
      case Epilogue.Requantize _ -> {
        int columns = parameters.shape().dim(1);
        for (long i = 0; i < parameters.elements(); i++) {
          long value = parameters.getLong(i);
          long limit = i % columns == 1 ? OFFSET_LIMIT : MULTIPLIER_LIMIT;
          if (value <= -limit || value >= limit) {
            throw wrong(node, "a magnitude below " + limit, value, i);
          }
        }
      }
      default -> {}
    }
  }

  private static void thresholds(Node node, Tensor parameters) {
    int columns = parameters.shape().dim(1);
    for (long i = 0; i < parameters.elements(); i++) {
      double value = parameters.getDouble(i);
      if (i % columns == 0) {
        if (Math.abs(value) != 1) {
          throw wrong(node, "a sign of +1 or -1", value, i);
        }
      } else if (Double.isNaN(value) || (i % columns > 1 && value < parameters.getDouble(i - 1))) {
        throw wrong(node, "thresholds that do not decrease", value, i);
      }
    }
  }

  private static Tensor constant(Graph graph, Node node, int input, String what) {
    Tensor constant = graph.constant(node.input(input));
    if (constant == null) {
      throw HeluException.unsupported(
          "graph/binarized",
          node.label()
              + ": expected constant "
              + what
              + ", found computed '"
              + node.input(input)
              + "'",
          "compile the graph again");
    }
    return constant;
  }

  private static HeluException wrong(Node node, String expected, Object found, long element) {
    return HeluException.invalid(
        "graph/binarized",
        node.label() + ": expected " + expected + ", found " + found + " at element " + element,
        "compile the model again");
  }
}
