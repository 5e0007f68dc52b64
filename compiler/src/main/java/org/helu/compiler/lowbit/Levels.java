package org.helu.compiler.lowbit;

/**
 * Codes without the levels that never occur: new code {@code k} stands for old code {@code first +
 * k * distance}.
 *
 * @param first the least code that occurs
 * @param distance 1; more where only two codes occur
 * @param high the largest new code
 */
record Levels(int first, int distance, int high) {
  /**
   * The levels that a quantizer's thresholds leave, such that {@code a * code + b} keeps an integer
   * form.
   *
   * @param reached whether an old code occurs in some channel
   */
  static Levels of(boolean[] reached, double a, double b) {
    int first = 0;
    int last = reached.length - 1;
    while (last > 0 && !reached[last]) {
      last--;
    }
    while (first < last && !reached[first]) {
      first++;
    }
    int occurring = 0;
    for (boolean level : reached) {
      occurring += level ? 1 : 0;
    }
    if (occurring == 2
        && IntegerForm.of(a * (last - first), a * first + b) != null
        && last > first) {
      return new Levels(first, last - first, 1);
    }
    if (first > 0 && IntegerForm.of(a, a * first + b) != null) {
      return new Levels(first, 1, Math.max(1, last - first));
    }
    return new Levels(0, 1, Math.max(1, last));
  }

  /** The thresholds of the old codes that the new ones keep. */
  Steps keep(Steps steps) {
    int[] kept = new int[high];
    for (int k = 1; k <= high; k++) {
      int old = first + k * distance;
      kept[k - 1] = old <= steps.thresholds().length ? steps.thresholds()[old - 1] : Steps.NEVER;
    }
    return new Steps(steps.sign(), kept);
  }
}
