package org.helu.compiler.pass;

import java.util.List;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/**
 * Recognizes one-bit quantizers that exporters write as a comparison with a constant and a Cast, or
 * a Where of two constants: a HeLU step {@code [x > 0]} becomes one threshold.
 */
public final class RecognizeQuantizers implements Pass {
  @Override
  public Graph apply(Graph graph, PassLog log) {
    Graph recognized = Rewrites.untilStable(graph, current -> step(current, log));
    return recognized == graph ? graph : Rewrites.clean(recognized);
  }

  private static Graph step(Graph graph, PassLog log) {
    for (Node node : graph.nodes()) {
      float[] levels = levels(graph, node);
      Comparison comparison = levels == null ? null : comparison(graph, node.input(0));
      if (comparison == null) {
        continue;
      }
      // levels[0] where the threshold is not reached, levels[1] where it is.
      float below = levels[comparison.inverted ? 1 : 0];
      float reached = levels[comparison.inverted ? 0 : 1];
      float scale = reached - below;
      if (scale == 0 || scale + below != reached || !Float.isFinite(scale)) {
        continue;
      }
      GraphBuilder builder = graph.toBuilder();
      String thresholds = builder.freshConstant(node.output() + "@threshold", comparison.rows);
      Node step =
          Rewrites.with(
              node,
              new FloatOp.MultiThreshold(scale, below, comparison.strict),
              List.of(comparison.x, thresholds));
      log.note(node, "recognized as a one-bit quantizer to " + below + " and " + reached);
      return builder.replace(node, step).build();
    }
    return graph;
  }

  /** The float values for false and true, or null. */
  private static float[] levels(Graph graph, Node node) {
    if (!graph.type(node.output()).elementType().isFloat()) {
      return null;
    }
    if (node.op() instanceof DeviceOp.Cast cast && cast.to() == ElementType.FLOAT32) {
      boolean fromBool = graph.type(node.input(0)).elementType() == ElementType.BOOL;
      return fromBool ? new float[] {0, 1} : null;
    }
    if (node.op() instanceof DeviceOp.Where
        && Rewrites.sameShape(graph, node.output(), node.output())
        && Rewrites.shape(graph, node.input(0)).equals(Rewrites.shape(graph, node.output()))) {
      Tensor yes = graph.constant(node.input(1));
      Tensor no = graph.constant(node.input(2));
      boolean scalars = yes != null && no != null && yes.elements() == 1 && no.elements() == 1;
      return scalars ? new float[] {no.getFloat(0), yes.getFloat(0)} : null;
    }
    return null;
  }

  /**
   * {@code x > t} ({@code strict}) or {@code x >= t}; {@code inverted} where the condition is its
   * opposite.
   */
  private record Comparison(String x, Tensor rows, boolean strict, boolean inverted) {}

  private static Comparison comparison(Graph graph, String condition) {
    Node node = graph.producer(condition);
    if (node == null || !(node.op() instanceof DeviceOp.Binary binary)) {
      return null;
    }
    boolean left = graph.constant(node.input(0)) == null;
    String x = node.input(left ? 0 : 1);
    Tensor constant = graph.constant(node.input(left ? 1 : 0));
    if (constant == null
        || graph.constant(x) != null
        || !graph.type(x).elementType().isFloat()
        || !Rewrites.shape(graph, x).equals(Rewrites.shape(graph, condition))) {
      return null;
    }
    Tensor rows = rows(constant, Rewrites.shape(graph, x));
    if (rows == null) {
      return null;
    }
    // c < x is x > c, and x < c is the opposite of x >= c.
    return switch (binary.kind()) {
      case GREATER -> new Comparison(x, rows, left, !left);
      case GREATER_OR_EQUAL -> new Comparison(x, rows, !left, !left);
      case LESS -> new Comparison(x, rows, !left, left);
      case LESS_OR_EQUAL -> new Comparison(x, rows, left, left);
      default -> null;
    };
  }

  /** The constant as thresholds {@code [1 or C, 1]} of axis 1, or null. */
  private static Tensor rows(Tensor constant, Shape x) {
    for (long i = 0; i < constant.elements(); i++) {
      if (!Float.isFinite(constant.getFloat(i))) {
        return null;
      }
    }
    if (constant.elements() == 1) {
      return constant.reshaped(Shape.of(1, 1));
    }
    Shape own = constant.shape();
    int axis = 1 - x.rank() + own.rank();
    boolean perChannel =
        x.rank() > 1 && axis >= 0 && axis < own.rank() && own.dim(axis) == constant.elements();
    return perChannel && own.dim(axis) == x.dim(1)
        ? constant.reshaped(Shape.of(x.dim(1), 1))
        : null;
  }
}
