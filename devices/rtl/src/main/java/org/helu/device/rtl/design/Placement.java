package org.helu.device.rtl.design;

import java.util.HashSet;
import java.util.Set;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Which nodes become hardware, which the host does, and why a node is neither. */
final class Placement {
  private final Graph graph;
  private final Set<String> behindHardware = new HashSet<>();
  private final Set<String> beforeHardware = new HashSet<>();

  Placement(Graph graph) {
    this.graph = graph;
    for (Node node : graph.nodes()) {
      if (isHardware(node) || node.inputs().stream().anyMatch(behindHardware::contains)) {
        behindHardware.add(node.output());
      }
    }
    for (Node node : graph.nodes().reversed()) {
      if (isHardware(node) || beforeHardware.contains(node.output())) {
        beforeHardware.addAll(node.inputs());
      }
    }
  }

  /** Whether the node's arithmetic is done in hardware. */
  boolean isHardware(Node node) {
    TensorType x = node.inputs().isEmpty() ? null : graph.type(node.input(0));
    return switch (node.op()) {
      case IntegerOp.IntegerDense _, IntegerOp.IntegerConv2d _ -> true;
      case IntegerOp.Convert convert ->
          x.elementType() != ElementType.FLOAT32
              && !(convert.epilogue() instanceof Epilogue.Affine);
      case DeviceOp.Pool2d _ -> isCode(x);
      default -> false;
    };
  }

  /** Whether the node only names the elements of a stream anew. */
  boolean isRenaming(Node node) {
    if (node.op() instanceof DeviceOp.Transpose transpose) {
      // Dimensions of 1 may move; the others keep their order.
      int last = -1;
      for (int axis : transpose.perm()) {
        if (graph.type(node.input(0)).shape().dim(axis) != 1) {
          if (axis < last) {
            return false;
          }
          last = axis;
        }
      }
      return true;
    }
    return node.op() instanceof DeviceOp.Reshape;
  }

  /** Whether the host computes the node before the hardware starts. */
  boolean isBefore(Node node) {
    return beforeHardware.contains(node.output()) && !behindHardware.contains(node.output());
  }

  /** Whether the host computes the node from what the hardware gave. */
  boolean isBehind(Node node) {
    return !beforeHardware.contains(node.output()) && !isHardware(node);
  }

  /** Why the node cannot be part of a design, or null. */
  String problem(Node node) {
    if (isHardware(node)) {
      return hardwareProblem(node);
    }
    boolean between = !isBefore(node) && !isBehind(node);
    return switch (node.op()) {
      case DeviceOp.Reshape _ -> null;
      case DeviceOp.Transpose _ ->
          between && !isRenaming(node) ? "permutes a stream between layers" : null;
      case IntegerOp.Convert convert ->
          between ? "turns codes to floats between layers (" + convert.epilogue() + ")" : null;
      default -> "is no integer layer";
    };
  }

  private String hardwareProblem(Node node) {
    return switch (node.op()) {
      case IntegerOp.IntegerDense dense ->
          matrixProblem(node, dense.epilogues().size() > 1, dense.residual());
      case IntegerOp.IntegerConv2d conv ->
          conv.groups() != 1
              ? "has " + conv.groups() + " groups"
              : matrixProblem(node, conv.epilogues().size() > 1, conv.residual());
      case IntegerOp.Convert _ ->
          graph.constant(node.input(1)) == null ? "has computed parameters" : null;
      case DeviceOp.Pool2d pool -> pool.kind() == PoolKind.MAX ? null : "is not a max pool";
      default -> null;
    };
  }

  private String matrixProblem(Node node, boolean gated, boolean residual) {
    if (gated) {
      return "has a float gate";
    }
    Tensor weight = graph.constant(node.input(1));
    if (weight == null || weight.elements() == 0) {
      return "has computed or empty weights";
    }
    boolean hasParameters = !((DeviceOp) node.op()).epilogues().isEmpty();
    if (hasParameters && graph.constant(node.input(2)) == null) {
      return "has computed parameters";
    }
    return residual && graph.constant(node.inputs().getLast()) != null
        ? "adds a constant residual"
        : null;
  }

  private static boolean isCode(TensorType type) {
    return type.elementType() == ElementType.BIT || type.elementType() == ElementType.UINT8;
  }
}
