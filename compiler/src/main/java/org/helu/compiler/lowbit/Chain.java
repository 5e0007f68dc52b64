package org.helu.compiler.lowbit;

import java.util.ArrayList;
import java.util.List;

/** Functions applied one after the other, in the network's own order. */
record Chain(List<ChannelFunction> functions) {
  static final Chain IDENTITY = new Chain(List.of());

  Chain {
    functions = List.copyOf(functions);
  }

  Chain then(ChannelFunction next) {
    List<ChannelFunction> longer = new ArrayList<>(functions);
    longer.add(next);
    return new Chain(longer);
  }

  Chain then(Chain next) {
    List<ChannelFunction> longer = new ArrayList<>(functions);
    longer.addAll(next.functions);
    return new Chain(longer);
  }

  /** The functions up to the last that rounds to integers, or null where none does. */
  Chain rounded() {
    for (int i = functions.size(); i > 0; i--) {
      if (functions.get(i - 1).isRounding()) {
        return new Chain(functions.subList(0, i));
      }
    }
    return null;
  }

  /** The functions behind the first {@code count}. */
  Chain after(int count) {
    return new Chain(functions.subList(count, functions.size()));
  }

  double apply(double z, int channel) {
    double value = z;
    for (ChannelFunction function : functions) {
      value = function.apply(value, channel);
    }
    return value;
  }

  int direction(int channel) {
    int direction = 1;
    for (ChannelFunction function : functions) {
      direction *= function.direction(channel);
    }
    return direction;
  }

  /** The slope where nothing is clamped; NaN where a function has none. */
  double slope(int channel) {
    double slope = 1;
    for (ChannelFunction function : functions) {
      slope *= function.slope(channel);
    }
    return slope;
  }

  /** Whether no channel's function decreases. */
  boolean increases(int channels) {
    for (int c = 0; c < channels; c++) {
      if (direction(c) < 0) {
        return false;
      }
    }
    return true;
  }

  /** {@code {a, b}} of the composition {@code a * z + b}, or null where it is not affine. */
  double[] affine(int channel) {
    double a = 1;
    double b = 0;
    for (ChannelFunction function : functions) {
      double[] next = function.affine(channel);
      if (next == null) {
        return null;
      }
      a = next[0] * a;
      b = next[0] * b + next[1];
    }
    return new double[] {a, b};
  }
}
