package org.helu.bench;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.helu.bench.system.EnergyMeter;

/**
 * Times contenders in turn, A B A B: what the machine does meanwhile, such as a lower clock, meets
 * all of them.
 *
 * <p>Each contender is first warmed up alone, until four windows in a row have medians within 3 %
 * and the JIT compiler did nothing in the last two, or its time is up. A slice begins with runs
 * that do not count: they bring the contender's data back into the caches, and let the threads of
 * the one before fall asleep: ONNX Runtime's were seen to spin for 30 ms after a run, and to drive
 * another contender's threads onto one core.
 */
final class Interleaved {
  /** Looking at the clock costs about 25 ns; in this time it is lost. */
  private static final double MIN_TIMING_NANOS = 5_000;

  private static final int MAX_RUNS_PER_TIMING = 10_000;
  private static final int STABLE_WINDOWS = 4;
  private static final double STABLE_SPREAD = 0.03;
  private static final int QUIET_WINDOWS = 2;
  private static final CompilationMXBean JIT = ManagementFactory.getCompilationMXBean();

  /** Before a slice, its length divided by this is run, and does not count. */
  private static final int SETTLING_DIVISOR = 2;

  private final Effort effort;
  private final EnergyMeter energy;

  Interleaved(Effort effort, EnergyMeter energy) {
    this.effort = effort;
    this.energy = energy;
  }

  /** Steady times of the contenders, in their order. */
  List<Timing> measure(List<Contender> contenders) {
    List<Track> tracks = new ArrayList<>();
    contenders.forEach(contender -> tracks.add(new Track(contender)));
    tracks.forEach(Track::warmUp);
    for (int round = 0; round < effort.rounds(); round++) {
      tracks.forEach(Track::slice);
    }
    return tracks.stream().map(Track::timing).toList();
  }

  /** One contender's measurement. */
  private final class Track {
    private final Contender contender;
    private final Samples all = new Samples();
    private final Samples rounds = new Samples();
    private int runsPerTiming = 1;
    private long warmUpNanos;
    private boolean stable;
    private double joules;
    private long metered;

    Track(Contender contender) {
      this.contender = contender;
    }

    void warmUp() {
      long start = System.nanoTime();
      long window =
          Math.max(1, Math.min(effort.sliceNanos(), effort.warmUpNanos() / (5 * STABLE_WINDOWS)));
      Samples medians = new Samples();
      long compiled = JIT.getTotalCompilationTime();
      int quiet = 0;
      do {
        Samples times = timed(window);
        medians.add(times.median());
        runsPerTiming = runsPerTiming(times.median());
        long before = compiled;
        compiled = JIT.getTotalCompilationTime();
        quiet = compiled == before ? quiet + 1 : 0;
        stable = quiet >= QUIET_WINDOWS && isStable(medians.toArray());
        warmUpNanos = System.nanoTime() - start;
      } while (!stable && warmUpNanos < effort.warmUpNanos());
    }

    void slice() {
      timed(effort.sliceNanos() / SETTLING_DIVISOR);
      double before = energy.joules();
      Samples times = timed(effort.sliceNanos());
      joules += energy.joules() - before;
      metered += (long) times.count() * runsPerTiming;
      rounds.add(times.median());
      for (double time : times.toArray()) {
        all.add(time);
      }
    }

    /** Times of single runs, for {@code nanos} and at least once. */
    private Samples timed(long nanos) {
      Samples times = new Samples();
      long start = System.nanoTime();
      long now = start;
      do {
        long before = now;
        for (int i = 0; i < runsPerTiming; i++) {
          contender.run();
        }
        now = System.nanoTime();
        times.add((double) (now - before) / runsPerTiming);
      } while (now - start < nanos);
      return times;
    }

    Timing timing() {
      double[] sorted = all.sorted();
      return new Timing(
          Samples.percentile(sorted, 50),
          Samples.percentile(sorted, 90),
          Samples.percentile(sorted, 99),
          rounds.toArray(),
          (long) all.count() * runsPerTiming,
          runsPerTiming,
          warmUpNanos,
          stable,
          joules / metered);
    }
  }

  private static int runsPerTiming(double nanos) {
    return (int) Math.clamp(Math.ceil(MIN_TIMING_NANOS / nanos), 1, MAX_RUNS_PER_TIMING);
  }

  static boolean isStable(double[] medians) {
    if (medians.length < STABLE_WINDOWS) {
      return false;
    }
    double min = Double.POSITIVE_INFINITY;
    double max = 0;
    for (int i = medians.length - STABLE_WINDOWS; i < medians.length; i++) {
      min = Math.min(min, medians[i]);
      max = Math.max(max, medians[i]);
    }
    return max - min <= STABLE_SPREAD * min;
  }
}
