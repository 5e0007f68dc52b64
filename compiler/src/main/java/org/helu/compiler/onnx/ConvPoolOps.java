package org.helu.compiler.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.Op;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.tensor.Shape;

/** Convolutions and pools; 1-D ones run as 2-D ones of height 1. */
final class ConvPoolOps {
  private ConvPoolOps() {}

  static void register(OpTable table) {
    table.add("Conv", ConvPoolOps::conv);
    table.add("MaxPool", ConvPoolOps::maxPool);
    table.add("AveragePool", ConvPoolOps::averagePool);
    table.add("GlobalAveragePool", node -> globalPool(node, ReduceKind.MEAN));
    table.add("GlobalMaxPool", node -> globalPool(node, ReduceKind.MAX));
  }

  private static void conv(NodeContext node) {
    node.requireInputs(2, 3);
    Value x = node.input(0);
    Value weight = node.input(1);
    int spatial = spatialRank(x);
    if (weight.shape().rank() != x.shape().rank()) {
      throw NodeProblem.invalid(
          "weight " + weight.shape() + " does not fit an input of shape " + x.shape());
    }
    int[] kernel = new int[spatial];
    for (int i = 0; i < spatial; i++) {
      kernel[i] = weight.shape().dim(2 + i);
    }
    int[] declared = node.attributes().ints("kernel_shape");
    if (declared != null && !Arrays.equals(declared, kernel)) {
      throw NodeProblem.invalid(
          "kernel_shape " + Arrays.toString(declared) + " does not fit weight " + weight.shape());
    }
    WindowReader window = new WindowReader(node.attributes(), kernel, x.shape());
    FloatOp.Conv op = new FloatOp.Conv(window.read(), node.attributes().intOr("group", 1));
    Value weight2d = node.reshaped(weight, with2d(weight.shape()));
    if (node.hasInput(2)) {
      slide(node, op, x, weight2d, node.input(2));
    } else {
      slide(node, op, x, weight2d);
    }
  }

  private static void maxPool(NodeContext node) {
    node.requireInputs(1, 1);
    node.requireOutputs(1, "the indices output is not supported");
    // The order of indices does not matter where nobody reads them.
    node.attributes().ignore("storage_order");
    pool(node, PoolKind.MAX);
  }

  private static void averagePool(NodeContext node) {
    node.requireInputs(1, 1);
    boolean include = node.attributes().flag("count_include_pad", false);
    pool(node, include ? PoolKind.AVERAGE_INCLUDE_PAD : PoolKind.AVERAGE);
  }

  private static void pool(NodeContext node, PoolKind kind) {
    Value x = node.input(0);
    int spatial = spatialRank(x);
    int[] kernel = node.attributes().ints("kernel_shape");
    if (kernel == null || kernel.length != spatial) {
      throw NodeProblem.invalid("expected a kernel_shape of " + spatial + " dimensions");
    }
    boolean ceil = node.attributes().flag("ceil_mode", false);
    WindowReader window = new WindowReader(node.attributes(), kernel, x.shape());
    slide(node, new FloatOp.Pool(kind, window.read(), ceil && !window.isAutomatic()), x);
  }

  /** Emits a 2-D op; the first operand and the result are reshaped where the model is 1-D. */
  private static void slide(NodeContext node, Op op, Value... operands) {
    Value x = operands[0];
    if (x.shape().rank() == 4) {
      node.result(op, operands);
      return;
    }
    operands[0] = node.reshaped(x, with2d(x.shape()));
    Value y = node.emit(op, operands);
    Shape flat = Shape.of(y.shape().dim(0), y.shape().dim(1), y.shape().dim(3));
    node.result(new DeviceOp.Reshape(flat), y);
  }

  private static Shape with2d(Shape shape) {
    return shape.rank() == 3 ? Shape.of(shape.dim(0), shape.dim(1), 1, shape.dim(2)) : shape;
  }

  private static int spatialRank(Value x) {
    int rank = x.shape().rank();
    if (rank != 3 && rank != 4) {
      String reason = "expected a 1-D or 2-D image [N,C,(H,)W], found " + x.shape();
      throw rank > 4 ? NodeProblem.unsupported(reason) : NodeProblem.invalid(reason);
    }
    return rank - 2;
  }

  private static void globalPool(NodeContext node, ReduceKind kind) {
    node.requireInputs(1, 1);
    Value x = node.input(0);
    if (x.shape().rank() < 3) {
      throw NodeProblem.invalid("expected an image [N,C,...], found " + x.shape());
    }
    List<Integer> axes = new ArrayList<>();
    for (int axis = 2; axis < x.shape().rank(); axis++) {
      axes.add(axis);
    }
    node.result(new DeviceOp.Reduce(kind, axes, true), x);
  }
}
