package org.helu.compiler.lowbit;

import org.helu.runtime.HeluException;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.Op;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/** Quantizers that do not fit bytes, as float arithmetic that every device has. */
final class FloatQuantizers {
  private final Lowering lowering;

  FloatQuantizers(Lowering lowering) {
    this.lowering = lowering;
  }

  /** Writes a quantizer node as float arithmetic; false where the node is none. */
  boolean write(Node node) {
    switch (node.op()) {
      case FloatOp.Quantize op -> quantize(node, op);
      case FloatOp.Dequantize op -> dequantize(node, op);
      case FloatOp.MultiThreshold _ -> throw unsupported(node, "more than 255 thresholds");
      default -> {
        return false;
      }
    }
    return true;
  }

  private static HeluException unsupported(Node node, String found) {
    return HeluException.unsupported(
        "compile/LowerQuantizedLayers",
        node.label() + ": expected at most 8 bits, found " + found,
        "quantize this activation to 8 bits or fewer, or leave it float");
  }

  private void quantize(Node node, FloatOp.Quantize op) {
    UnaryKind rounding =
        switch (op.rounding()) {
          case HALF_EVEN -> UnaryKind.ROUND;
          case FLOOR -> UnaryKind.FLOOR;
          case CEIL -> UnaryKind.CEIL;
          default -> throw unsupported(node, "more, rounded " + op.rounding());
        };
    String y = node.input(0);
    y = add(node, new DeviceOp.Binary(BinaryKind.DIV), "@units", y, constant(node, 1, op.axis()));
    y = add(node, new DeviceOp.Unary(rounding), "@rounded", y);
    y = add(node, new DeviceOp.Binary(BinaryKind.ADD), "@code", y, constant(node, 2, op.axis()));
    y = add(node, new DeviceOp.Unary(UnaryKind.CLIP, op.low(), op.high()), "@clipped", y);
    result(node, new DeviceOp.Cast(op.to()), y);
  }

  private void dequantize(Node node, FloatOp.Dequantize op) {
    String y = add(node, new DeviceOp.Cast(ElementType.FLOAT32), "@code", node.input(0));
    y =
        add(
            node,
            new DeviceOp.Binary(BinaryKind.SUB),
            "@centered",
            y,
            constant(node, 2, op.axis()));
    result(node, new DeviceOp.Binary(BinaryKind.MUL), y, constant(node, 1, op.axis()));
  }

  private String add(Node node, Op op, String suffix, String... inputs) {
    return write(node, op, lowering.emitter.fresh(node.output() + suffix), inputs);
  }

  private void result(Node node, Op op, String... inputs) {
    write(node, op, node.output(), inputs);
  }

  private String write(Node node, Op op, String output, String... inputs) {
    Shape shape = lowering.graph.type(node.output()).shape();
    return lowering.emitter.add(op, output, node, shape, inputs);
  }

  /** Scale or zero point, in float, shaped so that it is broadcast along {@code axis}. */
  private String constant(Node node, int input, int axis) {
    PerChannel values = lowering.constants.perChannel(node.input(input));
    int rank = lowering.graph.type(node.output()).shape().rank();
    int[] dims = new int[0];
    if (lowering.graph.type(node.input(input)).shape().rank() > 0) {
      dims = new int[rank - (axis < 0 ? axis + rank : axis)];
      java.util.Arrays.fill(dims, 1);
      dims[0] = values.values().length;
    }
    float[] floats = new float[values.values().length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values.at(i);
    }
    return lowering.emitter.constant(
        node.input(input) + "@float", Tensor.ofFloats(Shape.of(dims), floats));
  }
}
