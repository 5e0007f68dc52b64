package org.helu.bench.system;

import java.util.List;

/**
 * Energy that a machine says it took. What is metered is the whole processor package or board, with
 * everything that runs on it.
 */
public interface EnergyMeter extends AutoCloseable {
  /** Joules since some moment in the past, never falling; NaN where the machine does not tell. */
  double joules();

  /** What is metered and by which interface; where nothing is, why not. */
  String source();

  /** Whether {@link #joules} is a number. */
  default boolean isAvailable() {
    return !Double.isNaN(joules());
  }

  @Override
  void close();

  /** The best meter of a machine: power rails of the board, else counters of its processor. */
  static EnergyMeter of(SystemFiles files) {
    List<Rail> rails = Rail.find(files);
    if (!rails.isEmpty()) {
      return new RailMeter(rails);
    }
    List<Counter> counters = Counter.find(files);
    if (!counters.isEmpty()) {
      return new CounterMeter(counters);
    }
    return new Unmetered(Counter.whyNone(files));
  }

  /**
   * Nothing is metered.
   *
   * @param source why
   */
  record Unmetered(String source) implements EnergyMeter {
    @Override
    public double joules() {
      return Double.NaN;
    }

    @Override
    public void close() {}
  }
}
