package org.helu.compiler.lowbit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.reference.ReferenceKernels;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/** What of a graph does not depend on its inputs: quantized weights and biases, scales. */
final class Constants {
  private final Graph graph;
  private final Set<String> known = new HashSet<>();
  private final Map<String, Tensor> evaluated = new HashMap<>();

  Constants(Graph graph) {
    this.graph = graph;
    known.addAll(graph.constants().keySet());
    for (Node node : graph.nodes()) {
      if (!node.inputs().isEmpty() && known.containsAll(node.inputs())) {
        known.add(node.output());
      }
    }
  }

  boolean isConstant(String value) {
    return known.contains(value);
  }

  /** The value's elements as the reference kernels give them, or null where it is computed. */
  Tensor tensor(String value) {
    if (!known.contains(value)) {
      return null;
    }
    Tensor stored = graph.constant(value);
    return stored != null ? stored : evaluate(value);
  }

  /** Evaluates in graph order, so that long chains need no deep stack. */
  private Tensor evaluate(String value) {
    if (evaluated.containsKey(value)) {
      return evaluated.get(value);
    }
    Set<String> needed = new HashSet<>(Set.of(value));
    List<Node> path = new ArrayList<>();
    for (Node node : graph.nodes().reversed()) {
      if (needed.contains(node.output()) && !evaluated.containsKey(node.output())) {
        needed.addAll(node.inputs());
        path.add(node);
      }
    }
    for (Node node : path.reversed()) {
      List<Tensor> operands = new ArrayList<>();
      for (String input : node.inputs()) {
        Tensor stored = graph.constant(input);
        operands.add(stored != null ? stored : evaluated.get(input));
      }
      evaluated.put(node.output(), ReferenceKernels.evaluate(node.op(), operands));
    }
    return evaluated.get(value);
  }

  /** The value's elements in double: a dequantized constant is not rounded to float32. */
  double[] doubles(String value) {
    Node node = graph.producer(value);
    if (node != null && node.op() instanceof FloatOp.Dequantize dequantize) {
      Tensor codes = tensor(node.input(0));
      PerChannel scale = perChannel(node.input(1));
      PerChannel zero = perChannel(node.input(2));
      int inner = inner(codes.shape(), dequantize.axis(), scale);
      double[] values = new double[Math.toIntExact(codes.elements())];
      for (int i = 0; i < values.length; i++) {
        int c = i / inner % scale.values().length;
        values[i] = (codes.getLong(i) - zero.at(c)) * scale.at(c);
      }
      return values;
    }
    Tensor tensor = tensor(value);
    double[] values = new double[Math.toIntExact(tensor.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.getDouble(i);
    }
    return values;
  }

  private static int inner(Shape shape, int axis, PerChannel scale) {
    if (scale.values().length == 1) {
      return 1;
    }
    int inner = 1;
    for (int a = (axis < 0 ? axis + shape.rank() : axis) + 1; a < shape.rank(); a++) {
      inner *= shape.dim(a);
    }
    return inner;
  }

  /** A scalar or vector constant. */
  PerChannel perChannel(String value) {
    return new PerChannel(doubles(value));
  }

  /**
   * A constant that is broadcast to {@code shape} as one number, or one per channel of {@code
   * axis}; null where it is computed or varies along another axis.
   */
  PerChannel along(String value, Shape shape, int axis) {
    if (!isConstant(value)) {
      return null;
    }
    Shape own = graph.type(value).shape();
    if (own.rank() > shape.rank() || own.elements() == 0) {
      return null;
    }
    for (int i = 0; i < own.rank(); i++) {
      int at = i + shape.rank() - own.rank();
      if (own.dim(i) != 1 && (at != axis || own.dim(i) != shape.dim(axis))) {
        return null;
      }
    }
    return perChannel(value);
  }
}
