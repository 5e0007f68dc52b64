package org.helu.compiler.calibration;

import java.util.Locale;

/** How the range that codes cover is chosen from what calibration saw. */
public enum RangeMethod {
  /** The whole range that was seen. */
  MIN_MAX,
  /** All but the outermost 0.01 % of values. */
  PERCENTILE,
  /** The range with the least mean squared rounding and clipping error. */
  MSE;

  private static final double OUTSIDE = 1e-4;
  private static final int CANDIDATES = 80;

  /** The name on the command line and in files. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * A quantizer for values distributed as {@code edge}. Fewer than 8 bits always take {@link #MSE}:
   * with so few codes, the whole range would leave nothing for the values that matter.
   */
  Quantizer fit(EdgeStatistics edge, int high) {
    RangeMethod method = high < 255 ? MSE : this;
    double low = edge.nonNegative() ? 0 : edge.min();
    return switch (method) {
      case MIN_MAX -> Quantizer.covering(low, edge.max(), high);
      case PERCENTILE ->
          Quantizer.covering(
              edge.nonNegative() ? 0 : edge.quantile(OUTSIDE), edge.quantile(1 - OUTSIDE), high);
      case MSE -> leastError(edge, low, high);
    };
  }

  private static Quantizer leastError(EdgeStatistics edge, double low, int high) {
    Quantizer best = Quantizer.covering(low, edge.max(), high);
    double least = edge.meanSquaredError(best);
    for (int i = CANDIDATES - 1; i >= 1; i--) {
      double share = (double) i / CANDIDATES;
      Quantizer candidate = Quantizer.covering(low * share, edge.max() * share, high);
      double error = edge.meanSquaredError(candidate);
      if (error < least) {
        least = error;
        best = candidate;
      }
    }
    return best;
  }
}
