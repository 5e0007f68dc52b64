package org.helu.bench;

import org.helu.runtime.HeluException;

/**
 * How long to measure.
 *
 * @param rounds slices that each contender gets, in turn
 * @param sliceNanos length of a slice; one run at least, however long it takes
 * @param warmUpNanos the most that warming up one contender takes
 */
public record Effort(int rounds, long sliceNanos, long warmUpNanos) {
  /** Seven slices of 100 ms, up to 3 s of warming up. */
  public static final Effort DEFAULT = new Effort(7, 100_000_000, 3_000_000_000L);

  public Effort {
    if (rounds < 1 || rounds > 1000 || sliceNanos < 1 || warmUpNanos < 0) {
      throw HeluException.invalid(
          Benchmark.STAGE,
          "expected 1 to 1000 rounds and positive times, found "
              + rounds
              + " rounds of "
              + sliceNanos
              + " ns after "
              + warmUpNanos
              + " ns",
          "");
    }
  }
}
