package org.helu.compiler.calibration;

/** Told how far long work has come. */
@FunctionalInterface
public interface Progress {
  /** Tells nobody. */
  Progress NONE = (_, _, _) -> {};

  /**
   * @param work what is being done
   * @param done units done
   * @param total units in all, or -1 if that is not known
   */
  void step(String work, long done, long total);
}
