package org.helu.runtime.op;

/** How a quantizer rounds to an integer. Source: QONNX <i>Quant</i>'s {@code rounding_mode}. */
public enum Rounding {
  /** To nearest, ties to even: QONNX ROUND, ONNX QuantizeLinear. */
  HALF_EVEN,
  /** To nearest, ties away from zero: QONNX HALF_UP. */
  HALF_UP,
  /** To nearest, ties toward zero: QONNX HALF_DOWN. */
  HALF_DOWN,
  /** Away from zero: QONNX UP. */
  UP,
  /** Toward zero: QONNX DOWN. */
  DOWN,
  /** Toward minus infinity: QONNX FLOOR. */
  FLOOR,
  /** Toward plus infinity: QONNX CEIL. */
  CEIL;

  /** {@code x} rounded; NaN and infinities stay what they are. */
  public double round(double x) {
    double magnitude = Math.abs(x);
    return switch (this) {
      case HALF_EVEN -> Math.rint(x);
      case HALF_UP -> Math.copySign(half(magnitude, 0.5), x);
      case HALF_DOWN -> Math.copySign(-half(-magnitude, 0.5), x);
      case UP -> Math.copySign(Math.ceil(magnitude), x);
      case DOWN -> Math.copySign(Math.floor(magnitude), x);
      case FLOOR -> Math.floor(x);
      case CEIL -> Math.ceil(x);
    };
  }

  /** {@code floor(x + half)} without the sum's own rounding. */
  private static double half(double x, double half) {
    double floor = Math.floor(x);
    return x - floor >= half ? floor + 1 : floor;
  }
}
