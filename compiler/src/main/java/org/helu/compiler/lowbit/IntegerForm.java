package org.helu.compiler.lowbit;

import org.helu.runtime.op.Codes;

/**
 * {@code a * code + b = scale * (step * code - zero)} in integers, as {@link Codes} has it.
 *
 * @param scale what the integer is multiplied by
 * @param codes step and zero; padding has the value 0
 */
record IntegerForm(double scale, Codes codes) {
  /** The form, or null where there is none: b must be a multiple of a or of its half. */
  static IntegerForm of(double a, double b) {
    if (!(a != 0) || !Double.isFinite(a) || !Double.isFinite(b)) {
      return null;
    }
    for (int step = 1; step <= 2; step++) {
      double scale = a / step;
      double zero = Math.rint(-b / scale);
      if (zero >= 0 && zero <= 255 && zero * scale == -b) {
        return new IntegerForm(scale, new Codes(step, (int) zero, 0));
      }
    }
    return null;
  }
}
