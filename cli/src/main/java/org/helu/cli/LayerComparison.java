package org.helu.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.reference.ReferenceKernels;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/**
 * The values inside a compiled network beside those of the model it came from, matched by name,
 * beside those of that model compiled again, or beside what the reference kernels make of each
 * layer's own operands. Passes keep a value's name; the layout pass calls the NHWC form of {@code
 * v} {@code v@nhwc}.
 */
final class LayerComparison {
  private static final String NHWC = "@nhwc";

  /**
   * One value.
   *
   * @param value its name in the compiled network
   * @param node the node that wrote it
   * @param maxAbsDiff largest difference from the model's value
   * @param maxAbsReference largest magnitude of the model's value
   * @param exact whether the values are integers, which no tolerance is for
   */
  record Row(String value, String node, double maxAbsDiff, double maxAbsReference, boolean exact) {
    boolean passes(double tolerance) {
      return exact ? maxAbsDiff == 0 : maxAbsDiff <= tolerance * Math.max(1, maxAbsReference);
    }

    ObjectNode toJson() {
      return Json.object()
          .put("value", value)
          .put("node", node)
          .put("maxAbsDiff", maxAbsDiff)
          .put("maxAbsReference", maxAbsReference)
          .put("exact", exact);
    }
  }

  private LayerComparison() {}

  /**
   * Runs both on {@code inputs}, which must be no more than the session computes in one pass.
   *
   * @return a row for every value that both compute, in the device's order
   */
  static List<Row> run(Graph model, Session session, List<Tensor> inputs) {
    Map<String, Tensor> expected = new HashMap<>();
    new Interpreter(model).run(inputs, (node, value) -> expected.put(node.output(), value));
    List<Row> rows = new ArrayList<>();
    session.run(
        inputs,
        (node, value) -> {
          Row row = compare(node, value, expected);
          if (row != null) {
            rows.add(row);
          }
        });
    return rows;
  }

  /**
   * Compares every layer with the reference kernel on the operands that the device itself computed:
   * a difference is that layer's own, and integers must be equal.
   *
   * @param compiled what the session runs
   * @param inputs no more than the session computes in one pass
   */
  static List<Row> inIsolation(Graph compiled, Session session, List<Tensor> inputs) {
    Map<String, Tensor> values = new HashMap<>(compiled.constants());
    int batch = 1;
    for (int i = 0; i < inputs.size(); i++) {
      GraphInput input = compiled.inputs().get(i);
      values.put(input.name(), inputs.get(i));
      batch = input.type().shape().isBatched() ? inputs.get(i).shape().dim(0) : batch;
    }
    int samples = batch;
    List<Row> rows = new ArrayList<>();
    session.run(
        inputs,
        (node, value) -> {
          List<Tensor> operands = node.inputs().stream().map(values::get).toList();
          if (!operands.contains(null)) {
            rows.add(
                compare(
                    node,
                    value,
                    ReferenceKernels.evaluate(node.op().withBatch(samples), operands)));
          }
          values.put(node.output(), value.copy());
        });
    return rows;
  }

  /** Whether one graph is the other but for its constants. */
  static boolean areTwins(Graph one, Graph other) {
    List<Node> nodes = one.nodes();
    List<Node> others = other.nodes();
    boolean same = nodes.size() == others.size();
    for (int i = 0; same && i < nodes.size(); i++) {
      Node node = nodes.get(i);
      Node twin = others.get(i);
      same =
          node.op().equals(twin.op())
              && node.output().equals(twin.output())
              && one.type(node.output()).equals(other.type(twin.output()));
    }
    return same;
  }

  /**
   * Compares every layer with what {@code twin} makes of the same inputs: where constants differ,
   * the first layer that diverges is the one that has other ones.
   *
   * @param inputs no more than the session computes in one pass
   */
  static List<Row> withTwin(Graph twin, Session session, List<Tensor> inputs) {
    Map<String, Tensor> expected = new HashMap<>();
    new Interpreter(twin).run(inputs, (node, value) -> expected.put(node.output(), value));
    List<Row> rows = new ArrayList<>();
    session.run(
        inputs, (node, value) -> rows.add(compare(node, value, expected.get(node.output()))));
    return rows;
  }

  private static Row compare(Node node, Tensor value, Tensor expected) {
    double maxDiff = 0;
    double maxReference = 0;
    for (long i = 0; i < value.elements(); i++) {
      double wanted = expected.getDouble(i);
      maxDiff = Math.max(maxDiff, Comparison.difference(value.getDouble(i), wanted));
      maxReference = Math.max(maxReference, Double.isFinite(wanted) ? Math.abs(wanted) : 0);
    }
    boolean exact = !value.type().elementType().isFloat();
    return new Row(node.output(), node.label(), maxDiff, maxReference, exact);
  }

  private static Row compare(Node node, Tensor value, Map<String, Tensor> expected) {
    String name = node.output();
    boolean nhwc = name.endsWith(NHWC);
    Tensor reference = expected.get(nhwc ? name.substring(0, name.length() - NHWC.length()) : name);
    if (reference == null
        || reference.type().elementType() != ElementType.FLOAT32
        || value.type().elementType() != ElementType.FLOAT32
        || (nhwc && reference.shape().rank() != 4)) {
      return null;
    }
    Shape shape = nhwc ? reference.shape().permuted(List.of(0, 2, 3, 1)) : reference.shape();
    if (!shape.equals(value.shape())) {
      return null;
    }
    double maxDiff = 0;
    double maxReference = 0;
    for (long i = 0; i < value.elements(); i++) {
      float wanted = reference.getFloat(nhwc ? toNchw(i, reference.shape()) : i);
      maxDiff = Math.max(maxDiff, Comparison.difference(value.getFloat(i), wanted));
      maxReference = Math.max(maxReference, Float.isFinite(wanted) ? Math.abs(wanted) : 0);
    }
    return new Row(name, node.label(), maxDiff, maxReference, false);
  }

  /** The NCHW index of the element that has index {@code i} in NHWC order. */
  private static long toNchw(long i, Shape nchw) {
    long channels = nchw.dim(1);
    long pixels = (long) nchw.dim(2) * nchw.dim(3);
    long channel = i % channels;
    long pixel = i / channels % pixels;
    long sample = i / channels / pixels;
    return (sample * channels + channel) * pixels + pixel;
  }
}
