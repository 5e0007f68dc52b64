package org.helu.cli;

import org.helu.runtime.HeluException;
import org.helu.runtime.tensor.Tensor;

/**
 * Outputs beside their reference.
 *
 * @param samples samples compared
 * @param top1Agreement fraction of samples with the same largest output
 * @param maxAbsDiff largest |output - reference|; infinite where just one of the two is NaN
 * @param maxAbsReference largest finite |reference|, which gives the difference its scale
 */
record Comparison(int samples, double top1Agreement, double maxAbsDiff, double maxAbsReference) {
  /** Compares the first rows of {@code outputs} with all rows of {@code reference}. */
  static Comparison of(Tensor outputs, Tensor reference, String what) {
    int samples = TopK.samples(reference);
    int width = TopK.width(reference);
    if (samples > TopK.samples(outputs) || (samples > 0 && width != TopK.width(outputs))) {
      throw HeluException.invalid(
          "verify",
          what
              + ": expected at most the outputs "
              + outputs.shape()
              + ", found "
              + reference.shape(),
          "give the reference of these inputs");
    }
    int same = 0;
    for (int sample = 0; sample < samples; sample++) {
      same += TopK.argMax(outputs, sample) == TopK.argMax(reference, sample) ? 1 : 0;
    }
    double maxDiff = 0;
    double maxReference = 0;
    for (long i = 0; i < reference.elements(); i++) {
      float expected = reference.getFloat(i);
      maxDiff = Math.max(maxDiff, difference(outputs.getFloat(i), expected));
      if (Float.isFinite(expected)) {
        maxReference = Math.max(maxReference, Math.abs(expected));
      }
    }
    return new Comparison(
        samples, samples == 0 ? 1 : same / (double) samples, maxDiff, maxReference);
  }

  /** |a - b|, 0 where both are NaN or the same infinity, infinite where one alone is NaN. */
  static double difference(double a, double b) {
    if (Double.compare(a, b) == 0 || a == b) {
      return 0;
    }
    double difference = Math.abs(a - b);
    return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
  }

  /** The largest difference that {@code tolerance} allows: relative to the outputs, if above 1. */
  double bound(double tolerance) {
    return tolerance * Math.max(1, maxAbsReference);
  }

  /** Whether every sample has the same largest output, and all outputs are close. */
  boolean passes(double tolerance) {
    return top1Agreement == 1 && maxAbsDiff <= bound(tolerance);
  }
}
