package org.helu.runtime.graph;

import java.util.List;
import java.util.Objects;

/**
 * What was measured when a float network was lowered to few bits. Fractions are in 0..1.
 *
 * @param dataSha256 hash of the calibration data, in lower-case hex
 * @param searchSamples samples by which encodings were chosen
 * @param samples other samples, on which the following was measured
 * @param labelled whether these have labels: accuracies are of these, else of the float network's
 *     own answers (its own is 1 then)
 * @param referenceAccuracy of the float network
 * @param accuracy of the compiled graph
 * @param standardError of the difference of the two, from the samples on which they differ
 * @param budget largest loss of accuracy that was allowed, with one standard error to spare, or NaN
 *     where none was stated
 * @param device the device that measured
 * @param layers encoding of every layer
 */
public record Certificate(
    String dataSha256,
    int searchSamples,
    int samples,
    boolean labelled,
    double referenceAccuracy,
    double accuracy,
    double standardError,
    double budget,
    String device,
    List<Layer> layers) {

  public Certificate {
    Objects.requireNonNull(dataSha256);
    Objects.requireNonNull(device);
    layers = List.copyOf(layers);
  }

  /** A layer's name and encoding, such as {@code u8s8}. */
  public record Layer(String node, String encoding) {}

  /** How much accuracy was lost. */
  public double drop() {
    return referenceAccuracy - accuracy;
  }
}
