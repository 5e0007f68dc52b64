package org.helu.device.vector;

/**
 * One node bound to its kernel, packed weights and places in memory. Immutable: sessions share
 * steps, their state is in the {@link Frame}.
 *
 * <p>Parts of a step compute different outputs and never share a sum, so results do not depend on
 * how many there are.
 */
abstract class Step {
  /** What must be done before the parallel phases, on the caller's thread. */
  void prepare(Frame frame) {}

  /** Phases that each end before the next begins. */
  int phases() {
    return 1;
  }

  /** About how many multiply-adds (or as costly element moves) a run takes. */
  abstract long work(int batch);

  /** Whether the step has parts. */
  boolean isDivisible() {
    return true;
  }

  /** Computes part {@code part} of {@code parts} of a phase; allocates nothing. */
  abstract void run(Frame frame, int phase, int part, int parts);

  /** Bytes of shared scratch that the step needs. */
  long scratchBytes() {
    return 0;
  }

  /** Bytes of scratch that each part needs for itself. */
  long partScratchBytes() {
    return 0;
  }

  /** The first of {@code total} units that belongs to {@code part}, a multiple of {@code grain}. */
  static long begin(long total, long grain, int part, int parts) {
    long grains = (total + grain - 1) / grain;
    return Math.min(total, grains * part / parts * grain);
  }
}
