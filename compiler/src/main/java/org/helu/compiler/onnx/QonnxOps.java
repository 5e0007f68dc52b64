package org.helu.compiler.onnx;

import java.util.Locale;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.Rounding;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * The quantizers of QONNX, as Brevitas and FINN write them: Quant, BipolarQuant, Trunc (see {@link
 * QonnxThresholds} for MultiThreshold). Source: https://github.com/fastmachinelearning/qonnx,
 * {@code custom_op/general}.
 */
final class QonnxOps {
  private static final String[] DOMAINS = {"qonnx.custom_op.general", "onnx.brevitas"};

  /** A zero point beyond this is no integer in float32. */
  private static final int MAX_ZERO_POINT = 1 << 24;

  private QonnxOps() {}

  static void register(OpTable table) {
    for (String domain : DOMAINS) {
      table.add(domain, "Quant", QonnxOps::quant);
      table.add(domain, "BipolarQuant", QonnxOps::bipolarQuant);
      table.add(domain, "Trunc", QonnxOps::trunc);
      table.add(domain, "MultiThreshold", QonnxThresholds::multiThreshold);
    }
  }

  private static void quant(NodeContext node) {
    node.requireInputs(4, 4);
    Value x = floatInput(node);
    boolean signed = node.attributes().flag("signed", true);
    boolean narrow = node.attributes().flag("narrow", false);
    Rounding rounding = rounding(node, "ROUND");
    int bits = bitWidth(node, 3, "bit width");
    long high = (1L << (signed ? bits - 1 : bits)) - (!signed && narrow ? 2 : 1);
    long low = signed ? -(1L << (bits - 1)) + (narrow ? 1 : 0) : 0;
    if (low >= high) {
      throw NodeProblem.invalid(
          "contradictory quantizer: "
              + (signed ? "signed" : "unsigned")
              + (narrow ? " narrow" : "")
              + " codes of "
              + bits
              + " bits have one value");
    }
    if (low < Integer.MIN_VALUE || high > Integer.MAX_VALUE) {
      throw NodeProblem.unsupported(bits + " bits, expected codes that fit 32-bit integers");
    }
    ElementType to = ElementType.INT32;
    if (low >= 0 && high <= 255) {
      to = ElementType.UINT8;
    } else if (low >= -128 && high <= 127) {
      to = ElementType.INT8;
    }
    Tensor scales = constant(node, 1, "scale");
    QuantizeOps.requireScales(scales);
    int axis = scales.elements() == 1 ? 0 : axis(x.shape(), scales.shape());
    Tensor zeros = zeroPoints(constant(node, 2, "zero point"), scales, rounding);
    Shape shape = scales.elements() == 1 ? Shape.of() : Shape.of((int) scales.elements());
    Value scale = node.constant("scale", scales.reshaped(shape));
    Value zero = node.constant("zero", zeros.reshaped(shape));
    FloatOp quantize = new FloatOp.Quantize(axis, (int) low, (int) high, rounding, to);
    Value codes = node.emit(quantize, x, scale, zero);
    node.result(new FloatOp.Dequantize(axis), codes, scale, zero);
  }

  /** QONNX adds the zero point before it rounds; helu, as ONNX, after. */
  private static Tensor zeroPoints(Tensor given, Tensor scales, Rounding rounding) {
    if (given.elements() != 1 && given.elements() != scales.elements()) {
      throw NodeProblem.invalid(
          "zero points " + given.shape() + " do not fit scales " + scales.shape());
    }
    Shape shape = Shape.of((int) scales.elements());
    Tensor zeros = Tensor.zeros(new TensorType(ElementType.INT32, shape));
    for (long i = 0; i < zeros.elements(); i++) {
      float zero = given.getFloat(given.elements() == 1 ? 0 : i);
      if (zero != Math.rint(zero) || Math.abs(zero) > MAX_ZERO_POINT) {
        throw NodeProblem.invalid("zero points must be integers, found " + zero);
      }
      boolean same =
          zero == 0
              || rounding == Rounding.FLOOR
              || rounding == Rounding.CEIL
              || (rounding == Rounding.HALF_EVEN && zero % 2 == 0);
      if (!same) {
        throw NodeProblem.unsupported(
            "rounds "
                + rounding
                + " after the zero point "
                + zero
                + " is added, which differs from ONNX at ties; use an even zero point with ROUND,"
                + " or FLOOR or CEIL");
      }
      zeros.setLong(i, (long) zero);
    }
    return zeros;
  }

  /** {@code x >= 0 ? scale : -scale}. */
  private static void bipolarQuant(NodeContext node) {
    node.requireInputs(2, 2);
    Value x = floatInput(node);
    Tensor scales = constant(node, 1, "scale");
    QuantizeOps.requireScales(scales);
    Value zero = node.constant("threshold", Tensor.ofFloats(Shape.of(1, 1), 0f));
    if (scales.elements() == 1) {
      float scale = scales.getFloat(0);
      node.result(new FloatOp.MultiThreshold(2 * scale, -scale, false), x, zero);
      return;
    }
    axis(x.shape(), scales.shape());
    Value sign = node.emit(new FloatOp.MultiThreshold(2, -1, false), x, zero);
    node.result(new DeviceOp.Binary(BinaryKind.MUL), sign, node.input(1));
  }

  /**
   * {@code (f(round(x / scale + zero) / 2^(in - out)) - zero) * scale} with the rounding mode
   * {@code f}.
   */
  private static void trunc(NodeContext node) {
    node.requireInputs(5, 5);
    Value x = floatInput(node);
    Rounding rounding = rounding(node, "FLOOR");
    UnaryKind function =
        switch (rounding) {
          case FLOOR -> UnaryKind.FLOOR;
          case CEIL -> UnaryKind.CEIL;
          case HALF_EVEN -> UnaryKind.ROUND;
          default ->
              throw NodeProblem.unsupported(
                  "rounding_mode " + rounding + ", expected FLOOR, CEIL or ROUND");
        };
    Tensor scales = constant(node, 1, "scale");
    QuantizeOps.requireScales(scales);
    if (scales.elements() != 1) {
      axis(x.shape(), scales.shape());
    }
    Tensor zeros = constant(node, 2, "zero point");
    if (zeros.elements() != 1 || zeros.getFloat(0) != Math.rint(zeros.getFloat(0))) {
      throw NodeProblem.unsupported("expected one integer zero point");
    }
    int dropped = bitWidth(node, 3, "input bit width") - bitWidth(node, 4, "output bit width");
    if (dropped < 0) {
      throw NodeProblem.invalid("contradictory quantizer: more output bits than input bits");
    }
    float zero = zeros.getFloat(0);
    Value units = node.emit(new DeviceOp.Binary(BinaryKind.DIV), x, node.input(1));
    Value shifted = zero == 0 ? units : linear(node, units, 1, zero);
    Value codes = node.emit(new DeviceOp.Unary(UnaryKind.ROUND), shifted);
    Value truncated = codes;
    if (dropped > 0) {
      Value parts = linear(node, codes, (float) Math.scalb(1.0, -dropped), 0);
      truncated = node.emit(new DeviceOp.Unary(function), parts);
    }
    Value centered = zero == 0 ? truncated : linear(node, truncated, 1, -zero);
    node.result(new DeviceOp.Binary(BinaryKind.MUL), centered, node.input(1));
  }

  private static Value linear(NodeContext node, Value x, float a, float b) {
    return node.emit(new DeviceOp.Unary(UnaryKind.LINEAR, a, b), x);
  }

  static Value floatInput(NodeContext node) {
    Value x = node.input(0);
    if (!x.isFloat()) {
      throw NodeProblem.unsupported("quantizes " + x.type() + ", expected float32");
    }
    return x;
  }

  /** A float constant without NaN. */
  static Tensor constant(NodeContext node, int index, String what) {
    Value value = node.input(index);
    if (!value.isConstant()) {
      throw NodeProblem.unsupported(what + " must be a constant, found a computed value");
    }
    if (!value.isFloat() || value.shape().elements() == 0) {
      throw NodeProblem.invalid("expected a float " + what + ", found " + value.type());
    }
    for (long i = 0; i < value.constant().elements(); i++) {
      if (Float.isNaN(value.constant().getFloat(i))) {
        throw NodeProblem.invalid("the " + what + " is NaN at [" + i + "]");
      }
    }
    return value.constant();
  }

  private static int bitWidth(NodeContext node, int index, String what) {
    Tensor widths = constant(node, index, what);
    float bits = widths.getFloat(0);
    for (long i = 1; i < widths.elements(); i++) {
      if (widths.getFloat(i) != bits) {
        throw NodeProblem.unsupported("a " + what + " of its own per channel");
      }
    }
    if (!(bits >= 1 && bits <= 32) || bits != Math.rint(bits)) {
      throw NodeProblem.invalid("expected a " + what + " of 1 to 32, found " + bits);
    }
    return (int) bits;
  }

  private static Rounding rounding(NodeContext node, String fallback) {
    String mode = node.attributes().stringOr("rounding_mode", fallback);
    return switch (mode.toUpperCase(Locale.ROOT)) {
      case "ROUND", "HALF_EVEN" -> Rounding.HALF_EVEN;
      case "HALF_UP" -> Rounding.HALF_UP;
      case "HALF_DOWN" -> Rounding.HALF_DOWN;
      case "UP" -> Rounding.UP;
      case "DOWN", "ROUND_TO_ZERO" -> Rounding.DOWN;
      case "FLOOR" -> Rounding.FLOOR;
      case "CEIL" -> Rounding.CEIL;
      default -> throw NodeProblem.invalid("rounding_mode '" + mode + "' is unknown");
    };
  }

  /** The one axis of {@code x} along which broadcast scales differ. */
  private static int axis(Shape x, Shape scales) {
    int axis = -1;
    for (int i = 0; i < scales.rank(); i++) {
      if (scales.dim(i) != 1) {
        int own = i + x.rank() - scales.rank();
        if (axis >= 0 || own < 0 || x.dim(own) != scales.dim(i)) {
          throw NodeProblem.unsupported(
              "scales " + scales + " of " + x + ", expected one, or one per channel");
        }
        axis = own;
      }
    }
    return axis;
  }
}
