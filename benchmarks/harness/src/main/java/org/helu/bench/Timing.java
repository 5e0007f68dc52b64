package org.helu.bench;

/**
 * Steady times of one contender.
 *
 * @param p50Nanos half of the runs take no longer
 * @param p90Nanos nine in ten take no longer
 * @param p99Nanos ninety-nine in a hundred take no longer
 * @param roundMedianNanos the median of each round, in order
 * @param runs how many runs were timed
 * @param runsPerTiming runs between two looks at the clock: above 1 where a run is so short that
 *     the clock would be measured; percentiles are then those of means over so many runs
 * @param warmUpNanos time spent on warming up
 * @param stable whether the times had settled by then
 * @param joulesPerRun energy that the whole board took, or NaN where it is not told
 */
record Timing(
    double p50Nanos,
    double p90Nanos,
    double p99Nanos,
    double[] roundMedianNanos,
    long runs,
    int runsPerTiming,
    long warmUpNanos,
    boolean stable,
    double joulesPerRun) {

  /** {@code (largest - smallest) / median} of the rounds' medians. */
  double spread() {
    double min = Double.POSITIVE_INFINITY;
    double max = 0;
    for (double median : roundMedianNanos) {
      min = Math.min(min, median);
      max = Math.max(max, median);
    }
    return (max - min) / Samples.median(roundMedianNanos);
  }

  /**
   * How many times as fast this is as {@code other}: the median of the rounds' ratios, since both
   * were measured side by side in each round.
   */
  double speedupOver(Timing other) {
    int rounds = Math.min(roundMedianNanos.length, other.roundMedianNanos.length);
    double[] ratios = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      ratios[i] = other.roundMedianNanos[i] / roundMedianNanos[i];
    }
    return Samples.median(ratios);
  }
}
