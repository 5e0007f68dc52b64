package org.helu.device.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What trials of {@link ThreadChoice} decide, with times that are made up. */
class ThreadChoiceTest {
  private static final int RUNS_OF_TRIAL = 32;

  /** Nanoseconds of a step in a run of a trial. */
  @FunctionalInterface
  private interface Times {
    long of(int run, int step, boolean shared, boolean allShared);
  }

  private static Step step(long work, boolean divisible) {
    return new Step() {
      @Override
      long work(int batch) {
        return work * batch;
      }

      @Override
      boolean isDivisible() {
        return divisible;
      }

      @Override
      void run(Frame frame, int phase, int part, int parts) {
        throw new AssertionError("only times are asked for");
      }
    };
  }

  private static boolean[] shared(ThreadChoice choice, int steps) {
    boolean[] shared = new boolean[steps];
    for (int i = 0; i < steps; i++) {
      shared[i] = choice.isShared(i);
    }
    return shared;
  }

  /** Runs without timing up to the next trial. */
  private static int await(ThreadChoice choice) {
    int runs = 0;
    while (!choice.begin(true)) {
      runs++;
    }
    return runs;
  }

  /** The next trial; returns the runs before it. */
  private static int trial(ThreadChoice choice, Step[] steps, Times times) {
    int before = await(choice);
    for (int run = 0; run < RUNS_OF_TRIAL; run++) {
      if (run > 0) {
        assertTrue(choice.begin(true), "a trial is one run after the other");
      }
      boolean all = true;
      for (int i = 0; i < steps.length; i++) {
        all &= steps[i] == null || !steps[i].isDivisible() || choice.isShared(i);
      }
      for (int i = 0; i < steps.length; i++) {
        if (steps[i] != null) {
          choice.time(i, times.of(run, i, choice.isShared(i), all));
        }
      }
      choice.end();
    }
    assertFalse(choice.begin(false));
    return before;
  }

  private static final Step[] STEPS = {
    step(300_000, true), null, step(20_000, true), step(300_000, false)
  };

  @Test
  void workDecidesBeforeTheFirstTrial() {
    ThreadChoice one = new ThreadChoice(STEPS, 1);
    assertFalse(one.begin(true));
    assertArrayEquals(new boolean[] {true, false, false, false}, shared(one, 4));
    ThreadChoice many = new ThreadChoice(STEPS, 256);
    assertArrayEquals(new boolean[] {true, false, true, false}, shared(many, 4));
  }

  @Test
  void littleAndMuchWorkIsNotMeasured() {
    Step[] steps = {step(15_999, true), step(4_000_000, true), step(100_000, true)};
    ThreadChoice choice = new ThreadChoice(steps, 1);
    assertArrayEquals(new boolean[] {false, true, false}, shared(choice, 3));
    trial(choice, steps, (run, step, shared, all) -> shared ? 60 : 100);
    assertArrayEquals(new boolean[] {false, true, true}, shared(choice, 3));
    ThreadChoice fixed = new ThreadChoice(new Step[] {steps[0], steps[1]}, 1);
    for (int run = 0; run < 100; run++) {
      assertFalse(fixed.begin(true));
    }
  }

  @Test
  void sharesTheStepsThatGain() {
    ThreadChoice choice = new ThreadChoice(STEPS, 1);
    trial(choice, STEPS, (run, step, shared, all) -> step == 0 && shared ? 60 : 100);
    assertArrayEquals(new boolean[] {true, false, false, false}, shared(choice, 4));
    trial(choice, STEPS, (run, step, shared, all) -> step == 2 && shared ? 60 : 100);
    assertArrayEquals(new boolean[] {false, false, true, false}, shared(choice, 4));
  }

  @Test
  void aGainOfAFewPercentLeavesTheCoresToOthers() {
    ThreadChoice choice = new ThreadChoice(STEPS, 1);
    trial(choice, STEPS, (run, step, shared, all) -> shared ? 95 : 100);
    assertArrayEquals(new boolean[4], shared(choice, 4));
  }

  @Test
  void whatGainsOnlyAmongSharedStepsIsNotShared() {
    ThreadChoice choice = new ThreadChoice(STEPS, 1);
    // As where threads are parked during the steps between.
    trial(
        choice,
        STEPS,
        (run, step, shared, all) -> !shared ? 100 : step == 2 ? 120 : all ? 60 : 140);
    assertArrayEquals(new boolean[4], shared(choice, 4));
  }

  @Test
  void firstRunsOfEachWayAndDisturbedOnesDoNotCount() {
    ThreadChoice choice = new ThreadChoice(STEPS, 1);
    trial(
        choice,
        STEPS,
        (run, step, shared, all) -> run % 2 == 0 ? 1 : run % 8 > 3 ? 10_000 : shared ? 60 : 100);
    assertArrayEquals(new boolean[] {true, false, true, false}, shared(choice, 4));
  }

  @Test
  void trialsBecomeRare() {
    ThreadChoice choice = new ThreadChoice(STEPS, 1);
    Times same = (run, step, shared, all) -> 100;
    assertEquals(32, trial(choice, STEPS, same));
    assertEquals(32, trial(choice, STEPS, same));
    assertEquals(64, trial(choice, STEPS, same));
    for (int i = 0; i < 10; i++) {
      trial(choice, STEPS, same);
    }
    assertEquals(4096, trial(choice, STEPS, same));
  }

  @Test
  void runsThatMayNotBeTimedAreNoneOfATrial() {
    ThreadChoice choice = new ThreadChoice(STEPS, 1);
    for (int run = 0; run < 100; run++) {
      assertFalse(choice.begin(false));
    }
    assertEquals(32, await(choice));
  }
}
