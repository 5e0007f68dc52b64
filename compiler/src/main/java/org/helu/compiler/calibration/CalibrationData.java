package org.helu.compiler.calibration;

import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Samples for calibration.
 *
 * @param inputs FLOAT32, the first dimension counts samples
 * @param labels the true class of every sample, or null
 */
public record CalibrationData(Tensor inputs, int[] labels) {
  static final String STAGE = "compile/calibrate";
  private static final long CHUNK_BYTES = 1L << 26;

  /** Samples. */
  public int count() {
    return inputs.shape().dim(0);
  }

  /**
   * Checks the data against the network that they are for.
   *
   * @throws HeluException if there are none or too few, the shape differs, an element is not
   *     finite, or labels are missing for some samples
   */
  public void requireFits(Graph graph) {
    if (graph.inputs().size() != 1 || graph.outputs().size() != 1) {
      throw HeluException.unsupported(
          STAGE,
          "'"
              + graph.name()
              + "': expected one input and one output, found "
              + graph.inputs().size()
              + " and "
              + graph.outputs().size(),
          "compile with --mode exact");
    }
    GraphInput input = graph.inputs().getFirst();
    Shape expected = input.type().shape();
    Shape found = inputs.shape();
    boolean fits = expected.isBatched() && found.rank() == expected.rank();
    for (int axis = 1; fits && axis < expected.rank(); axis++) {
      fits = expected.dim(axis) == found.dim(axis);
    }
    if (!fits || input.type().elementType() != inputs.type().elementType()) {
      throw HeluException.invalid(
          STAGE,
          "calibration data: expected "
              + input.type()
              + " for input '"
              + input.name()
              + "', found "
              + inputs.type(),
          "N is any number of samples");
    }
    if (count() == 0) {
      throw HeluException.invalid(
          STAGE, "the calibration data are empty", "give some hundred typical samples");
    }
    long perSample = inputs.elements() / count();
    for (long i = 0; i < inputs.elements(); i++) {
      if (!Float.isFinite(inputs.getFloat(i))) {
        throw HeluException.invalid(
            STAGE,
            "calibration data: expected finite numbers, found "
                + inputs.getFloat(i)
                + " in sample "
                + i / perSample,
            "clean the data");
      }
    }
    if (labels != null && labels.length != count()) {
      throw HeluException.invalid(
          STAGE,
          "expected a label for each of " + count() + " samples, found " + labels.length,
          "give the labels of the calibration data");
    }
    int classes =
        Math.toIntExact(graph.type(graph.outputs().getFirst()).shape().elementsPerSample());
    for (int i = 0; labels != null && i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw HeluException.invalid(
            STAGE,
            "label of sample " + i + ": expected 0 to " + (classes - 1) + ", found " + labels[i],
            "give the labels of the calibration data");
      }
    }
  }

  /** The samples with even index ({@code part} 0), on which is searched, or with odd index. */
  CalibrationData half(int part) {
    return every(part, 2);
  }

  /** At most {@code limit} samples, spread evenly. */
  CalibrationData atMost(int limit) {
    return count() <= limit ? this : every(0, (count() + limit - 1) / limit);
  }

  private CalibrationData every(int first, int step) {
    int kept = (count() - first + step - 1) / step;
    long bytes = inputs.data().byteSize() / Math.max(1, count());
    TensorType type = inputs.type().withShape(inputs.shape().withDim(0, kept));
    Tensor part = Tensor.zeros(type);
    int[] partLabels = labels == null ? null : new int[kept];
    for (int i = 0; i < kept; i++) {
      int source = first + i * step;
      MemorySegment.copy(inputs.data(), source * bytes, part.data(), i * bytes, bytes);
      if (labels != null) {
        partLabels[i] = labels[source];
      }
    }
    return new CalibrationData(part, partLabels);
  }

  /** {@code count} samples from {@code first} on, sharing memory. */
  Tensor rows(int first, int count) {
    long bytes = inputs.data().byteSize() / count();
    return new Tensor(
        inputs.type().withShape(inputs.shape().withDim(0, count)),
        inputs.data().asSlice(first * bytes, count * bytes));
  }

  /** SHA-256 of the samples as float32, then of the labels as int32, in lower-case hex. */
  public String sha256() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      update(digest, inputs.data());
      if (labels != null) {
        update(digest, Tensor.ofInts(Shape.of(labels.length), labels).data());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  private static void update(MessageDigest digest, MemorySegment data) {
    for (long at = 0; at < data.byteSize(); at += CHUNK_BYTES) {
      long bytes = Math.min(CHUNK_BYTES, data.byteSize() - at);
      digest.update(data.asSlice(at, bytes).asByteBuffer());
    }
  }
}
