package org.helu.runtime.op;

import java.util.List;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Encoding;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.TensorType;

/** Type rules that the integer ops share. */
final class IntegerRules {
  /** So many products of an 8-bit code and an 8-bit weight cannot leave 31 bits: 2^31 / 2^16. */
  private static final int MAX_PRODUCTS = 1 << 15;

  private IntegerRules() {}

  /** Whether this element type holds codes. */
  static boolean isCode(ElementType element) {
    return element == ElementType.BIT || element == ElementType.UINT8;
  }

  /** A sum of at most this many products fits 32 bits, whatever the codes and weights are. */
  static void requireSum(long products) {
    if (products > MAX_PRODUCTS) {
      throw new OpException(
          "a sum of " + products + " products may leave 32 bits; expected at most " + MAX_PRODUCTS);
    }
  }

  static void requireOperands(List<TensorType> inputs, List<Epilogue> epilogues, boolean residual) {
    boolean parameters = !epilogues.isEmpty() && epilogues.getFirst().parameterType() != null;
    int count = 2 + (parameters ? 1 : 0) + (residual ? 1 : 0);
    ShapeRules.requireInputs(inputs, count, count);
    if (!isCode(inputs.get(0).elementType())) {
      throw new OpException("expected BIT or UINT8 codes, found " + inputs.get(0));
    }
    TensorType weight = inputs.get(1);
    if (weight.elementType() != ElementType.INT8
        && !weight.equals(weight.withElementType(ElementType.BIT))) {
      throw new OpException("expected BIT or INT8 weights, found " + weight);
    }
  }

  /** The type of {@code z} after its epilogues, whose operands are checked too. */
  static TensorType stored(
      Shape out, List<TensorType> inputs, List<Epilogue> epilogues, boolean residual) {
    boolean requantized =
        !epilogues.isEmpty() && epilogues.getFirst() instanceof Epilogue.Requantize;
    if (residual) {
      if (!requantized) {
        throw new OpException("a residual is added by Requantize alone, found " + epilogues);
      }
      TensorType last = inputs.getLast();
      ShapeRules.requireElement(last, ElementType.UINT8);
      ShapeRules.requireShape(last, out, "residual");
    }
    if (epilogues.isEmpty()) {
      return new TensorType(ElementType.INT32, out);
    }
    Epilogue first = epilogues.getFirst();
    boolean gated = epilogues.size() == 2 && epilogues.get(1) instanceof Epilogue.Gate;
    if (epilogues.size() > 1 && !(gated && first instanceof Epilogue.Affine)
        || first.parameterType() == null) {
      throw new OpException(
          "expected Threshold, Requantize, Affine, or Affine and Gate, found " + epilogues);
    }
    requireParameters(inputs.get(2), first.parameterType(), first, residual, out.last());
    TensorType type = stored(out, first);
    return gated ? type.withEncoding(Encoding.GATED) : type;
  }

  static TensorType stored(Shape out, Epilogue epilogue) {
    return switch (epilogue) {
      case Epilogue.Gate _ -> new TensorType(ElementType.FLOAT32, out, Encoding.GATED);
      case Epilogue.Affine _ -> new TensorType(ElementType.FLOAT32, out);
      case Epilogue.Requantize _, Epilogue.Quantize _ -> new TensorType(ElementType.UINT8, out);
      case Epilogue.Threshold threshold ->
          threshold.to() == ElementType.BIT
              ? TensorType.bits(out, threshold.bits())
              : new TensorType(ElementType.UINT8, out);
    };
  }

  /** Scale and zero point, inputs 1 and 2: of rank 0, or one per element along {@code axis}. */
  static void requireScale(List<TensorType> inputs, int axis) {
    ShapeRules.requireElement(inputs.get(1), ElementType.FLOAT32);
    ShapeRules.requireElement(inputs.get(2), ElementType.INT32);
    Shape x = inputs.get(0).shape();
    Shape scale = inputs.get(1).shape();
    ShapeRules.requireShape(inputs.get(2), scale, "zero point");
    if (scale.rank() != 0) {
      Shape expected = Shape.of(x.dim(ShapeRules.axis(axis, x.rank())));
      ShapeRules.requireShape(inputs.get(1), expected, "scale");
    }
  }

  static void requireParameters(
      TensorType parameters,
      ElementType element,
      Epilogue epilogue,
      boolean residual,
      int channels) {
    int columns =
        epilogue instanceof Epilogue.Threshold threshold ? 1 + threshold.steps() : residual ? 3 : 2;
    ShapeRules.requireElement(parameters, element);
    ShapeRules.requireRank(parameters, 2, "parameters");
    Shape shape = parameters.shape();
    if (shape.dim(1) != columns || (shape.dim(0) != channels && shape.dim(0) != 1)) {
      throw new OpException(
          "expected parameters ["
              + channels
              + " or 1, "
              + columns
              + "] of "
              + epilogue
              + ", found "
              + shape);
    }
  }
}
