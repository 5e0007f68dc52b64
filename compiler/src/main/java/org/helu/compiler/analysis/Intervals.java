package org.helu.compiler.analysis;

import java.util.Arrays;

/**
 * Closed intervals that contain every value of an edge: one per channel of the last axis, or a
 * single one for all.
 */
public record Intervals(double[] min, double[] max) {
  /** Nothing known. */
  public static final Intervals ALL = of(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

  /** One interval for all channels. */
  public static Intervals of(double min, double max) {
    return new Intervals(new double[] {min}, new double[] {max});
  }

  /** Lower end of a channel. */
  public double min(int channel) {
    return min.length == 1 ? min[0] : min[channel];
  }

  /** Upper end of a channel. */
  public double max(int channel) {
    return max.length == 1 ? max[0] : max[channel];
  }

  /** The one interval that contains all channels. */
  public Intervals hull() {
    return min.length == 1
        ? this
        : of(Arrays.stream(min).min().getAsDouble(), Arrays.stream(max).max().getAsDouble());
  }

  /** The smallest intervals that also contain {@code value}. */
  public Intervals including(double value) {
    double[] lower = min.clone();
    double[] upper = max.clone();
    for (int c = 0; c < lower.length; c++) {
      lower[c] = Math.min(lower[c], value);
      upper[c] = Math.max(upper[c], value);
    }
    return new Intervals(lower, upper);
  }

  /** {@code max(0, ·)} of every interval. */
  public Intervals gated() {
    double[] lower = min.clone();
    double[] upper = max.clone();
    for (int c = 0; c < lower.length; c++) {
      lower[c] = Math.max(lower[c], 0);
      upper[c] = Math.max(upper[c], 0);
    }
    return new Intervals(lower, upper);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Intervals intervals
        && Arrays.equals(min, intervals.min)
        && Arrays.equals(max, intervals.max);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(min) + Arrays.hashCode(max);
  }

  @Override
  public String toString() {
    return "Intervals" + Arrays.toString(min) + Arrays.toString(max);
  }
}
