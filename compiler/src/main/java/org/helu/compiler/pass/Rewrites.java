package org.helu.compiler.pass;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Op;
import org.helu.runtime.reference.ReferenceKernels;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** What passes share. */
final class Rewrites {
  private Rewrites() {}

  /** Applies {@code step} until it returns the graph it was given. */
  static Graph untilStable(Graph graph, UnaryOperator<Graph> step) {
    Graph current = graph;
    // Every rule either removes a node or moves one toward the outputs; this bound is never near.
    int limit = 64 + graph.nodes().size() * graph.nodes().size();
    for (int i = 0; i < limit; i++) {
      Graph next = step.apply(current);
      if (next == current) {
        return current;
      }
      current = next;
    }
    throw new IllegalStateException("a rewrite of '" + graph.name() + "' does not end");
  }

  /** Origins of several nodes, each once, in order. */
  static List<String> origins(Node... nodes) {
    Set<String> origins = new LinkedHashSet<>();
    for (Node node : nodes) {
      origins.addAll(node.origins());
    }
    return List.copyOf(origins);
  }

  /** {@code node} with another op and other inputs. */
  static Node with(Node node, Op op, List<String> inputs) {
    return new Node(node.name(), op, inputs, node.output(), node.origins());
  }

  /**
   * Removes {@code node}, whose readers read {@code value} instead. Outputs of the graph keep their
   * names: where {@code node} writes one, the producer of {@code value} writes it then.
   *
   * @return null where that is impossible because {@code value} is itself an input or an output
   */
  static Graph bypass(Graph graph, Node node, String value) {
    GraphBuilder builder = graph.toBuilder().remove(node);
    if (!graph.isOutput(node.output())) {
      return builder.redirect(node.output(), value).build();
    }
    Node producer = graph.producer(value);
    if (producer == null || graph.isOutput(value)) {
      return null;
    }
    Node renamed =
        new Node(
            producer.name(),
            producer.op(),
            producer.inputs(),
            node.output(),
            origins(producer, node));
    return builder.replace(producer, renamed).redirect(value, node.output()).build();
  }

  /** The graph without what nothing reads. */
  static Graph clean(Graph graph) {
    return new EliminateDeadCode().apply(graph, new PassLog());
  }

  /** A name for a changed constant: {@code w@folded}, however often it is folded. */
  static String changed(String name, String suffix) {
    int at = name.lastIndexOf(suffix);
    return (at < 0 ? name : name.substring(0, at)) + suffix;
  }

  /** Inputs of {@code node} with one more at the end. */
  static List<String> append(List<String> inputs, String value) {
    List<String> longer = new ArrayList<>(inputs);
    longer.add(value);
    return longer;
  }

  /**
   * A constant as one number per channel of the last axis: a copy of length {@code channels}, or
   * null if it varies along another axis.
   */
  static float[] perLastAxis(Tensor constant, int channels) {
    if (constant == null || constant.type().elementType() != ElementType.FLOAT32) {
      return null;
    }
    long count = constant.elements();
    if (count == 1) {
      float[] values = new float[channels];
      java.util.Arrays.fill(values, constant.getFloat(0));
      return values;
    }
    return count == channels && constant.shape().last() == channels ? constant.toFloats() : null;
  }

  /** A float32 vector. */
  static Tensor vector(float[] values) {
    return Tensor.ofFloats(Shape.of(values.length), values);
  }

  /** The constant with its axes permuted. */
  static Tensor permuted(Tensor tensor, List<Integer> perm) {
    return ReferenceKernels.evaluate(new DeviceOp.Transpose(perm), List.of(tensor));
  }

  /** The shape of a value. */
  static Shape shape(Graph graph, String value) {
    return graph.type(value).shape();
  }

  /** Whether {@code node} is a dense layer or convolution whose sum is stored as it is. */
  static boolean isBareProduct(Node node) {
    return switch (node.op()) {
      case DeviceOp.Dense dense -> !dense.residual() && dense.epilogues().isEmpty();
      case DeviceOp.Conv2d conv -> !conv.residual() && conv.epilogues().isEmpty();
      default -> false;
    };
  }

  /** Whether two values have one type but for the encoding. */
  static boolean sameShape(Graph graph, String a, String b) {
    TensorType left = graph.type(a);
    TensorType right = graph.type(b);
    return left.shape().equals(right.shape()) && left.elementType() == right.elementType();
  }
}
