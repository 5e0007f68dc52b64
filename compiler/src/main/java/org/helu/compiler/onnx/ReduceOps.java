package org.helu.compiler.onnx;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.op.UnaryKind;

/** Reductions over axes. Axes are an attribute in older opsets, an input in newer ones. */
final class ReduceOps {
  private ReduceOps() {}

  static void register(OpTable table) {
    simple(table, "ReduceMean", ReduceKind.MEAN);
    simple(table, "ReduceSum", ReduceKind.SUM);
    simple(table, "ReduceProd", ReduceKind.PROD);
    simple(table, "ReduceMax", ReduceKind.MAX);
    simple(table, "ReduceMin", ReduceKind.MIN);
    table.add("ReduceL1", node -> sumOf(node, abs(node), null));
    table.add("ReduceSumSquare", node -> sumOf(node, square(node), null));
    table.add("ReduceL2", node -> sumOf(node, square(node), UnaryKind.SQRT));
    table.add("ReduceLogSum", node -> sumOf(node, node.input(0), UnaryKind.LOG));
    table.add("ReduceLogSumExp", ReduceOps::logSumExp);
  }

  private static void simple(OpTable table, String opType, ReduceKind kind) {
    table.add(
        opType,
        node -> {
          List<Integer> axes = axes(node);
          boolean keepDims = node.attributes().flag("keepdims", true);
          if (axes.isEmpty()) {
            node.alias(0, node.input(0));
          } else {
            node.result(new DeviceOp.Reduce(kind, axes, keepDims), node.input(0));
          }
        });
  }

  private static Value abs(NodeContext node) {
    return node.emit(new DeviceOp.Unary(UnaryKind.ABS), node.input(0));
  }

  private static Value square(NodeContext node) {
    return node.emit(new DeviceOp.Binary(BinaryKind.MUL), node.input(0), node.input(0));
  }

  private static void sumOf(NodeContext node, Value x, UnaryKind behind) {
    List<Integer> axes = axes(node);
    boolean keepDims = node.attributes().flag("keepdims", true);
    if (axes.isEmpty()) {
      throw NodeProblem.unsupported("reduces over no axis");
    }
    DeviceOp.Reduce sum = new DeviceOp.Reduce(ReduceKind.SUM, axes, keepDims);
    if (behind == null) {
      node.result(sum, x);
    } else {
      node.result(new DeviceOp.Unary(behind), node.emit(sum, x));
    }
  }

  /** {@code max + ln sum e^(x - max)}, so that large x do not overflow. */
  private static void logSumExp(NodeContext node) {
    List<Integer> axes = axes(node);
    boolean keepDims = node.attributes().flag("keepdims", true);
    Value x = node.input(0);
    if (axes.isEmpty()) {
      throw NodeProblem.unsupported("reduces over no axis");
    }
    Value max = node.emit(new DeviceOp.Reduce(ReduceKind.MAX, axes, true), x);
    Value shifted = node.emit(new DeviceOp.Binary(BinaryKind.SUB), x, max);
    Value exp = node.emit(new DeviceOp.Unary(UnaryKind.EXP), shifted);
    Value sum = node.emit(new DeviceOp.Reduce(ReduceKind.SUM, axes, keepDims), exp);
    Value log = node.emit(new DeviceOp.Unary(UnaryKind.LOG), sum);
    node.result(new DeviceOp.Binary(BinaryKind.ADD), log, node.reshaped(max, sum.shape()));
  }

  /** Axes from 0; all of them where none are given, none where that means to do nothing. */
  private static List<Integer> axes(NodeContext node) {
    node.requireInputs(1, 2);
    int rank = node.input(0).shape().rank();
    long[] given = node.longs(1, "axes");
    if (given == null) {
      given = node.attributes().longs("axes");
    }
    boolean noop = node.attributes().flag("noop_with_empty_axes", false);
    List<Integer> axes = new ArrayList<>();
    if (given == null || given.length == 0) {
      for (int axis = 0; !noop && axis < rank; axis++) {
        axes.add(axis);
      }
    } else {
      axes.addAll(ShapeOps.axes(given, rank));
    }
    return axes;
  }
}
