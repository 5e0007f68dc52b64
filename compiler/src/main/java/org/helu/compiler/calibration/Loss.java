package org.helu.compiler.calibration;

/**
 * Accuracy that a network loses against the float network, measured on the same samples. Fractions.
 *
 * @param drop the float network's accuracy less this one's
 * @param error standard error of {@code drop}: with {@code b} samples that only the float network
 *     gets right and {@code c} that only this one does, of {@code n}, it is {@code sqrt(b + c - (b
 *     - c)^2 / n) / n} (McNemar)
 */
record Loss(double drop, double error) {
  /** Nothing is lost. */
  static final Loss NONE = new Loss(0, 0);

  /**
   * What counts against a budget: the drop and one standard error more. A graph that just meets the
   * budget on these samples would exceed it on half of all others.
   */
  double bound() {
    return drop + error;
  }

  static Loss of(boolean[] reference, boolean[] own) {
    int lost = 0;
    int gained = 0;
    for (int i = 0; i < own.length; i++) {
      lost += reference[i] && !own[i] ? 1 : 0;
      gained += own[i] && !reference[i] ? 1 : 0;
    }
    double n = own.length;
    double difference = lost - gained;
    double variance = lost + gained - difference * difference / n;
    return new Loss(difference / n, Math.sqrt(Math.max(0, variance)) / n);
  }
}
