package org.helu.device.vector;

import java.util.Arrays;

/**
 * Which steps of a network are shared among threads, for one batch size. Much work is, little is
 * not. What lies between is measured, since what handing a step out costs depends on how fast this
 * machine's cores exchange cache lines, and on what the steps before and behind do: now and then
 * some runs are timed step by step, on one thread and on all threads in turn, and then as a whole,
 * on one thread and with those steps shared that gained by it. Results are the same either way.
 */
final class ThreadChoice {
  /** Below, a step takes less than handing it out. */
  private static final long LEAST_WORK = 16_000;

  /** From here on, steps are shared until they are measured. */
  private static final long SHARED_AT_FIRST = 250_000;

  /** From here on, steps are shared: a trial that others disturb must not cost a thread's work. */
  private static final long MOST_WORK = 4_000_000;

  /** Ways take turns, so that a machine that changes its speed changes that of both. */
  private static final int ROUNDS = 4;

  /** Runs of a way in turn; those before the last bring threads and caches into its state. */
  private static final int RUNS_OF_TURN = 2;

  private static final int RUNS_OF_ROUND = 2 * RUNS_OF_TURN;

  /** Runs from one trial to the next: few at first, while code is still being compiled. */
  private static final int FIRST_GAP = 32;

  private static final int LAST_GAP = 4096;

  /** Of one thread's time, what a shared step must take at most: else cores are left to others. */
  private static final double PAYS = 0.9;

  /** Likewise of all steps together. */
  private static final double PAYS_IN_ALL = 0.97;

  private final boolean[] isMeasured;
  private final boolean[] isShared;
  private final boolean[] candidates;

  // Least times of the trial, each step's and all steps' together.
  private final long[] aloneNanos;
  private final long[] sharedNanos;
  private long aloneTotal;
  private long sharedTotal;

  private int gap = FIRST_GAP;
  private int waiting;

  /** Number of the run in its trial. */
  private int run;

  private boolean isTrial;
  private long total;

  /**
   * @param steps those of nodes without one are null
   */
  ThreadChoice(Step[] steps, int batch) {
    this.isMeasured = new boolean[steps.length];
    this.isShared = new boolean[steps.length];
    this.candidates = new boolean[steps.length];
    this.aloneNanos = new long[steps.length];
    this.sharedNanos = new long[steps.length];
    boolean isAnyMeasured = false;
    for (int i = 0; i < steps.length; i++) {
      if (steps[i] != null && steps[i].isDivisible()) {
        long work = steps[i].work(batch);
        isMeasured[i] = work >= LEAST_WORK && work < MOST_WORK;
        isShared[i] = work >= SHARED_AT_FIRST;
        isAnyMeasured |= isMeasured[i];
      }
    }
    this.waiting = isAnyMeasured ? FIRST_GAP : Integer.MAX_VALUE;
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
      waiting -= mayTime && waiting < Integer.MAX_VALUE ? 1 : 0;
      return false;
    }
    total = 0;
    if (run == 0) {
      Arrays.fill(candidates, true);
    }
    if (run == 0 || run == ROUNDS * RUNS_OF_ROUND) {
      Arrays.fill(aloneNanos, Long.MAX_VALUE);
      Arrays.fill(sharedNanos, Long.MAX_VALUE);
      aloneTotal = Long.MAX_VALUE;
      sharedTotal = Long.MAX_VALUE;
    }
    return true;
  }

  /** Whether a step is to be shared in this run. */
  boolean isShared(int step) {
    if (!isTrial || !isMeasured[step]) {
      return isShared[step];
    }
    return !isAlone() && candidates[step];
  }

  /** Whether it is one thread's turn. */
  private boolean isAlone() {
    return run % RUNS_OF_ROUND < RUNS_OF_TURN;
  }

  private boolean counts() {
    return run % RUNS_OF_TURN == RUNS_OF_TURN - 1;
  }

  /** Takes a step's time in a run of a trial. */
  void time(int step, long nanos) {
    total += nanos;
    if (counts()) {
      long[] least = isAlone() ? aloneNanos : sharedNanos;
      least[step] = Math.min(least[step], nanos);
    }
  }

  /** Ends a run of a trial. */
  void end() {
    if (counts() && isAlone()) {
      aloneTotal = Math.min(aloneTotal, total);
    } else if (counts()) {
      sharedTotal = Math.min(sharedTotal, total);
    }
    run++;
    if (run == ROUNDS * RUNS_OF_ROUND) {
      for (int i = 0; i < candidates.length; i++) {
        candidates[i] = isMeasured[i] && sharedNanos[i] < PAYS * aloneNanos[i];
      }
    } else if (run == 2 * ROUNDS * RUNS_OF_ROUND) {
      boolean pays = sharedTotal < PAYS_IN_ALL * aloneTotal;
      for (int i = 0; i < candidates.length; i++) {
        if (isMeasured[i]) {
          isShared[i] = pays && candidates[i];
        }
      }
      run = 0;
      waiting = gap;
      gap = Math.min(2 * gap, LAST_GAP);
    }
  }
}
