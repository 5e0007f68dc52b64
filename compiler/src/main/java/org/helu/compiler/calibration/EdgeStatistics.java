package org.helu.compiler.calibration;

import org.helu.runtime.HeluException;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/**
 * What calibration saw of one value: first its range and the mean of each feature, then, within
 * that range, a histogram.
 */
final class EdgeStatistics {
  /** Bins of the histogram: 16 to a code of 8 bits. */
  private static final int BINS = 4096;

  private final String value;
  private final boolean nonNegative;
  private final int features;
  private final int inner;
  private final double[] sums;
  private final long[] bins = new long[BINS];
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;
  private long count;

  /**
   * @param nonNegative whether the graph proves that the value is never negative
   * @param features channels of an image, columns of a matrix
   * @param inner how many elements in a row belong to one feature
   */
  EdgeStatistics(String value, boolean nonNegative, int features, int inner) {
    this.value = value;
    this.nonNegative = nonNegative;
    this.features = features;
    this.inner = inner;
    this.sums = new double[features];
  }

  /** For a value with features along its second dimension. */
  static EdgeStatistics of(Graph graph, String value) {
    Shape shape = graph.type(value).shape();
    int inner = 1;
    for (int axis = 2; axis < shape.rank(); axis++) {
      inner *= shape.dim(axis);
    }
    return new EdgeStatistics(
        value, FloatLayer.nonNegative(graph, value), shape.dim(1), Math.max(1, inner));
  }

  /** First pass. */
  void addRange(Tensor tensor) {
    long elements = tensor.elements();
    for (long i = 0; i < elements; i++) {
      float x = tensor.getFloat(i);
      if (!Float.isFinite(x)) {
        throw HeluException.invalid(
            "compile/calibrate",
            "value '" + value + "': expected finite numbers, found " + x,
            "check the calibration data and the network");
      }
      min = Math.min(min, x);
      max = Math.max(max, x);
      sums[(int) (i / inner % features)] += x;
    }
    count += elements;
  }

  /** Second pass, over the same data. */
  void addHistogram(Tensor tensor) {
    double width = width();
    long elements = tensor.elements();
    for (long i = 0; i < elements; i++) {
      int bin = width == 0 ? 0 : (int) ((tensor.getFloat(i) - min) / width);
      bins[Math.min(BINS - 1, bin)]++;
    }
  }

  private double width() {
    return (max - min) / BINS;
  }

  String value() {
    return value;
  }

  boolean nonNegative() {
    return nonNegative;
  }

  double min() {
    return min;
  }

  double max() {
    return max;
  }

  /** Mean of every feature. */
  double[] means() {
    double[] means = new double[features];
    for (int f = 0; f < features; f++) {
      means[f] = count == 0 ? 0 : sums[f] / ((double) count / features);
    }
    return means;
  }

  /** Sums of quantized values by feature, for their means. */
  double[] quantizedSums(Tensor tensor, Quantizer quantizer) {
    double[] quantized = new double[features];
    long elements = tensor.elements();
    for (long i = 0; i < elements; i++) {
      quantized[(int) (i / inner % features)] += quantizer.apply(tensor.getFloat(i));
    }
    return quantized;
  }

  /** Values per feature that were seen. */
  double countPerFeature() {
    return (double) count / features;
  }

  /** The upper end of the first bin up to which {@code fraction} of the values lie. */
  double quantile(double fraction) {
    double wanted = fraction * count;
    long below = 0;
    for (int bin = 0; bin < BINS; bin++) {
      below += bins[bin];
      if (below >= wanted) {
        // A low quantile is the lower end of its bin: the range must hold the fraction either way.
        return min + width() * (fraction < 0.5 ? bin : bin + 1);
      }
    }
    return max;
  }

  /** Mean squared difference between values, taken at their bins' centers, and their codes. */
  double meanSquaredError(Quantizer quantizer) {
    double width = width();
    double sum = 0;
    for (int bin = 0; bin < BINS; bin++) {
      if (bins[bin] != 0) {
        // HeLU makes most values exactly 0, which lie at the end of their bin.
        double x = bin == 0 && min == 0 ? 0 : min + (bin + 0.5) * width;
        double error = x - quantizer.apply(x);
        sum += bins[bin] * error * error;
      }
    }
    return count == 0 ? 0 : sum / count;
  }
}
