package org.helu.bench;

import java.util.List;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Tensor;
import org.helu.samples.SampleData;

/** What contenders answered: a fast wrong answer is none. */
final class Outputs {
  private Outputs() {}

  /** Largest difference of two elements, or NaN where the outputs cannot be compared. */
  static double maxAbsDiff(List<Tensor> some, List<Tensor> others) {
    if (some.size() != others.size()) {
      return Double.NaN;
    }
    double max = 0;
    for (int i = 0; i < some.size(); i++) {
      Tensor a = some.get(i);
      Tensor b = others.get(i);
      if (!isFloat(a) || !isFloat(b) || a.elements() != b.elements()) {
        return Double.NaN;
      }
      for (long j = 0; j < a.elements(); j++) {
        float left = a.getFloat(j);
        float right = b.getFloat(j);
        if (Float.compare(left, right) != 0) {
          max = Math.max(max, Math.abs((double) left - right));
        }
      }
    }
    return max;
  }

  private static boolean isFloat(Tensor tensor) {
    return tensor.type().elementType() == ElementType.FLOAT32;
  }

  /** Fraction of {@code images} images, a multiple of {@code batch}, with the right class. */
  static double accuracy(
      Contender contender, Inputs inputs, int batch, int images, SampleData data) {
    int correct = 0;
    for (int first = 0; first < images; first += batch) {
      inputs.fill(data, first);
      contender.run();
      Tensor logits = contender.outputs().getFirst();
      int classes = (int) (logits.elements() / batch);
      for (int i = 0; i < batch; i++) {
        int image = (first + i) % data.images().count();
        correct +=
            largest(logits, (long) i * classes, classes) == data.images().label(image) ? 1 : 0;
      }
    }
    inputs.fill(data, 0);
    return correct / (double) images;
  }

  private static int largest(Tensor tensor, long offset, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      if (tensor.getFloat(offset + i) > tensor.getFloat(offset + best)) {
        best = i;
      }
    }
    return best;
  }
}
