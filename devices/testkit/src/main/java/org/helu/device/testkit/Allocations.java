package org.helu.device.testkit;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.function.Predicate;

/** Counts heap bytes that running something allocates, on the caller's thread and on others. */
final class Allocations {
  private static final int RUNS_PER_WINDOW = 200;
  private static final int MAX_WINDOWS = 400;
  private static final long MAX_NANOS = 60_000_000_000L;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocations() {}

  /**
   * The least number of bytes that a window of runs allocated. Code that has not been compiled yet
   * allocates (vectors are boxed until then), so windows repeat until one is free of it; code that
   * allocates by itself is seen in every window.
   *
   * @param others the threads, by name, that work for the caller
   */
  static long perWindow(Runnable run, Predicate<String> others) {
    long least = Long.MAX_VALUE;
    long deadline = System.nanoTime() + MAX_NANOS;
    for (int window = 0; window < MAX_WINDOWS && least > 0; window++) {
      if (System.nanoTime() > deadline) {
        break;
      }
      long[] ids =
          Arrays.stream(THREADS.getThreadInfo(THREADS.getAllThreadIds()))
              .filter(info -> info != null && others.test(info.getThreadName()))
              .mapToLong(info -> info.getThreadId())
              .toArray();
      long[] othersBefore = bytes(ids);
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < RUNS_PER_WINDOW; i++) {
        run.run();
      }
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      long[] othersAfter = bytes(ids);
      boolean ended = false;
      for (int i = 0; i < ids.length; i++) {
        // Of a thread that has ended, as one of a device closed before, the JVM says -1.
        ended |= othersBefore[i] < 0 || othersAfter[i] < 0;
        allocated += othersAfter[i] - othersBefore[i];
      }
      if (!ended) {
        least = Math.min(least, allocated);
      }
    }
    return least;
  }

  private static long[] bytes(long[] ids) {
    return ids.length == 0 ? ids : THREADS.getThreadAllocatedBytes(ids);
  }
}
