package org.helu.runtime.op;

import org.helu.runtime.tensor.ElementType;

/**
 * What happens to an accumulator before it is stored. Data, not subclasses of the op: a device's
 * kernel takes the list and applies it, so a new epilogue does not multiply the ops.
 *
 * <p>{@link Gate} belongs to float accumulators. The others belong to integer ops ({@link
 * IntegerOp}); their constants are an operand {@code parameters} of shape {@code [C, columns]} for
 * the C channels of the output's last dimension, or {@code [1, columns]} for all channels alike.
 */
public sealed interface Epilogue {
  /** HeLU at inference, see {@link Gate}. */
  Epilogue GATE = new Gate();

  /** See {@link Affine}. */
  Epilogue AFFINE = new Affine();

  /** Element type of the operand {@code parameters}, or null where the epilogue has none. */
  default ElementType parameterType() {
    return null;
  }

  /**
   * {@code y = z * [z > 0]}: a one-bit gate. The bit is 1 iff {@code !(z <= 0)}: {@code z == 0}
   * (and -0) closes the gate and stores +0, as ReLU does; a NaN passes, as in PyTorch's and ONNX's
   * ReLU. The output edge is encoded {@code Gated}.
   */
  record Gate() implements Epilogue {
    // As in TensorType: a record's own methods are made at run time, and every start asks for
    // gates.

    @Override
    public boolean equals(Object other) {
      return other instanceof Gate;
    }

    @Override
    public int hashCode() {
      return 1;
    }

    @Override
    public String toString() {
      return "gate";
    }
  }

  /**
   * {@code code = sum over t = 1..steps of [sign * z >= parameters[c, t]]}, where {@code sign =
   * parameters[c, 0]} is +1 or -1. Thresholds of a channel do not decrease. Parameters have {@code
   * 1 + steps} columns, of type INT32 for integer and FLOAT32 for float {@code z}; a NaN reaches no
   * threshold. This is how batch norm and quantizer of a trained low-bit network become integers
   * (docs/numerics.md).
   *
   * @param steps number of thresholds, 1 to 255
   * @param to {@code BIT}, packed in as many planes as {@code steps} has bits, or {@code UINT8}
   */
  record Threshold(int steps, ElementType to) implements Epilogue {
    public Threshold {
      if (steps < 1 || steps > 255 || (to != ElementType.BIT && to != ElementType.UINT8)) {
        throw new OpException(
            "expected 1 to 255 steps to BIT or UINT8 codes, found " + steps + " to " + to);
      }
    }

    /** Bits of the largest code. */
    public int bits() {
      return 32 - Integer.numberOfLeadingZeros(steps);
    }

    @Override
    public ElementType parameterType() {
      return ElementType.INT32;
    }

    @Override
    public String toString() {
      return "threshold" + steps + (to == ElementType.UINT8 ? "u8" : "");
    }
  }

  /**
   * {@code code = clamp((z * m + r * residual + b) >> shift, 0, high)} in 64-bit integers, stored
   * as UINT8: {@code (m, b)}, or {@code (m, b, r)} where the op has a residual, are the INT64
   * columns of the parameters. The shift is arithmetic (rounds down; {@code b} carries the half
   * that rounds to nearest). No sum may leave 64 bits: {@code |m|, |r| < 2^31, |b| < 2^62}.
   *
   * @param shift 0 to 62
   * @param high largest code, 1 to 255
   */
  record Requantize(int shift, int high) implements Epilogue {
    public Requantize {
      if (shift < 0 || shift > 62 || high < 1 || high > 255) {
        throw new OpException(
            "expected a shift of 0 to 62 and a highest code of 1 to 255, found "
                + shift
                + " and "
                + high);
      }
    }

    @Override
    public ElementType parameterType() {
      return ElementType.INT64;
    }

    @Override
    public String toString() {
      return "requantize" + high;
    }
  }

  /**
   * {@code y = (float) z * scale + shift} in float32, product and sum each rounded once (no fused
   * multiply-add, so that every device gives the same bits). The FLOAT32 columns of the parameters
   * are {@code (scale, shift)}.
   */
  record Affine() implements Epilogue {
    @Override
    public ElementType parameterType() {
      return ElementType.FLOAT32;
    }

    @Override
    public String toString() {
      return "affine";
    }
  }

  /**
   * {@code code = clamp(round(z / scale) + zeroPoint, 0, high)} of a float {@code z}, stored as
   * UINT8: the division in float32, rounded half to even; a NaN gives the code {@code zeroPoint}.
   * No parameters. Source: ONNX <i>QuantizeLinear</i>.
   *
   * @param scale greater than 0 and finite
   * @param zeroPoint 0 to 255
   * @param high largest code, 1 to 255
   */
  record Quantize(float scale, int zeroPoint, int high) implements Epilogue {
    public Quantize {
      if (!(scale > 0)
          || !Float.isFinite(scale)
          || zeroPoint < 0
          || high < 1
          || high > 255
          || zeroPoint > high) {
        throw new OpException(
            "expected a finite scale > 0 and 0 <= zero point <= highest code <= 255, found "
                + scale
                + ", "
                + zeroPoint
                + ", "
                + high);
      }
    }

    @Override
    public String toString() {
      return "quantize" + high + " scale=" + scale + (zeroPoint == 0 ? "" : " zero=" + zeroPoint);
    }
  }
}
