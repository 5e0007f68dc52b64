package org.helu.samples;

/** Told how far long work has come. */
@FunctionalInterface
public interface Progress {
  /** Tells nobody. */
  Progress NONE = (_, _, _) -> {};

  /**
   * Called now and then, and at the end of each piece of work.
   *
   * @param work what is being done, such as {@code mnist-mlp on vector}
   * @param done units done
   * @param total units in all, or -1 if that is not known
   */
  void step(String work, long done, long total);
}
