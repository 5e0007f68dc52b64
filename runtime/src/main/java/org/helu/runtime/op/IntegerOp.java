package org.helu.runtime.op;

import java.util.List;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Encoding;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.TensorType;

/**
 * Ops of low-bit graphs: integer arithmetic on codes, bit-identical on every device.
 *
 * <p>An activation edge holds unsigned codes: {@code BIT} (one bit, or several as {@link
 * Encoding.Planes}) or {@code UINT8}; {@link Codes} says what they stand for. Weights are
 * constants, {@code BIT} (bit 1 is +1, bit 0 is -1; packed along the last dimension) or {@code
 * INT8}. Sums are INT32; the compiler proves that they cannot overflow.
 *
 * <p>Epilogues are none (the sum is stored as INT32), Threshold, Requantize, Affine, or Affine and
 * Gate. Operands in this order: x, weight, the epilogue's {@code parameters} if it has any, and the
 * residual if {@code residual}: UINT8 codes of the output's shape, taken by Requantize alone.
 */
public sealed interface IntegerOp extends DeviceOp {

  /** {@code z = value(x) W^T}: x {@code [...,K]}, weight {@code [O,K]}. */
  record IntegerDense(Codes codes, boolean residual, List<Epilogue> epilogues)
      implements IntegerOp {
    public IntegerDense {
      epilogues = List.copyOf(epilogues);
    }

    @Override
    public TensorType infer(List<TensorType> inputs) {
      IntegerRules.requireOperands(inputs, epilogues, residual);
      TensorType weight = inputs.get(1);
      Shape x = inputs.get(0).shape();
      ShapeRules.requireRank(weight, 2, "weight");
      if (x.rank() < 2 || x.dim(-1) != weight.shape().dim(1)) {
        throw new OpException(
            "expected x [...,K] with weight [O,K], found " + x + " and " + weight.shape());
      }
      IntegerRules.requireSum(weight.shape().dim(1));
      Shape out = x.withDim(-1, weight.shape().dim(0));
      return IntegerRules.stored(out, inputs, epilogues, residual);
    }
  }

  /**
   * {@code z = value(x) * W}, NHWC: x {@code [N,H,W,C]}, weight {@code [O,kH,kW,C/groups]}; taps
   * outside of the image have the value {@link Codes#pad}.
   */
  record IntegerConv2d(
      Window window, int groups, Codes codes, boolean residual, List<Epilogue> epilogues)
      implements IntegerOp {
    public IntegerConv2d {
      epilogues = List.copyOf(epilogues);
    }

    @Override
    public TensorType infer(List<TensorType> inputs) {
      IntegerRules.requireOperands(inputs, epilogues, residual);
      ShapeRules.requireRank(inputs.get(0), 4, "NHWC input");
      ShapeRules.requireRank(inputs.get(1), 4, "weight");
      Shape x = inputs.get(0).shape();
      int outputs = inputs.get(1).shape().dim(0);
      if (groups < 1 || x.dim(3) % groups != 0 || outputs % groups != 0) {
        throw new OpException(
            "groups=" + groups + " does not divide " + x.dim(3) + " and " + outputs + " channels");
      }
      int groupInputs = x.dim(3) / groups;
      ShapeRules.requireShape(
          inputs.get(1),
          Shape.of(outputs, window.kernelH(), window.kernelW(), groupInputs),
          "weight");
      IntegerRules.requireSum((long) window.taps() * groupInputs);
      Shape out = Shape.of(x.dim(0), window.outH(x.dim(1)), window.outW(x.dim(2)), outputs);
      return IntegerRules.stored(out, inputs, epilogues, residual);
    }
  }

  /**
   * An epilogue standing alone. Threshold takes INT32, codes or FLOAT32 (then with FLOAT32
   * parameters); Requantize and Affine take INT32 or codes; Quantize takes FLOAT32. Inputs: x, and
   * parameters if the epilogue has any.
   */
  record Convert(Epilogue epilogue) implements IntegerOp {
    @Override
    public List<Epilogue> epilogues() {
      return List.of(epilogue);
    }

    @Override
    public TensorType infer(List<TensorType> inputs) {
      int count = epilogue.parameterType() == null ? 1 : 2;
      ShapeRules.requireInputs(inputs, count, count);
      ElementType from = inputs.get(0).elementType();
      boolean integer = from == ElementType.INT32 || IntegerRules.isCode(from);
      boolean fits =
          switch (epilogue) {
            case Epilogue.Gate _ -> false;
            case Epilogue.Threshold _ -> integer || from == ElementType.FLOAT32;
            case Epilogue.Requantize _, Epilogue.Affine _ -> integer;
            case Epilogue.Quantize _ -> from == ElementType.FLOAT32;
          };
      if (!fits) {
        throw new OpException("no conversion by " + epilogue + " from " + inputs.get(0));
      }
      Shape shape = inputs.get(0).shape();
      if (shape.rank() < 1) {
        throw new OpException("expected at least one dimension, found " + shape);
      }
      if (count == 2) {
        ElementType expected =
            from == ElementType.FLOAT32 ? ElementType.FLOAT32 : epilogue.parameterType();
        IntegerRules.requireParameters(inputs.get(1), expected, epilogue, false, shape.last());
      }
      return IntegerRules.stored(shape, epilogue);
    }
  }
}
