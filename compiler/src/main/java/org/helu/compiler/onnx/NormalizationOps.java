package org.helu.compiler.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.tensor.Shape;

/** Normalizations and softmax. */
final class NormalizationOps {
  private NormalizationOps() {}

  static void register(OpTable table) {
    table.add("BatchNormalization", NormalizationOps::batchNormalization);
    table.add("InstanceNormalization", NormalizationOps::instanceNormalization);
    table.add("LayerNormalization", NormalizationOps::layerNormalization);
    table.add("Softmax", node -> softmax(node, false));
    table.add("LogSoftmax", node -> softmax(node, true));
  }

  private static void batchNormalization(NodeContext node) {
    node.requireInputs(5, 5);
    if (node.attributes().flag("training_mode", false)) {
      throw NodeProblem.unsupported("training mode; export the model in eval mode");
    }
    node.requireOutputs(1, "running statistics are a training output; export in eval mode");
    node.attributes().ignore("momentum");
    FloatOp.BatchNorm op = new FloatOp.BatchNorm(node.attributes().floatOr("epsilon", 1e-5f));
    node.result(op, node.input(0), node.input(1), node.input(2), node.input(3), node.input(4));
  }

  /** Each channel of each sample is normalized by itself: axes 2 and on. */
  private static void instanceNormalization(NodeContext node) {
    node.requireInputs(3, 3);
    Value x = node.input(0);
    int rank = x.shape().rank();
    if (rank < 3) {
      throw NodeProblem.invalid("expected an image [N,C,...], found " + x.shape());
    }
    int[] perChannel = new int[rank - 1];
    Arrays.fill(perChannel, 1);
    perChannel[0] = x.shape().dim(1);
    for (int i = 1; i < 3; i++) {
      if (!node.input(i).shape().equals(Shape.of(x.shape().dim(1)))) {
        throw NodeProblem.invalid("expected scale and B of [C], found " + node.input(i).shape());
      }
    }
    Value scale = node.reshaped(node.input(1), Shape.of(perChannel));
    Value bias = node.reshaped(node.input(2), Shape.of(perChannel));
    float epsilon = node.attributes().floatOr("epsilon", 1e-5f);
    node.result(new DeviceOp.LayerNorm(2, epsilon), x, scale, bias);
  }

  private static void layerNormalization(NodeContext node) {
    node.requireInputs(2, 3);
    Value x = node.input(0);
    int axis = ShapeOps.axis(node.attributes().intOr("axis", -1), x.shape().rank());
    float epsilon = node.attributes().floatOr("epsilon", 1e-5f);
    if (node.attributes().intOr("stash_type", 1) != 1) {
      throw NodeProblem.unsupported("stash_type other than float32");
    }
    DeviceOp.LayerNorm op = new DeviceOp.LayerNorm(axis, epsilon);
    if (node.hasInput(2)) {
      node.result(op, x, node.input(1), node.input(2));
    } else {
      node.result(op, x, node.input(1));
    }
    if (node.outputUsed(1) || node.outputUsed(2)) {
      statistics(node, x, axis, epsilon);
    }
  }

  /** The optional outputs Mean and InvStdDev. */
  private static void statistics(NodeContext node, Value x, int axis, float epsilon) {
    List<Integer> axes = new ArrayList<>();
    for (int i = axis; i < x.shape().rank(); i++) {
      axes.add(i);
    }
    DeviceOp.Reduce reduce = new DeviceOp.Reduce(ReduceKind.MEAN, axes, true);
    Value mean = node.emit(reduce, x);
    if (node.outputUsed(1)) {
      node.alias(1, mean);
    }
    if (node.outputUsed(2)) {
      Value centered = node.emit(new DeviceOp.Binary(BinaryKind.SUB), x, mean);
      Value squared = node.emit(new DeviceOp.Binary(BinaryKind.MUL), centered, centered);
      Value variance = node.emit(reduce, squared);
      Value shifted = node.emit(new DeviceOp.Unary(UnaryKind.LINEAR, 1, epsilon), variance);
      Value deviation = node.emit(new DeviceOp.Unary(UnaryKind.SQRT), shifted);
      node.result(2, new DeviceOp.Unary(UnaryKind.RECIPROCAL), deviation);
    }
  }

  /** One axis since opset 13; before, all axes from {@code axis} on are taken as one. */
  private static void softmax(NodeContext node, boolean log) {
    node.requireInputs(1, 1);
    Value x = node.input(0);
    Shape shape = x.shape();
    if (node.opset() >= 13) {
      int axis = ShapeOps.axis(node.attributes().intOr("axis", -1), shape.rank());
      node.result(new DeviceOp.Softmax(axis, log), x);
      return;
    }
    int axis = ShapeOps.axis(node.attributes().intOr("axis", 1), shape.rank());
    if (axis == shape.rank() - 1) {
      node.result(new DeviceOp.Softmax(axis, log), x);
      return;
    }
    if (axis == 0 && shape.isBatched()) {
      throw NodeProblem.unsupported("softmax over the batch dimension mixes samples");
    }
    int[] joined = Arrays.copyOf(shape.dims(), axis + 1);
    joined[axis] = ShapeOps.product(shape, axis, shape.rank());
    Value rows = node.reshaped(x, Shape.of(joined));
    Value normal = node.emit(new DeviceOp.Softmax(axis, log), rows);
    node.result(new DeviceOp.Reshape(shape), normal);
  }
}
