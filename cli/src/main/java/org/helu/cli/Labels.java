package org.helu.cli;

import java.nio.file.Path;
import java.util.Locale;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.Idx;
import org.helu.runtime.data.Npy;
import org.helu.runtime.tensor.Tensor;

/** True classes. */
final class Labels {
  private Labels() {}

  /** Reads one class per sample from an idx or .npy file. */
  static Tensor read(Path file) {
    boolean npy = file.toString().toLowerCase(Locale.ROOT).endsWith(".npy");
    Tensor labels = npy ? Npy.read(file) : Idx.read(file);
    if (labels.shape().rank() != 1) {
      throw HeluException.invalid(
          "verify/labels",
          "'" + file + "': expected one class per sample, found " + labels.shape(),
          "");
    }
    return labels;
  }

  /** Fraction of samples whose largest output is their class. */
  static double accuracy(Tensor outputs, Tensor labels) {
    int samples = TopK.samples(outputs);
    if (labels.elements() < samples) {
      throw HeluException.invalid(
          "verify/labels",
          "expected a class for each of " + samples + " samples, found " + labels.elements(),
          "give the labels of these inputs");
    }
    int correct = 0;
    for (int sample = 0; sample < samples; sample++) {
      correct += TopK.argMax(outputs, sample) == labels.getDouble(sample) ? 1 : 0;
    }
    return samples == 0 ? 0 : correct / (double) samples;
  }
}
