package org.helu.samples;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a sample gave on a device. Fractions are in 0..1; those of answers are NaN for a float twin,
 * whose answers mean nothing.
 *
 * @param sample the sample's name
 * @param mode how the network was lowered
 * @param device the device's name
 * @param deviceDescription hardware and software; empty if the device was not opened
 * @param samples images that were run
 * @param referenceAccuracy the training framework's accuracy on these images
 * @param accuracy this device's accuracy on these images
 * @param top1Agreement images that get the class which the reference gives
 * @param ties images that get another class, where float rounding leaves the two undecided
 * @param maxAbsLogitDiff against the reference's logits, on the images that have them
 * @param logitTolerance the largest difference that passes
 * @param microsPerSample median time of warm runs of a batch, per image
 * @param compileMillis importing and compiling the model
 * @param fileBytes size of the .helu file
 * @param weightBytes of these, the tensors
 * @param bitOperations of one image; a float32 multiply-accumulate counts 1,024
 * @param floatBitOperations of one image, were every multiply-accumulate float32
 * @param pass whether the mode's promise held
 * @param failure why not, in one line, or empty
 * @param skipped why the device was not run and what would change that, or empty
 */
public record SampleResult(
    String sample,
    String mode,
    String device,
    String deviceDescription,
    int samples,
    double referenceAccuracy,
    double accuracy,
    double top1Agreement,
    int ties,
    double maxAbsLogitDiff,
    double logitTolerance,
    double microsPerSample,
    double compileMillis,
    long fileBytes,
    long weightBytes,
    long bitOperations,
    long floatBitOperations,
    boolean pass,
    String failure,
    String skipped) {

  /** A sample that did not get to an answer. */
  static SampleResult failed(
      String sample, String mode, String device, String description, String failure) {
    return new SampleResult(
        sample,
        mode,
        device,
        description,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        false,
        failure,
        "");
  }

  /** A device that is not available. */
  static SampleResult skipped(String sample, String mode, String device, String reason) {
    return new SampleResult(
        sample, mode, device, "", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, false, "", reason);
  }

  /** Whether any of the arithmetic is on few bits. */
  public boolean isLowBit() {
    return !mode.equals("exact");
  }

  /** Whether this is the float network of a low-bit one's shape, there for its cost alone. */
  public boolean isFloatTwin() {
    return mode.equals(Variant.FLOAT_TWIN.mode());
  }

  /** Whether the device was not run at all: neither a pass nor a failure. */
  public boolean isSkipped() {
    return !skipped.isEmpty();
  }

  /** One row of {@code helu samples --json}; a skipped one has only names and the reason. */
  public ObjectNode toJson() {
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    row.put("sample", sample);
    row.put("mode", mode);
    row.put("device", device);
    if (isSkipped()) {
      return row.put("skipped", skipped);
    }
    row.put("samples", samples);
    if (!isFloatTwin()) {
      answersToJson(row);
    }
    row.put("pass", pass);
    row.put("microsPerSample", microsPerSample);
    row.put("compileMillis", compileMillis);
    row.put("fileBytes", fileBytes);
    row.put("weightBytes", weightBytes);
    row.put("bitOperations", bitOperations);
    row.put("floatBitOperations", floatBitOperations);
    row.put("deviceDescription", deviceDescription);
    row.put("failure", failure);
    return row;
  }

  private void answersToJson(ObjectNode row) {
    row.put("referenceAccuracy", referenceAccuracy);
    row.put("accuracy", accuracy);
    row.put("top1Agreement", top1Agreement);
    // JSON has no NaN: a difference that is none becomes null, and the row fails anyway.
    if (Double.isFinite(maxAbsLogitDiff)) {
      row.put("maxAbsLogitDiff", maxAbsLogitDiff);
    } else {
      row.putNull("maxAbsLogitDiff");
    }
    row.put("ties", ties);
    row.put("logitTolerance", logitTolerance);
  }
}
