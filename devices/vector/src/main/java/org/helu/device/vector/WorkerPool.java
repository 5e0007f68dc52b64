package org.helu.device.vector;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed set of threads that compute the parts of one step at a time. Handing out work allocates
 * nothing: threads watch a counter, first spinning (the next layer usually follows within
 * microseconds), then parked.
 *
 * <p>Parts are claimed one by one, by the caller too: a thread that the operating system keeps from
 * running delays nobody unless it has begun a part. Each thread begins with parts of its own, the
 * same in every step, whose inputs its core's caches then hold.
 */
final class WorkerPool implements AutoCloseable {
  /** Looks at the counter before parking: roughly 50 µs, the price of waking a parked thread. */
  private static final int SPINS = 4096;

  /** Parts per thread: more even out threads of different speed, but cost a claim each. */
  private static final int PARTS_PER_THREAD = 2;

  private final Worker[] workers;
  private final int parts;

  /** Whether a bit of the ticket stands for each part; parts are counted where there are more. */
  private final boolean byBits;

  /** The ticket's low bits when all parts are claimed. */
  private final int allClaimed;

  /** High 32 bits: number of the job. Low 32 bits: the parts claimed, bits or their number. */
  private final AtomicLong ticket;

  private final AtomicInteger done = new AtomicInteger();
  private final AtomicBoolean busy = new AtomicBoolean();
  private volatile boolean closed;
  private volatile Throwable failure;

  // Written before a job's ticket appears and unchanged until its last part is claimed and done.
  private Step step;
  private Frame frame;
  private int phase;

  /**
   * @param threads threads that compute, the caller's included
   */
  WorkerPool(int threads) {
    this.parts = threads == 1 ? 1 : Math.multiplyExact(threads, PARTS_PER_THREAD);
    this.byBits = parts <= Integer.SIZE;
    this.allClaimed = byBits ? -1 >>> Integer.SIZE - parts : parts;
    this.ticket = new AtomicLong(Integer.toUnsignedLong(allClaimed));
    this.workers = new Worker[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(i + 1);
      workers[i].start();
    }
  }

  /** Threads that compute, the caller's included. */
  int threads() {
    return workers.length + 1;
  }

  /** Parts that a step is split into. */
  int parts() {
    return parts;
  }

  /** Takes the pool for one caller; false if another has it, who must then work alone. */
  boolean tryAcquire() {
    return workers.length > 0 && busy.compareAndSet(false, true);
  }

  /** Gives the pool back. */
  void release() {
    busy.set(false);
  }

  /** Runs all parts of a phase, some of them on this thread; the caller has acquired the pool. */
  void run(Step work, Frame on, int whichPhase) {
    step = work;
    frame = on;
    phase = whichPhase;
    done.set(0);
    long job = (ticket.get() >>> 32) + 1;
    ticket.set(job << 32);
    for (Worker worker : workers) {
      if (worker.parked) {
        LockSupport.unpark(worker);
      }
    }
    claimParts(0);
    awaitOthers();
    Throwable cause = failure;
    if (cause != null) {
      failure = null;
      throw new IllegalStateException("a part of " + work.getClass() + " failed: " + cause, cause);
    }
  }

  /** Computes parts until none is left to claim, those from {@code first} on before the others. */
  private void claimParts(int first) {
    while (true) {
      long now = ticket.get();
      int claimed = (int) now;
      if (claimed == allClaimed) {
        return;
      }
      int part = byBits ? firstFree(claimed, first) : claimed;
      // Read before the claim: if it succeeds, the job was still the one that these belong to.
      Step work = step;
      Frame on = frame;
      int which = phase;
      if (ticket.compareAndSet(now, now + (byBits ? 1L << part : 1))) {
        try {
          work.run(on, which, part, parts);
        } catch (Throwable e) {
          failure = e;
        } finally {
          done.incrementAndGet();
        }
      }
    }
  }

  private int firstFree(int claimed, int first) {
    int free = allClaimed & ~claimed;
    int own = free & -1 << first;
    return Integer.numberOfTrailingZeros(own == 0 ? free : own);
  }

  private void awaitOthers() {
    int spins = 0;
    while (done.get() < parts) {
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
    private final int first;
    private volatile boolean parked;

    private Worker(int number) {
      super("helu-vector-" + number);
      this.first = number * PARTS_PER_THREAD;
      setDaemon(true);
    }

    @Override
    public void run() {
      while (!closed) {
        claimParts(first);
        awaitWork();
      }
    }

    private void awaitWork() {
      for (int spins = 0; hasNothing() && spins < SPINS; spins++) {
        Thread.onSpinWait();
      }
      while (hasNothing()) {
        parked = true;
        if (hasNothing()) {
          LockSupport.park(this);
        }
        parked = false;
      }
    }

    private boolean hasNothing() {
      return (int) ticket.get() == allClaimed && !closed;
    }
  }
}
