package org.helu.compiler.lowbit;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * The integer thresholds of one channel: {@code code = sum over k of [sign * z >= thresholds[k-1]]}
 * equals the quantizer of the chain of {@code z} for every integer {@code z} in {@code low..high}.
 *
 * @param sign +1 or -1
 * @param thresholds one per step; {@link #ALWAYS} and {@link #NEVER} where the bounds decide
 */
record Steps(int sign, int[] thresholds) {
  /** No sum reaches it: sums keep clear of the ends of 32 bits. */
  static final int NEVER = Integer.MAX_VALUE;

  /** Every sum reaches it. */
  static final int ALWAYS = Integer.MIN_VALUE + 1;

  /**
   * Finds the thresholds by bisection.
   *
   * @param code the code of an integer, monotone in it
   * @param direction -1 if {@code code} does not increase, else it does not decrease
   * @param low least integer that occurs
   * @param high largest integer that occurs
   */
  static Steps search(IntUnaryOperator code, int direction, int low, int high, int steps) {
    int sign = direction < 0 ? -1 : 1;
    IntUnaryOperator rising = s -> code.applyAsInt(sign * s);
    int[] thresholds = new int[steps];
    Arrays.fill(thresholds, NEVER);
    int from = sign > 0 ? low : -high;
    int to = sign > 0 ? high : -low;
    int first = rising.applyAsInt(from);
    int last = rising.applyAsInt(to);
    Arrays.fill(thresholds, 0, Math.min(first, steps), ALWAYS);
    bisect(rising, from, first, to, last, thresholds);
    return new Steps(sign, thresholds);
  }

  /** Places thresholds {@code fromCode + 1 .. toCode}: {@code code(from)} to {@code code(to)}. */
  private static void bisect(
      IntUnaryOperator code, int from, int fromCode, int to, int toCode, int[] thresholds) {
    if (fromCode >= toCode) {
      return;
    }
    if (to - (long) from == 1) {
      Arrays.fill(thresholds, fromCode, toCode, to);
      return;
    }
    int middle = (int) Math.floorDiv((long) from + to, 2);
    int middleCode = code.applyAsInt(middle);
    bisect(code, from, fromCode, middle, middleCode, thresholds);
    bisect(code, middle, middleCode, to, toCode, thresholds);
  }

  /** The code of an integer by these thresholds. */
  int code(int z) {
    int reached = 0;
    for (int threshold : thresholds) {
      reached += sign * (long) z >= threshold ? 1 : 0;
    }
    return reached;
  }

  /** Marks the codes that integers in {@code low..high} have. */
  void markReached(int low, int high, boolean[] reached) {
    long from = sign > 0 ? low : -(long) high;
    long to = sign > 0 ? high : -(long) low;
    for (int k = 0; k <= thresholds.length; k++) {
      long first = k == 0 ? from : Math.max(from, thresholds[k - 1]);
      long last = k == thresholds.length ? to : Math.min(to, thresholds[k] - 1L);
      reached[k] |= first <= last;
    }
  }

  /** Codes per unit between the outermost thresholds that sums can reach; 0 where there is none. */
  double meanSlope() {
    int first = 0;
    int last = thresholds.length - 1;
    while (first < thresholds.length && thresholds[first] == ALWAYS) {
      first++;
    }
    while (last > first && thresholds[last] == NEVER) {
      last--;
    }
    double width = first < last ? (double) thresholds[last] - thresholds[first] : 0;
    return width > 0 ? (last - first) / width : 0;
  }
}
