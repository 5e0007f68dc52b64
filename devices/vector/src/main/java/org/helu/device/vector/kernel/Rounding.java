package org.helu.device.vector.kernel;

import org.helu.runtime.op.Epilogue;
import org.helu.runtime.tensor.Tensor;

/**
 * {@link Epilogue.Requantize} in float32 instead of 64-bit integers, with the same codes: {@code
 * code = clamp(round(v), 0, high)} of {@code v = a z + c + n r}, which is the formula's quotient
 * less one half. v is off by at most {@link #tolerance} wherever it is not clamped, so that its
 * code is right unless v is as close to a tie. The few that are must be computed in integers.
 */
final class Rounding {
  /** Half the distance of float32 numbers from one on: a bound of an operation's relative error. */
  private static final double ROUNDOFF = 0x1p-24;

  /** So near a tie may few be: with half of it every value is. */
  private static final double MAX_TOLERANCE = 0x1p-10;

  private final float[][] parameters;
  private final float tolerance;

  private Rounding(float[][] parameters, float tolerance) {
    this.parameters = parameters;
    this.tolerance = tolerance;
  }

  /** a (row 0), c (row 1) or n (row 2) of an output. */
  float get(int row, int output) {
    return parameters[row][output];
  }

  /** How far from a tie values must be. */
  float tolerance() {
    return tolerance;
  }

  /**
   * Of a layer; null where float32 is too coarse for it.
   *
   * @param values {@code [outputs or 1, 2 or 3]}: (m, b) or (m, b, r) of the epilogue
   */
  static Rounding of(Epilogue.Requantize epilogue, Tensor values, int outputs) {
    int count = values.shape().dim(1);
    float[][] parameters = new float[3][outputs];
    double unit = Math.scalb(1.0, -epilogue.shift());
    double worst = 0;
    for (int o = 0; o < outputs; o++) {
      long row = values.shape().dim(0) > 1 ? (long) o * count : 0;
      long m = values.getLong(row);
      long b = values.getLong(row + 1);
      long r = count == 3 ? values.getLong(row + 2) : 0;
      // One code for all sums is no tie, whatever its fraction.
      double c = m == 0 && r == 0 ? b >> epilogue.shift() : b * unit - 0.5;
      parameters[0][o] = (float) (m * unit);
      parameters[1][o] = (float) c;
      parameters[2][o] = (float) (r * unit);
      worst = Math.max(worst, error(epilogue.high() + 1, Math.abs(c), Math.abs(r * unit) * 255));
    }
    return worst > MAX_TOLERANCE ? null : new Rounding(parameters, (float) worst);
  }

  /**
   * Bound of the error of v where {@code |v| <= most}. Then {@code |a z| <= most + c + added}, of
   * which z, a and their product are each rounded; c and its sum, n and its product, and v are
   * rounded too. One more for the distance to a tie, and a little for products of errors.
   */
  private static double error(double most, double c, double added) {
    double scaled = 3 * (most + c + added);
    double sum = most + added;
    return 1.001 * ROUNDOFF * (scaled + c + sum + 2 * added + most + 1);
  }
}
