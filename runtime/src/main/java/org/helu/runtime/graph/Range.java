package org.helu.runtime.graph;

import org.helu.runtime.HeluException;

/** Closed interval of real numbers that a value is declared to stay in. */
public record Range(double min, double max) {
  /** Nothing is known. */
  public static final Range ALL = new Range(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

  public Range {
    if (!(min <= max)) {
      throw HeluException.invalid(
          "range", "expected min <= max, found " + min + " and " + max, "declare min,max");
    }
  }

  /** Whether both ends are finite. */
  public boolean isBounded() {
    return Double.isFinite(min) && Double.isFinite(max);
  }

  @Override
  public String toString() {
    return "[" + min + ", " + max + "]";
  }
}
