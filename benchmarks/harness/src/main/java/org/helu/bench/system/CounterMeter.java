package org.helu.bench.system;

import java.util.List;

/** Adds counters up, across the ends of their ranges. */
final class CounterMeter implements EnergyMeter {
  private final List<Counter> counters;
  private final long[] last;
  private double total;

  CounterMeter(List<Counter> counters) {
    this.counters = List.copyOf(counters);
    this.last = counters.stream().mapToLong(counter -> counter.read().orElse(0)).toArray();
  }

  @Override
  public double joules() {
    for (int i = 0; i < last.length; i++) {
      Counter counter = counters.get(i);
      long now = counter.read().orElse(last[i]);
      long step = now - last[i];
      if (step < 0) {
        // Started again at 0: at package powers that takes minutes, a slice takes far less.
        step = counter.rangeMicrojoules() > 0 ? step + counter.rangeMicrojoules() : now;
      }
      total += step * 1e-6;
      last[i] = now;
    }
    return total;
  }

  @Override
  public String source() {
    return "counters of " + String.join(" + ", counters.stream().map(Counter::name).toList());
  }

  @Override
  public void close() {}
}
