package org.helu.samples;

import org.helu.runtime.tensor.Tensor;

/**
 * Counts how a network's answers compare with its reference's, image by image.
 *
 * <p>A class that differs from the reference's is a <i>tie</i> where both are right within float
 * rounding: the two classes' logits lie within twice the tolerance of each other, so that two
 * evaluations which each keep to the tolerance may rank them either way. The reference's own logits
 * decide where they are known, this network's otherwise.
 */
final class Parity {
  /**
   * Largest logit difference that float32 rounding explains, relative to the largest logit or 1.
   *
   * <p>Exact mode sums products in another order and folds batch norms into weights. Each is worth
   * some units of 2^-24 (6e-8) times the square root of the products per output (30 for a
   * thousand), or 2e-6 per layer, and layers add up like random walks: below 1e-5 for some twenty
   * of them. The scalar reference was measured at 4e-7 to 6e-7 on the three samples. A wrong gate,
   * weight or pixel moves logits by far more than either.
   */
  static final double RELATIVE_TOLERANCE = 1e-5;

  private final Tensor referenceLogits;
  private final Tensor referencePredictions;
  private final int classes;
  private final double tolerance;

  private int samples;
  private int correct;
  private int referenceCorrect;
  private int agreeing;
  private int ties;
  private double maxAbsLogitDiff;

  /**
   * @param referenceLogits FLOAT32 {@code [k, classes]} of the first k test images
   * @param referencePredictions the reference's class of every test image
   */
  Parity(Tensor referenceLogits, Tensor referencePredictions) {
    this.referenceLogits = referenceLogits;
    this.referencePredictions = referencePredictions;
    this.classes = referenceLogits.shape().dim(1);
    double largest = 1;
    for (long i = 0; i < referenceLogits.elements(); i++) {
      largest = Math.max(largest, Math.abs(referenceLogits.getFloat(i)));
    }
    this.tolerance = RELATIVE_TOLERANCE * largest;
  }

  /**
   * Adds one image's answer.
   *
   * @param logits FLOAT32 with {@code classes} elements from {@code first} on
   * @param testIndex which image of the test set it is
   */
  void add(Tensor logits, long first, int testIndex, int label) {
    int top = top(logits, first);
    int expected = (int) referencePredictions.getLong(testIndex);
    samples++;
    correct += top == label ? 1 : 0;
    referenceCorrect += expected == label ? 1 : 0;
    boolean known = testIndex < referenceLogits.shape().dim(0);
    long reference = (long) testIndex * classes;
    if (known) {
      for (int c = 0; c < classes; c++) {
        double diff =
            Math.abs((double) logits.getFloat(first + c) - referenceLogits.getFloat(reference + c));
        // A NaN sticks: Math.max returns it, and it fails every comparison.
        maxAbsLogitDiff = Math.max(maxAbsLogitDiff, diff);
      }
    }
    if (top == expected) {
      agreeing++;
    } else {
      Tensor judge = known ? referenceLogits : logits;
      long at = known ? reference : first;
      double gap = Math.abs((double) judge.getFloat(at + top) - judge.getFloat(at + expected));
      ties += gap <= 2 * tolerance ? 1 : 0;
    }
  }

  /** The class of the largest logit, the first one of equals. */
  private int top(Tensor logits, long first) {
    int top = 0;
    for (int c = 1; c < classes; c++) {
      if (logits.getFloat(first + c) > logits.getFloat(first + top)) {
        top = c;
      }
    }
    return top;
  }

  int samples() {
    return samples;
  }

  int correct() {
    return correct;
  }

  int referenceCorrect() {
    return referenceCorrect;
  }

  int ties() {
    return ties;
  }

  double maxAbsLogitDiff() {
    return maxAbsLogitDiff;
  }

  double tolerance() {
    return tolerance;
  }

  double accuracy() {
    return samples == 0 ? 0 : (double) correct / samples;
  }

  double referenceAccuracy() {
    return samples == 0 ? 0 : (double) referenceCorrect / samples;
  }

  double top1Agreement() {
    return samples == 0 ? 0 : (double) agreeing / samples;
  }

  /** Images that the reference classifies as labelled and these answers do not, net. */
  int lost() {
    return referenceCorrect - correct;
  }

  /** What exact mode promises and these answers break, or empty. */
  String failure() {
    int wrong = samples - agreeing - ties;
    if (samples == 0) {
      return "no image was run";
    }
    if (!(maxAbsLogitDiff <= tolerance)) {
      return "logits differ by " + maxAbsLogitDiff + ", tolerance " + tolerance;
    }
    if (wrong > 0) {
      return wrong + " of " + samples + " images get another class than the reference gives";
    }
    return "";
  }
}
