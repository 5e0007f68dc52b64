package org.helu.cli;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.helu.runtime.tensor.Tensor;

/** The largest values of each sample's output. */
final class TopK {
  private TopK() {}

  /**
   * Indices of the {@code k} largest of a sample's values, largest first. NaN counts as largest, as
   * in NumPy's argmax, so that a broken output is seen; of equal values the first wins.
   */
  static int[] of(Tensor output, int sample, int k) {
    int width = width(output);
    long base = (long) sample * width;
    Comparator<Integer> byValue =
        (a, b) -> Float.compare(output.getFloat(base + b), output.getFloat(base + a));
    return IntStream.range(0, width)
        .boxed()
        .sorted(byValue.thenComparingInt(i -> i))
        .limit(k)
        .mapToInt(i -> i)
        .toArray();
  }

  /** Index of a sample's largest value. */
  static int argMax(Tensor output, int sample) {
    int width = width(output);
    long base = (long) sample * width;
    int best = 0;
    for (int i = 1; i < width; i++) {
      if (Float.compare(output.getFloat(base + i), output.getFloat(base + best)) > 0) {
        best = i;
      }
    }
    return best;
  }

  /** Values per sample. */
  static int width(Tensor output) {
    int samples = samples(output);
    return samples == 0 ? 0 : Math.toIntExact(output.elements() / samples);
  }

  /** Rows of the first dimension. */
  static int samples(Tensor output) {
    return output.shape().rank() == 0 ? 1 : output.shape().dim(0);
  }
}
