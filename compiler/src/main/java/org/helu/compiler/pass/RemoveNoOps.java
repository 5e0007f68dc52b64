package org.helu.compiler.pass;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.tensor.Shape;

/**
 * Removes nodes that change nothing: reshapes to the same shape, identity permutations, casts to
 * the same type, whole slices; joins pairs of reshapes and of permutations; turns a permutation
 * that only moves axes of size 1 into a reshape, which costs nothing.
 */
public final class RemoveNoOps implements Pass {
  @Override
  public Graph apply(Graph graph, PassLog log) {
    Graph shorter = Rewrites.untilStable(graph, current -> step(current, log));
    return shorter == graph ? graph : Rewrites.clean(shorter);
  }

  private static Graph step(Graph graph, PassLog log) {
    for (Node node : graph.nodes()) {
      if (node.inputs().size() != 1) {
        continue;
      }
      String input = node.input(0);
      if (graph.type(input).equals(graph.type(node.output())) && changesNothing(graph, node)) {
        Graph shorter = Rewrites.bypass(graph, node, input);
        if (shorter != null) {
          log.note(node, "removed: it changes nothing");
          return shorter;
        }
      }
      Node source = graph.producer(input);
      Node joined = source == null ? null : join(graph, source, node);
      if (joined == null && node.op() instanceof DeviceOp.Transpose transpose) {
        joined = asReshape(graph, node, transpose);
      }
      if (joined != null) {
        return graph.toBuilder().replace(node, joined).build();
      }
    }
    return graph;
  }

  private static boolean changesNothing(Graph graph, Node node) {
    return switch (node.op()) {
      case DeviceOp.Reshape _, DeviceOp.Cast _ -> true;
      case DeviceOp.Transpose transpose -> isIdentity(transpose.perm());
      case DeviceOp.Slice slice ->
          slice.step().stream().allMatch(step -> step == 1)
              && slice.size().equals(Rewrites.shape(graph, node.input(0)).toList());
      case DeviceOp.Pad pad ->
          pad.before().stream().allMatch(p -> p == 0) && pad.after().stream().allMatch(p -> p == 0);
      case DeviceOp.Concat _ -> true;
      default -> false;
    };
  }

  private static boolean isIdentity(List<Integer> perm) {
    for (int i = 0; i < perm.size(); i++) {
      if (perm.get(i) != i) {
        return false;
      }
    }
    return true;
  }

  /** {@code second(first(x))} as one node that reads {@code x}, or null. */
  private static Node join(Graph graph, Node first, Node second) {
    if (first.op() instanceof DeviceOp.Reshape && second.op() instanceof DeviceOp.Reshape) {
      return new Node(
          second.name(),
          second.op(),
          first.inputs(),
          second.output(),
          Rewrites.origins(first, second));
    }
    if (first.op() instanceof DeviceOp.Transpose t1
        && second.op() instanceof DeviceOp.Transpose t2) {
      List<Integer> perm = new ArrayList<>();
      t2.perm().forEach(axis -> perm.add(t1.perm().get(axis)));
      return new Node(
          second.name(),
          new DeviceOp.Transpose(perm),
          first.inputs(),
          second.output(),
          Rewrites.origins(first, second));
    }
    return null;
  }

  private static Node asReshape(Graph graph, Node node, DeviceOp.Transpose transpose) {
    Shape in = Rewrites.shape(graph, node.input(0));
    int last = -1;
    for (int axis : transpose.perm()) {
      if (in.dim(axis) != 1) {
        if (axis < last) {
          return null;
        }
        last = axis;
      }
    }
    DeviceOp reshape = new DeviceOp.Reshape(Rewrites.shape(graph, node.output()));
    return Rewrites.with(node, reshape, node.inputs());
  }
}
