package org.helu.compiler.calibration;

/**
 * Answers of a network on samples.
 *
 * @param accuracy fraction of answers that are right: the label's class or, where there are no
 *     labels, the class that the float network gives
 * @param meanSquaredError of the logits, against the float network's
 */
record Score(double accuracy, double meanSquaredError) {

  static Score of(float[][] logits, float[][] reference, int[] labels) {
    int right = 0;
    double error = 0;
    long values = 0;
    for (int i = 0; i < logits.length; i++) {
      int expected = labels == null ? top(reference[i]) : labels[i];
      right += top(logits[i]) == expected ? 1 : 0;
      for (int c = 0; c < logits[i].length; c++) {
        double difference = (double) logits[i][c] - reference[i][c];
        error += difference * difference;
      }
      values += logits[i].length;
    }
    return new Score((double) right / logits.length, error / Math.max(1, values));
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
