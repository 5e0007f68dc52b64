package org.helu.bench.probe;

import java.util.concurrent.CyclicBarrier;

/** A loop that keeps one kind of unit busy; each thread has its own. */
abstract class Probe {
  /** Repetitions of {@link #run}: the best one counts, the others were disturbed. */
  private static final int REPETITIONS = 8;

  private static final double NANOS_PER_REPETITION = 40e6;

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
    CyclicBarrier barrier = new CyclicBarrier(threads);
    Thread[] workers = new Thread[threads];
    for (int t = 0; t < threads; t++) {
      int index = t;
      workers[t] =
          Thread.ofPlatform()
              .daemon()
              .name("helu-bench-probe-" + t)
              .start(() -> best[index] = measure(factory.make(), barrier));
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

  private static double measure(Probe probe, CyclicBarrier barrier) {
    double sink = 0;
    // Compiled loops are entered anew: short calls first, so that the long ones run compiled code.
    for (int i = 0; i < 400; i++) {
      sink += probe.run(50);
    }
    long iterations = 64;
    double nanos = 0;
    while (nanos < NANOS_PER_REPETITION / 4) {
      iterations *= 2;
      long start = System.nanoTime();
      sink += probe.run(iterations);
      nanos = System.nanoTime() - start;
    }
    iterations = Math.max(1, (long) (iterations * NANOS_PER_REPETITION / nanos));
    double best = 0;
    for (int i = 0; i < REPETITIONS; i++) {
      await(barrier);
      long start = System.nanoTime();
      sink += probe.run(iterations);
      nanos = System.nanoTime() - start;
      best = Math.max(best, iterations * probe.perIteration() / nanos * 1e9);
    }
    // Never true, but the compiler cannot know: the work must not be dropped.
    return sink == 0.1 ? 0 : best;
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.BrokenBarrierException _) {
      // A thread less; its figure is 0.
    }
  }
}
