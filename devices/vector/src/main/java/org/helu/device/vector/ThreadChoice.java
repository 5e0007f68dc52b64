package org.helu.device.vector;

import java.util.Arrays;

/**
 * Which steps of a network are shared among threads, for one batch size. What handing a step out
 * costs depends on how fast this machine's cores exchange cache lines and on what the threads next
 * to it do, so it is measured: now and then some runs are timed step by step, first with every step
 * on one thread, then with every step shared, then with those shared that gained by it.
 *
 * <p>Until the first of these trials, and for the results, nothing depends on it: steps of at least
 * {@link #MIN_SHARED_WORK} are shared.
 */
final class ThreadChoice {
  /** Work from which on sharing paid on the machines that were measured. */
  private static final long MIN_SHARED_WORK = 250_000;

  /** Runs of each way in a trial. */
  private static final int BURST = 6;

  /** Of these, runs that only bring threads and caches into the state of the others. */
  private static final int SETTLING = 2;

  /** Runs from one trial to the next: few at first, while code is still being compiled. */
  private static final int FIRST_GAP = 32;

  private static final int LAST_GAP = 4096;

  /** Of one thread's time, what sharing a step must take at most: else cores are left to others. */
  private static final double PAYS = 0.9;

  /** Likewise for the whole network. */
  private static final double PAYS_IN_ALL = 0.97;

  private enum Way {
    ALONE,
    SHARED,
    MIXED
  }

  private static final Way[] WAYS = Way.values();

  private final boolean[] divisible;
  private final boolean[] chosen;
  private final boolean[] mixed;

  /** Least nanoseconds of each step in the trial, by way. */
  private final long[][] nanos;

  /** Likewise of all steps together. */
  private final long[] totals = new long[WAYS.length];

  private int gap = FIRST_GAP;
  private int waiting = FIRST_GAP;

  /** Number of the run in the trial. */
  private int run;

  private boolean isTrial;
  private long total;

  /**
   * @param steps those of nodes without one are null
   */
  ThreadChoice(Step[] steps, int batch) {
    this.divisible = new boolean[steps.length];
    this.chosen = new boolean[steps.length];
    this.mixed = new boolean[steps.length];
    this.nanos = new long[WAYS.length][steps.length];
    for (int i = 0; i < steps.length; i++) {
      divisible[i] = steps[i] != null && steps[i].isDivisible();
      chosen[i] = divisible[i] && steps[i].work(batch) >= MIN_SHARED_WORK;
    }
  }

  /**
   * Begins a run.
   *
   * @param mayTime whether it may be one of a trial
   * @return whether it is: then each step is to be timed
   */
  boolean begin(boolean mayTime) {
    isTrial = mayTime && waiting == 0;
    if (!isTrial) {
      waiting -= mayTime ? 1 : 0;
      return false;
    }
    if (run == 0) {
      Arrays.fill(totals, Long.MAX_VALUE);
      for (long[] times : nanos) {
        Arrays.fill(times, Long.MAX_VALUE);
      }
    }
    total = 0;
    return true;
  }

  /** Whether a step is to be shared in this run. */
  boolean isShared(int step) {
    if (!isTrial) {
      return chosen[step];
    }
    return switch (way()) {
      case ALONE -> false;
      case SHARED -> divisible[step];
      case MIXED -> mixed[step];
    };
  }

  private Way way() {
    return WAYS[run / BURST];
  }

  /** Takes a step's time in a run that is timed. */
  void time(int step, long elapsed) {
    total += elapsed;
    if (run % BURST >= SETTLING) {
      long[] times = nanos[way().ordinal()];
      times[step] = Math.min(times[step], elapsed);
    }
  }

  /** Ends a run that was timed. */
  void end() {
    if (run % BURST >= SETTLING) {
      int way = way().ordinal();
      totals[way] = Math.min(totals[way], total);
    }
    run++;
    if (run == BURST * Way.MIXED.ordinal()) {
      long[] alone = nanos[Way.ALONE.ordinal()];
      long[] shared = nanos[Way.SHARED.ordinal()];
      for (int i = 0; i < mixed.length; i++) {
        mixed[i] = divisible[i] && shared[i] < PAYS * alone[i];
      }
    } else if (run == BURST * WAYS.length) {
      boolean pays = totals[Way.MIXED.ordinal()] < PAYS_IN_ALL * totals[Way.ALONE.ordinal()];
      for (int i = 0; i < chosen.length; i++) {
        chosen[i] = pays && mixed[i];
      }
      run = 0;
      waiting = gap;
      gap = Math.min(2 * gap, LAST_GAP);
    }
  }
}
