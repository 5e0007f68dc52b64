package org.helu.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.helu.bench.system.EnergyMeter;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.Test;

class InterleavedTest {
  private final StringBuilder order = new StringBuilder();

  /** Takes about {@code nanos} a run. */
  private final class Worker implements Contender {
    private final char name;
    private final long nanos;
    private long runs;

    Worker(char name, long nanos) {
      this.name = name;
      this.nanos = nanos;
    }

    @Override
    public void run() {
      runs++;
      if (order.isEmpty() || order.charAt(order.length() - 1) != name) {
        order.append(name);
      }
      long end = System.nanoTime() + nanos;
      while (System.nanoTime() < end) {
        Thread.onSpinWait();
      }
    }

    @Override
    public List<Tensor> outputs() {
      return List.of();
    }

    @Override
    public void close() {}
  }

  private static final EnergyMeter NONE = new EnergyMeter.Unmetered("");

  @Test
  void contendersTakeTurns() {
    Worker a = new Worker('a', 100_000);
    Worker b = new Worker('b', 200_000);
    List<Timing> timings =
        new Interleaved(new Effort(3, 2_000_000, 0), NONE).measure(List.of(a, b));
    // Warmed up one after the other, then three rounds.
    assertEquals("ab" + "ababab", order.toString());
    Timing first = timings.getFirst();
    assertEquals(3, first.roundMedianNanos().length);
    assertTrue(first.p50Nanos() >= 100_000, () -> "p50 " + first.p50Nanos());
    assertTrue(first.p50Nanos() <= first.p90Nanos() && first.p90Nanos() <= first.p99Nanos());
    assertTrue(first.runs() >= 3 && first.runs() <= a.runs);
    assertTrue(timings.get(1).p50Nanos() >= 200_000);
    assertTrue(Double.isNaN(first.joulesPerRun()));
  }

  @Test
  void aRunLongerThanASliceIsTimedOnceARound() {
    Worker slow = new Worker('s', 3_000_000);
    Timing timing = new Interleaved(new Effort(2, 10, 0), NONE).measure(List.of(slow)).getFirst();
    assertEquals(2, timing.runs());
    assertEquals(1, timing.runsPerTiming());
    assertFalse(timing.stable(), "a warm-up without time cannot have settled");
  }

  @Test
  void shortRunsAreTimedTogether() {
    Worker quick = new Worker('q', 0);
    Timing timing =
        new Interleaved(new Effort(1, 1_000_000, 20_000_000), NONE)
            .measure(List.of(quick))
            .getFirst();
    assertTrue(timing.runsPerTiming() > 1, () -> timing.runsPerTiming() + " runs per timing");
    assertEquals(0, timing.runs() % timing.runsPerTiming());
  }

  @Test
  void energyIsSharedAmongTheRunsThatWereMetered() {
    EnergyMeter tenJoulesALook =
        new EnergyMeter() {
          private double joules;

          @Override
          public double joules() {
            joules += 10;
            return joules;
          }

          @Override
          public String source() {
            return "";
          }

          @Override
          public void close() {}
        };
    Timing timing =
        new Interleaved(new Effort(2, 1, 0), tenJoulesALook)
            .measure(List.of(new Worker('e', 10_000)))
            .getFirst();
    assertEquals(2, timing.runs());
    assertEquals(10, timing.joulesPerRun());
  }

  @Test
  void stableIsFourWindowsAlike() {
    assertFalse(Interleaved.isStable(new double[] {100, 100, 100}));
    assertTrue(Interleaved.isStable(new double[] {900, 100, 101, 102, 103}));
    assertFalse(Interleaved.isStable(new double[] {100, 101, 102, 104}));
  }

  @Test
  void statistics() {
    Samples samples = new Samples();
    for (int i = 100; i >= 1; i--) {
      samples.add(i);
    }
    assertEquals(50, samples.percentile(50));
    assertEquals(90, samples.percentile(90));
    assertEquals(99, samples.percentile(99));
    assertEquals(100, samples.percentile(100));
    assertEquals(2.5, Samples.median(4, 1, 2, 3));
    assertArrayEquals(new double[] {100, 99}, java.util.Arrays.copyOf(samples.toArray(), 2));
    assertTrue(Double.isNaN(new Samples().median()));
  }

  @Test
  void speedupIsTheMedianOfTheRoundsRatios() {
    Timing fast = timing(10, 20, 10);
    Timing slow = timing(30, 20, 50);
    assertEquals(3, fast.speedupOver(slow));
    assertEquals(1, fast.spread());
  }

  private static Timing timing(double... rounds) {
    return new Timing(1, 1, 1, rounds, 1, 1, 0, true, Double.NaN);
  }
}
