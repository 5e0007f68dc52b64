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
