package org.helu.device.vector;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed set of threads that compute the parts of one step at a time. Handing out work allocates
 * nothing: threads watch a counter, first spinning (the next layer usually follows within
 * microseconds), then parked.
 */
final class WorkerPool implements AutoCloseable {
  /** Looks at the counter before parking: roughly 50 µs, the price of waking a parked thread. */
  private static final int SPINS = 4096;

  private final Worker[] workers;
  private final AtomicInteger epoch = new AtomicInteger();
  private final AtomicInteger pending = new AtomicInteger();
  private final AtomicBoolean busy = new AtomicBoolean();
  private volatile boolean closed;
  private volatile Throwable failure;
  // Written before the epoch advances, read after: the counter publishes them.
  private Step step;
  private Frame frame;
  private int phase;

  /**
   * @param threads parts that work is split into, the caller's included
   */
  WorkerPool(int threads) {
    workers = new Worker[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(i + 1);
      workers[i].start();
    }
  }

  /** Parts that work is split into. */
  int parts() {
    return workers.length + 1;
  }

  /** Takes the pool for one caller; false if another has it, who must then work alone. */
  boolean tryAcquire() {
    return workers.length > 0 && busy.compareAndSet(false, true);
  }

  /** Gives the pool back. */
  void release() {
    busy.set(false);
  }

  /** Runs all parts of a phase, one of them on this thread; the caller has acquired the pool. */
  void run(Step work, Frame on, int whichPhase) {
    step = work;
    frame = on;
    phase = whichPhase;
    pending.set(workers.length);
    epoch.incrementAndGet();
    for (Worker worker : workers) {
      if (worker.parked) {
        LockSupport.unpark(worker);
      }
    }
    try {
      work.run(on, whichPhase, 0, parts());
    } finally {
      await();
    }
    if (failure != null) {
      Throwable cause = failure;
      failure = null;
      throw new IllegalStateException("a worker thread failed: " + cause, cause);
    }
  }

  private void await() {
    int spins = 0;
    while (pending.get() > 0) {
      if (spins < SPINS) {
        spins++;
        Thread.onSpinWait();
      } else {
        // More threads than free cores: let the late one run.
        Thread.yield();
      }
    }
  }

  @Override
  public void close() {
    // Waits for a run that has the pool, and keeps it: later runs work alone.
    while (!closed && !busy.compareAndSet(false, true)) {
      Thread.yield();
    }
    closed = true;
    for (Worker worker : workers) {
      LockSupport.unpark(worker);
    }
  }

  private final class Worker extends Thread {
    private final int part;
    private volatile boolean parked;

    private Worker(int part) {
      super("helu-vector-" + part);
      this.part = part;
      setDaemon(true);
    }

    @Override
    public void run() {
      int seen = 0;
      while (true) {
        int next = awaitWork(seen);
        if (next == seen) {
          return;
        }
        seen = next;
        try {
          step.run(frame, phase, part, parts());
        } catch (Throwable e) {
          failure = e;
        } finally {
          pending.decrementAndGet();
        }
      }
    }

    private int awaitWork(int seen) {
      int spins = 0;
      while (epoch.get() == seen && !closed) {
        if (spins < SPINS) {
          spins++;
          Thread.onSpinWait();
        } else {
          parked = true;
          if (epoch.get() == seen && !closed) {
            LockSupport.park(this);
          }
          parked = false;
        }
      }
      return epoch.get();
    }
  }
}
