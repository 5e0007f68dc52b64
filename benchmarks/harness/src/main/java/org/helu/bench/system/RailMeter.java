package org.helu.bench.system;

import java.util.List;

/** Integrates the power of rails over time: a thread looks at them fifty times a second. */
final class RailMeter implements EnergyMeter {
  private static final long PERIOD_MILLIS = 20;

  private final List<Rail> rails;
  private final Thread sampler;
  private double joules;
  private double watts;
  private long lastNanos;

  RailMeter(List<Rail> rails) {
    this.rails = List.copyOf(rails);
    this.watts = power();
    this.lastNanos = System.nanoTime();
    this.sampler = Thread.ofPlatform().daemon().name("helu-bench-power").start(this::sample);
  }

  private void sample() {
    try {
      while (true) {
        Thread.sleep(PERIOD_MILLIS);
        joules();
      }
    } catch (InterruptedException _) {
      // Closed.
    }
  }

  /** By the trapezoidal rule. */
  @Override
  public synchronized double joules() {
    double power = power();
    long now = System.nanoTime();
    joules += (watts + power) / 2 * (now - lastNanos) * 1e-9;
    watts = power;
    lastNanos = now;
    return joules;
  }

  private double power() {
    return rails.stream().mapToDouble(rail -> Math.max(0, rail.watts())).sum();
  }

  @Override
  public String source() {
    return "INA3221 rails " + String.join(" + ", rails.stream().map(Rail::name).toList());
  }

  @Override
  public void close() {
    sampler.interrupt();
  }
}
