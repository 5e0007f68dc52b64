package org.helu.compiler.lowbit;

/**
 * {@code code = clamp((m * z + b) >> shift, 0, high)}, equal to thresholds for every integer.
 *
 * <p>Proof: the fixed-point code is at least k exactly where {@code m z + b >= k 2^shift}. For
 * {@code m >= 0} that is monotone in z, so it suffices that the inequality holds at the threshold
 * {@code T_k} and fails at {@code T_k - 1}. Both bound b, from below and from above: the proof is
 * that the interval of all these bounds is not empty.
 *
 * @param shift the shift, the same for all channels
 * @param m factor per channel
 * @param b addend per channel
 */
record FixedPoint(int shift, long[] m, long[] b) {
  private static final long LIMIT_M = 1L << 31;
  private static final long LIMIT_B = 1L << 62;

  /**
   * Searches fixed-point factors for thresholds.
   *
   * @param slopes codes per unit of z, per channel; only their magnitude matters
   * @return null where there are none within the bits that Requantize has
   */
  static FixedPoint search(Steps[] steps, double[] slopes, int[] low, int[] high) {
    double steepest = 0;
    for (double slope : slopes) {
      steepest = Math.max(steepest, Math.abs(slope));
    }
    if (!(steepest > 0) || !Double.isFinite(steepest)) {
      return null;
    }
    // m < 2^31 in the steepest channel; b stays below 2^62 as codes have 8 bits.
    int shift = Math.min(52, 30 - Math.getExponent(steepest));
    if (shift < 0) {
      return null;
    }
    long[] m = new long[steps.length];
    long[] b = new long[steps.length];
    for (int c = 0; c < steps.length; c++) {
      long rounded = Math.round(Math.abs(slopes[c]) * Math.scalb(1.0, shift));
      long[] found = null;
      for (long delta : new long[] {0, -1, 1}) {
        found = found == null ? fit(steps[c], rounded + delta, shift, low[c], high[c]) : found;
      }
      if (found == null) {
        return null;
      }
      m[c] = found[0];
      b[c] = found[1];
    }
    return new FixedPoint(shift, m, b);
  }

  /** {m, b} of one channel for a magnitude of m, or null. */
  private static long[] fit(Steps steps, long magnitude, int shift, int low, int high) {
    if (magnitude < 0 || magnitude >= LIMIT_M) {
      return null;
    }
    int from = steps.sign() > 0 ? low : -high;
    int to = steps.sign() > 0 ? high : -low;
    long least = -LIMIT_B + 1;
    long most = LIMIT_B - 1;
    for (int k = 1; k <= steps.thresholds().length; k++) {
      long target = (long) k << shift;
      int threshold = steps.thresholds()[k - 1];
      if (threshold == Steps.ALWAYS) {
        least = Math.max(least, target - magnitude * from);
      } else if (threshold == Steps.NEVER) {
        most = Math.min(most, target - 1 - magnitude * to);
      } else {
        least = Math.max(least, target - magnitude * threshold);
        most = Math.min(most, target - 1 - magnitude * (threshold - 1L));
      }
    }
    if (least > most) {
      return null;
    }
    return new long[] {steps.sign() * magnitude, least + (most - least) / 2};
  }

  /** The code of an integer by these factors. */
  int code(int channel, int z, int highest) {
    return Math.clamp((m[channel] * z + b[channel]) >> shift, 0, highest);
  }
}
