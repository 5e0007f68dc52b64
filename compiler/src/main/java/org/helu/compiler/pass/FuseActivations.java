package org.helu.compiler.pass;

import java.util.List;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.Op;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.tensor.Tensor;

/**
 * Recognizes activations that exporters write as several nodes: Swish {@code x*sigmoid(x)}, Mish
 * {@code x*tanh(softplus(x))}, HardSwish {@code x*hardsigmoid(x)}, GELU {@code
 * x/2*(1+erf(x/sqrt2))}, and ReLU written as Max or Clip.
 */
public final class FuseActivations implements Pass {
  private static final double INVERSE_SQRT_2 = 1 / Math.sqrt(2);

  @Override
  public Graph apply(Graph graph, PassLog log) {
    Graph fused = Rewrites.untilStable(graph, current -> step(current, log));
    return fused == graph ? graph : Rewrites.clean(fused);
  }

  private static Graph step(Graph graph, PassLog log) {
    for (Node node : graph.nodes()) {
      Match match = match(graph, node);
      if (match != null) {
        String what =
            match.op instanceof DeviceOp.Unary unary ? unary.kind().toString() : match.op.name();
        log.note(node, "recognized as " + what);
        return graph.toBuilder()
            .replace(node, Rewrites.with(node, match.op, List.of(match.x)))
            .build();
      }
    }
    return graph;
  }

  private record Match(Op op, String x) {}

  private static Match match(Graph graph, Node node) {
    return switch (node.op()) {
      case DeviceOp.Unary(UnaryKind kind, float a, float b)
          when kind == UnaryKind.CLIP
              && a == 0
              && b == Float.POSITIVE_INFINITY
              && graph.type(node.output()).elementType().isFloat() ->
          new Match(new FloatOp.Helu(0), node.input(0));
      case DeviceOp.Binary(BinaryKind kind) when kind == BinaryKind.MAX -> matchMax(graph, node);
      case DeviceOp.Binary(BinaryKind kind) when kind == BinaryKind.MUL ->
          matchProduct(graph, node);
      default -> null;
    };
  }

  private static Match matchMax(Graph graph, Node node) {
    for (int i = 0; i < 2; i++) {
      String x = node.input(1 - i);
      if (isScalar(graph, node.input(i), 0)
          && graph.type(x).elementType().isFloat()
          && Rewrites.sameShape(graph, x, node.output())) {
        return new Match(new FloatOp.Helu(0), x);
      }
    }
    return null;
  }

  private static Match matchProduct(Graph graph, Node node) {
    for (int i = 0; i < 2; i++) {
      String x = node.input(i);
      String factor = node.input(1 - i);
      Node gate = graph.producer(factor);
      if (gate != null && gate.op() instanceof DeviceOp.Unary unary) {
        Match match = matchSelfGate(graph, x, gate, unary);
        if (match != null) {
          return match;
        }
      }
    }
    return matchGelu(graph, node);
  }

  private static Match matchSelfGate(Graph graph, String x, Node gate, DeviceOp.Unary unary) {
    switch (unary.kind()) {
      case SIGMOID -> {
        if (gate.input(0).equals(x)) {
          return new Match(new DeviceOp.Unary(UnaryKind.SWISH, 1, 0), x);
        }
        Float beta = scaleOf(graph, gate.input(0), x);
        return beta == null ? null : new Match(new DeviceOp.Unary(UnaryKind.SWISH, beta, 0), x);
      }
      case HARD_SIGMOID -> {
        boolean standard = Math.abs(unary.a() - 1f / 6f) < 1e-7 && unary.b() == 0.5f;
        return standard && gate.input(0).equals(x)
            ? new Match(new DeviceOp.Unary(UnaryKind.HARD_SWISH), x)
            : null;
      }
      case TANH -> {
        Node softplus = graph.producer(gate.input(0));
        return softplus != null
                && softplus.op() instanceof DeviceOp.Unary inner
                && inner.kind() == UnaryKind.SOFTPLUS
                && softplus.input(0).equals(x)
            ? new Match(new DeviceOp.Unary(UnaryKind.MISH), x)
            : null;
      }
      default -> {
        return null;
      }
    }
  }

  /**
   * GELU in any grouping of its three factors: {@code x}, {@code 1/2}, {@code 1 + erf(x/sqrt2)}.
   */
  private static Match matchGelu(Graph graph, Node product) {
    for (int i = 0; i < 2; i++) {
      Node inner = graph.producer(product.input(i));
      String outer = product.input(1 - i);
      if (inner == null || !isProduct(inner)) {
        continue;
      }
      for (int j = 0; j < 2; j++) {
        String x = geluArgument(graph, List.of(outer, inner.input(j), inner.input(1 - j)));
        if (x != null) {
          return new Match(new DeviceOp.Unary(UnaryKind.GELU), x);
        }
      }
    }
    return null;
  }

  private static boolean isProduct(Node node) {
    return node.op() instanceof DeviceOp.Binary binary && binary.kind() == BinaryKind.MUL;
  }

  /** x if the three factors, in some order, are x, 1/2 and 1 + erf(x / sqrt 2); else null. */
  private static String geluArgument(Graph graph, List<String> factors) {
    for (int half = 0; half < 3; half++) {
      if (!isScalar(graph, factors.get(half), 0.5)) {
        continue;
      }
      for (int i = 0; i < 3; i++) {
        int other = 3 - half - i;
        if (i != half && other != half && other >= 0 && other < 3 && other != i) {
          String x = factors.get(i);
          if (isOnePlusErf(graph, factors.get(other), x)) {
            return x;
          }
        }
      }
    }
    return null;
  }

  private static boolean isOnePlusErf(Graph graph, String value, String x) {
    Node add = graph.producer(value);
    if (add == null
        || !(add.op() instanceof DeviceOp.Binary binary)
        || binary.kind() != BinaryKind.ADD) {
      return false;
    }
    for (int i = 0; i < 2; i++) {
      Node erf = graph.producer(add.input(i));
      if (isScalar(graph, add.input(1 - i), 1)
          && erf != null
          && erf.op() instanceof DeviceOp.Unary unary
          && unary.kind() == UnaryKind.ERF) {
        Float scale = scaleOf(graph, erf.input(0), x);
        return scale != null && Math.abs(scale - INVERSE_SQRT_2) < 1e-6;
      }
    }
    return false;
  }

  /** The scalar s if {@code value = s * x} or {@code x / (1/s)}, else null. */
  private static Float scaleOf(Graph graph, String value, String x) {
    Node node = graph.producer(value);
    if (node == null || !(node.op() instanceof DeviceOp.Binary binary)) {
      return null;
    }
    boolean times = binary.kind() == BinaryKind.MUL;
    if (times || binary.kind() == BinaryKind.DIV) {
      for (int i = 0; i < (times ? 2 : 1); i++) {
        Tensor constant = graph.constant(node.input(1 - i));
        if (node.input(i).equals(x) && constant != null && constant.elements() == 1) {
          return times ? constant.getFloat(0) : 1 / constant.getFloat(0);
        }
      }
    }
    return null;
  }

  private static boolean isScalar(Graph graph, String value, double expected) {
    Tensor constant = graph.constant(value);
    return constant != null && constant.elements() == 1 && constant.getDouble(0) == expected;
  }
}
