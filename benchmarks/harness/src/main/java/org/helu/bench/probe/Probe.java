package org.helu.bench.probe;

import java.util.concurrent.atomic.AtomicInteger;

/** A loop that keeps one kind of unit busy; each thread has its own. */
abstract class Probe {
  /**
   * A call is about so long: long enough to time, short enough to enter newly compiled code soon.
   */
  private static final double CALL_NANOS = 1e6;

  /** A probe ends when its best call has not been beaten for this time. */
  private static final long SETTLED_NANOS = 400_000_000;

  private static final long LONGEST_NANOS = 5_000_000_000L;

  /** What counts as beaten. */
  private static final double BETTER = 1.02;

  /** Does {@code iterations} of the work and returns something that depends on all of it. */
  abstract double run(long iterations);

  /** Operations or bytes of one iteration. */
  abstract double perIteration();

  /** Makes a thread's probe. */
  @FunctionalInterface
  interface Factory {
    Probe make();
  }

  /** Operations or bytes a second that {@code threads} threads reach together. */
  static double perSecond(int threads, Factory factory) {
    double[] best = new double[threads];
    AtomicInteger unsettled = new AtomicInteger(threads);
    Thread[] workers = new Thread[threads];
    for (int t = 0; t < threads; t++) {
      int index = t;
      workers[t] =
          Thread.ofPlatform()
              .daemon()
              .name("helu-bench-probe-" + t)
              .start(() -> best[index] = factory.make().measure(unsettled));
    }
    double sum = 0;
    for (int t = 0; t < threads; t++) {
      try {
        workers[t].join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      sum += best[t];
    }
    return sum;
  }

  /** The best call counts, the others were disturbed; all threads go on until all have settled. */
  private double measure(AtomicInteger unsettled) {
    double sink = 0;
    double best = 0;
    long iterations = 16;
    boolean settled = false;
    long begin = System.nanoTime();
    long lastBest = begin;
    long now = begin;
    while (unsettled.get() > 0 && now - begin < LONGEST_NANOS) {
      long start = System.nanoTime();
      sink += run(iterations);
      now = System.nanoTime();
      double rate = iterations * perIteration() / Math.max(1, now - start) * 1e9;
      if (now - start < CALL_NANOS / 2) {
        iterations *= 2;
      } else if (rate > best * BETTER) {
        best = rate;
        lastBest = now;
      }
      if (!settled && best > 0 && now - lastBest > SETTLED_NANOS) {
        settled = true;
        unsettled.decrementAndGet();
      }
    }
    // Never true, but the compiler cannot know: the work must not be dropped.
    return sink == 0.1 ? 0 : best;
  }
}
