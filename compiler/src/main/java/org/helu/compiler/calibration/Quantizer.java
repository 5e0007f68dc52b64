package org.helu.compiler.calibration;

import org.helu.runtime.HeluException;

/**
 * How an activation becomes a code: {@code code = clamp(round(x / scale) + zeroPoint, 0, high)},
 * which stands for {@code scale * (code - zeroPoint)}.
 *
 * @param scale greater than 0
 * @param zeroPoint 0 for values that are never negative
 * @param high the largest code
 */
public record Quantizer(float scale, int zeroPoint, int high) {
  public Quantizer {
    if (!(scale > 0)
        || !Float.isFinite(scale)
        || high < 1
        || high > 255
        || zeroPoint < 0
        || zeroPoint > high) {
      throw HeluException.invalid(
          "compile/calibrate",
          "expected a finite scale > 0 and 0 <= zero point <= highest code <= 255, found "
              + scale
              + ", "
              + zeroPoint
              + " and "
              + high,
          "calibrate the network again");
    }
  }

  /** The quantizer whose codes cover {@code [low, high]} and 0. */
  static Quantizer covering(double low, double high, int codes) {
    double least = Math.min(0, low);
    double most = Math.max(0, high);
    float scale = (float) ((most - least) / codes);
    if (!(scale >= Float.MIN_NORMAL)) {
      // The value is always 0, or too small to matter: any scale represents it.
      return new Quantizer(1, 0, codes);
    }
    int zeroPoint = (int) Math.clamp(Math.rint(-least / scale), 0, codes);
    return new Quantizer(scale, zeroPoint, codes);
  }

  /** What {@code x} is after being quantized. */
  double apply(double x) {
    double code = Math.clamp(Math.rint(x / scale) + zeroPoint, 0, high);
    return scale * (code - zeroPoint);
  }
}
