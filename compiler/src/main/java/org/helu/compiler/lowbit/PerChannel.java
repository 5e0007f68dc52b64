package org.helu.compiler.lowbit;

import java.util.Arrays;

/**
 * One number per channel, or one for all.
 *
 * @param values one element, or one per channel
 */
record PerChannel(double[] values) {
  static PerChannel of(double value) {
    return new PerChannel(new double[] {value});
  }

  double at(int channel) {
    return values[values.length == 1 ? 0 : channel];
  }

  PerChannel times(double factor) {
    return new PerChannel(Arrays.stream(values).map(v -> v * factor).toArray());
  }

  boolean isUniform() {
    return Arrays.stream(values).allMatch(v -> v == values[0]);
  }

  boolean isFinite() {
    return Arrays.stream(values).allMatch(Double::isFinite);
  }
}
