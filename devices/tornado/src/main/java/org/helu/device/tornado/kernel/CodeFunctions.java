package org.helu.device.tornado.kernel;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** What the kernels of integer layers share: sums of one output, and their epilogues. */
final class CodeFunctions {
  private CodeFunctions() {}

  /**
   * Sum of one output of a convolution over bit planes. Of bipolar weights {@code w}, {@code sum a
   * w = popcount(w) - popcount(a XOR w)} for each plane {@code a}; INT8 weights are eight planes of
   * two's complement, of which the last counts -128.
   *
   * @param x {@code [N,H,W,planes,words]}
   * @param w {@code [O,kH*kW,planes,words]}
   * @param tapSums sums of the weights {@code [O,kH*kW]}
   * @param g see {@link BitKernels}
   */
  static int planesSum(
      LongArray x, LongArray w, IntArray tapSums, IntArray g, int n, int pixel, int o) {
    int inH = g.get(0);
    int inW = g.get(1);
    int top = pixel / g.get(3) * g.get(6) - g.get(10);
    int left = pixel % g.get(3) * g.get(7) - g.get(11);
    int kH = g.get(4);
    int kW = g.get(5);
    int planes = g.get(14);
    int weightPlanes = g.get(15);
    int words = g.get(16);
    int sum = 0;
    for (int kh = 0; kh < kH; kh++) {
      int ih = top + kh * g.get(8);
      for (int kw = 0; kw < kW; kw++) {
        int iw = left + kw * g.get(9);
        int tap = o * kH * kW + kh * kW + kw;
        int tapSum = tapSums.get(tap);
        // Both kinds of taps in one expression: of an else branch TornadoVM made a wrong sum.
        int inside = ih >= 0 && ih < inH && iw >= 0 && iw < inW ? 1 : 0;
        int from = inside * ((n * inH + ih) * inW + iw) * planes * words;
        int products = 0;
        for (int p = 0; p < planes; p++) {
          int part = 0;
          for (int q = 0; q < weightPlanes; q++) {
            int weight = (tap * weightPlanes + q) * words;
            int ones = 0;
            for (int word = 0; word < words; word++) {
              long a = x.get(from + p * words + word);
              long b = w.get(weight + word);
              long both = weightPlanes == 1 ? a ^ b : a & b;
              ones = ones + Long.bitCount(both);
            }
            int scaled = q == 7 ? -128 * ones : ones * (1 << q);
            part = weightPlanes == 1 ? (tapSum + g.get(12)) / 2 - ones : part + scaled;
          }
          products = products + part * (1 << p);
        }
        int weighted = inside * g.get(18) - (1 - inside) * g.get(19);
        sum = sum + inside * g.get(17) * products - weighted * tapSum;
      }
    }
    return sum;
  }

  /** Number of thresholds that {@code z} reaches, see Epilogue.Threshold. */
  static int reached(int z, IntArray thresholds, int row, int steps) {
    int from = row * (steps + 1);
    int value = thresholds.get(from) * z;
    int code = 0;
    for (int t = 1; t <= steps; t++) {
      code = code + (value >= thresholds.get(from + t) ? 1 : 0);
    }
    return code;
  }

  /**
   * A sum after its epilogue: itself (kind 0), its code by thresholds (1), its requantized code
   * without (2) or with (3) a residual. A power of two divides instead of a shift, which PTX does
   * wrongly for negatives; those are clamped to 0 either way.
   */
  static int stored(
      int z,
      IntArray thresholds,
      LongArray multipliers,
      IntArray residual,
      IntArray g,
      int o,
      int at,
      int kind) {
    int row = g.get(22) * o;
    int result = z;
    if (kind == 1) {
      result = reached(z, thresholds, row, g.get(20));
    }
    if (kind >= 2) {
      int from = 1 + row * kind;
      long sum = z * multipliers.get(from) + multipliers.get(from + 1);
      if (kind == 3) {
        sum = sum + residual.get(at) * multipliers.get(from + 2);
      }
      long code = sum / multipliers.get(0);
      long high = g.get(21);
      long above = code > high ? high : code;
      result = sum < 0L ? 0 : (int) above;
    }
    return result;
  }
}
