package org.helu.compiler.calibration;

/**
 * Answers of a network on samples.
 *
 * @param right which answers are right: the label's class or, where there are no labels, the class
 *     that the float network gives
 * @param meanSquaredError of the logits, against the float network's
 */
record Score(boolean[] right, double meanSquaredError) {

  static Score of(float[][] logits, float[][] reference, int[] labels) {
    boolean[] right = new boolean[logits.length];
    double error = 0;
    long values = 0;
    for (int i = 0; i < logits.length; i++) {
      int expected = labels == null ? top(reference[i]) : labels[i];
      right[i] = top(logits[i]) == expected;
      for (int c = 0; c < logits[i].length; c++) {
        double difference = (double) logits[i][c] - reference[i][c];
        error += difference * difference;
      }
      values += logits[i].length;
    }
    return new Score(right, error / Math.max(1, values));
  }

  /** Fraction of answers that are right. */
  double accuracy() {
    int count = 0;
    for (boolean answer : right) {
      count += answer ? 1 : 0;
    }
    return (double) count / right.length;
  }

  /** Index of the largest value, the first of equals. */
  private static int top(float[] values) {
    int top = 0;
    for (int c = 1; c < values.length; c++) {
      if (values[c] > values[top]) {
        top = c;
      }
    }
    return top;
  }
}
