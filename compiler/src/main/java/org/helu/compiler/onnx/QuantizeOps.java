package org.helu.compiler.onnx;

import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.Rounding;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** ONNX's own quantizers, to 8 bits: QuantizeLinear and DequantizeLinear. */
final class QuantizeOps {
  private QuantizeOps() {}

  static void register(OpTable table) {
    table.add("QuantizeLinear", QuantizeOps::quantize);
    table.add("DequantizeLinear", QuantizeOps::dequantize);
  }

  private static void quantize(NodeContext node) {
    node.requireInputs(2, 3);
    Value x = node.input(0);
    if (!x.isFloat()) {
      throw NodeProblem.unsupported("quantizes " + x.type() + ", expected float32");
    }
    // Only conversions to float8 saturate.
    node.attributes().ignore("saturate");
    ElementType to = node.hasInput(2) ? node.input(2).type().elementType() : ElementType.UINT8;
    int declared = node.attributes().intOr("output_dtype", 0);
    if (declared != 0) {
      ElementType asked = ElementTypes.require(declared);
      if (node.hasInput(2) && asked != to) {
        throw NodeProblem.invalid("output_dtype is " + asked + ", the zero point is " + to);
      }
      to = asked;
    }
    if (to != ElementType.UINT8 && to != ElementType.INT8) {
      throw NodeProblem.unsupported("quantizes to " + to + ", expected UINT8 or INT8");
    }
    int axis = axis(node, x);
    Value scale = scale(node, x, axis);
    Value zero = zeroPoint(node, scale.shape(), to);
    int low = to == ElementType.UINT8 ? 0 : -128;
    node.result(new FloatOp.Quantize(axis, low, low + 255, Rounding.HALF_EVEN, to), x, scale, zero);
  }

  private static void dequantize(NodeContext node) {
    node.requireInputs(2, 3);
    Value x = node.input(0);
    ElementType from = x.type().elementType();
    if (from != ElementType.UINT8 && from != ElementType.INT8 && from != ElementType.INT32) {
      throw NodeProblem.unsupported("dequantizes " + from + ", expected UINT8, INT8 or INT32");
    }
    if (node.hasInput(2) && node.input(2).type().elementType() != from) {
      throw NodeProblem.invalid(
          "x is " + from + ", the zero point is " + node.input(2).type().elementType());
    }
    int axis = axis(node, x);
    Value scale = scale(node, x, axis);
    node.result(new FloatOp.Dequantize(axis), x, scale, zeroPoint(node, scale.shape(), from));
  }

  private static int axis(NodeContext node, Value x) {
    if (node.attributes().intOr("block_size", 0) != 0) {
      throw NodeProblem.unsupported("block quantization (block_size)");
    }
    int axis = node.attributes().intOr("axis", 1);
    if (node.hasInput(1) && node.input(1).shape().rank() == 1 && !isSingle(node.input(1))) {
      if (node.opset() < 13) {
        throw NodeProblem.invalid("opset " + node.opset() + " has one scale for the whole tensor");
      }
      return ShapeOps.axis(axis, x.shape().rank());
    }
    // One scale for the whole tensor: the axis says nothing.
    return axis;
  }

  private static boolean isSingle(Value value) {
    return value.shape().elementsPerSample() == 1;
  }

  /** The scale as a scalar, or one per channel of the axis. */
  private static Value scale(NodeContext node, Value x, int axis) {
    Value scale = node.input(1);
    if (!scale.isFloat()) {
      throw NodeProblem.unsupported("the scale is " + scale.type() + ", expected float32");
    }
    if (!scale.isConstant()) {
      throw NodeProblem.unsupported("scale must be a constant, found a computed value");
    }
    if (!isSingle(scale) && scale.shape().rank() != 1) {
      throw NodeProblem.unsupported(
          "a scale of shape "
              + scale.shape()
              + " (block quantization); expected one scale, or one"
              + " per channel");
    }
    if (!isSingle(scale) && scale.shape().dim(0) != x.shape().dim(axis)) {
      throw NodeProblem.invalid(
          scale.shape().dim(0) + " scales for axis " + axis + " of " + x.shape());
    }
    requireScales(scale.constant());
    return isSingle(scale) ? node.reshaped(scale, Shape.of()) : scale;
  }

  /** Fails unless every scale is a number above 0. */
  static void requireScales(Tensor scale) {
    for (long i = 0; i < scale.elements(); i++) {
      float value = scale.getFloat(i);
      if (!(value > 0) || Float.isInfinite(value)) {
        throw NodeProblem.invalid(
            "expected finite scales above 0, found " + value + " at [" + i + "]");
      }
    }
  }

  private static Value zeroPoint(NodeContext node, Shape scale, ElementType type) {
    Tensor zeros = Tensor.zeros(new TensorType(ElementType.INT32, scale));
    if (node.hasInput(2)) {
      Value given = node.input(2);
      if (!given.isConstant()) {
        throw NodeProblem.unsupported("zero point must be a constant, found a computed value");
      }
      if (given.shape().elements() != zeros.elements()) {
        throw NodeProblem.invalid(
            given.shape().elements() + " zero points for " + zeros.elements() + " scales");
      }
      for (long i = 0; i < zeros.elements(); i++) {
        long zero = given.constant().getLong(i);
        if (type == ElementType.INT32 && zero != 0) {
          throw NodeProblem.invalid("INT32 codes have zero point 0, found " + zero);
        }
        zeros.setLong(i, zero);
      }
    }
    return node.constant("zero", zeros);
  }
}
