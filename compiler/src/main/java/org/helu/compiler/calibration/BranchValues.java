package org.helu.compiler.calibration;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.ReduceKind;

/**
 * Values between layers that have to be codes so that all between the layers is integer: one branch
 * of an addition, the other being a layer's sum, and what is averaged.
 */
final class BranchValues {
  private final Graph graph;
  private final Map<String, FloatLayer> layers;

  BranchValues(Graph graph, Collection<FloatLayer> layers) {
    this.graph = graph;
    this.layers = layers.stream().collect(Collectors.toMap(FloatLayer::name, Function.identity()));
  }

  /** All such values, in execution order. */
  Set<String> all() {
    Set<String> values = new LinkedHashSet<>();
    for (Node node : graph.nodes()) {
      String value = null;
      if (node.op() instanceof DeviceOp.Binary binary && binary.kind() == BinaryKind.ADD) {
        value = branch(node);
      } else if (isMean(node)) {
        value = node.input(0);
      }
      if (value != null && graph.type(value).shape().rank() > 1) {
        values.add(value);
      }
    }
    return values;
  }

  private static boolean isMean(Node node) {
    return switch (node.op()) {
      case FloatOp.Pool pool -> pool.kind() != PoolKind.MAX;
      case DeviceOp.Reduce reduce -> reduce.kind() == ReduceKind.MEAN;
      default -> false;
    };
  }

  /** The branch that becomes codes: of two layers the one that computes less. */
  private String branch(Node addition) {
    FloatLayer left = sum(addition.input(0));
    FloatLayer right = sum(addition.input(1));
    if (left == null && right == null
        || !graph.type(addition.input(0)).equals(graph.type(addition.input(1)))) {
      return null;
    }
    if (left != null && right != null) {
      return addition.input(left.macs() < right.macs() ? 0 : 1);
    }
    return addition.input(left == null ? 0 : 1);
  }

  /** The layer whose sum is read here alone, or null. */
  private FloatLayer sum(String value) {
    Node producer = graph.producer(value);
    return producer != null && graph.hasSingleUse(value) ? layers.get(producer.name()) : null;
  }

  /**
   * Whether every layer that touches what stands between layers at {@code value} is encoded, and
   * integers have a rule for all that stands there.
   */
  boolean isAmongCodes(String value, Set<String> encoded) {
    Set<String> seen = new HashSet<>(Set.of(value));
    Deque<String> open = new ArrayDeque<>(seen);
    while (!open.isEmpty()) {
      String at = open.poll();
      Node producer = graph.producer(at);
      List<Node> around = new ArrayList<>(graph.consumers(at));
      if (producer != null) {
        around.add(producer);
      }
      for (Node node : around) {
        if (layers.containsKey(node.name())) {
          if (!encoded.contains(node.name())) {
            return false;
          }
          continue;
        }
        if (!hasRule(node)) {
          return false;
        }
        Set<String> touched = new LinkedHashSet<>(node.inputs());
        touched.add(node.output());
        touched.removeIf(v -> graph.constant(v) != null || !seen.add(v));
        open.addAll(touched);
      }
    }
    return true;
  }

  private boolean hasRule(Node node) {
    return switch (node.op()) {
      case FloatOp.Helu _, FloatOp.Pool _, DeviceOp.Reshape _, DeviceOp.Transpose _ -> true;
      case DeviceOp.Reduce reduce -> reduce.kind() == ReduceKind.MEAN;
      case DeviceOp.Binary binary ->
          binary.kind() == BinaryKind.ADD
              && node.inputs().stream().allMatch(v -> graph.constant(v) == null);
      default -> false;
    };
  }
}
