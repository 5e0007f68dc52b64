package org.helu.compiler.lowbit;

import java.util.Arrays;
import org.helu.runtime.op.Rounding;

/**
 * A step function to codes {@code 0..high}, in double, that does not decrease.
 *
 * @param high the largest code
 * @param unit distance of its steps per channel, or null where they are not equal
 * @param code the code of z in a channel
 */
record Quantizer(int high, PerChannel unit, Code code) {
  /** A quantizer's formula. */
  @FunctionalInterface
  interface Code {
    int of(double z, int channel);
  }

  int code(double z, int channel) {
    return code.of(z, channel);
  }

  /** {@code clamp(round(z / scale) + zero, low, low + high) - low}. */
  static Quantizer uniform(
      PerChannel scale, PerChannel zero, int low, int high, Rounding rounding) {
    return new Quantizer(
        high - low,
        scale,
        (z, c) -> {
          double code = rounding.round(z / scale.at(c)) + zero.at(c);
          return (int) ((long) Math.clamp(code, low, high) - low);
        });
  }

  /** The number of thresholds of the channel's row that z reaches ({@code strict}: exceeds). */
  static Quantizer thresholds(double[][] rows, boolean strict) {
    double[][] sorted = new double[rows.length][];
    for (int row = 0; row < rows.length; row++) {
      sorted[row] = rows[row].clone();
      Arrays.sort(sorted[row]);
    }
    return new Quantizer(
        rows[0].length,
        null,
        (z, c) -> {
          double[] row = sorted[sorted.length == 1 ? 0 : c];
          int low = 0;
          int high = row.length;
          while (low < high) {
            int middle = (low + high) >>> 1;
            boolean reached = strict ? z > row[middle] : z >= row[middle];
            low = reached ? middle + 1 : low;
            high = reached ? high : middle;
          }
          return low;
        });
  }

  /** {@code sign(z) + 1}. */
  static Quantizer sign() {
    return new Quantizer(2, null, (z, _) -> z > 0 ? 2 : z < 0 ? 0 : 1);
  }
}
