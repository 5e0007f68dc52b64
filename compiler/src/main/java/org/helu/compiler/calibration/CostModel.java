package org.helu.compiler.calibration;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a layer costs on a device: {@code perMac * macs + perOutput * outputs}, by encoding.
 *
 * @param unit of costs, such as {@code ns}
 * @param perMac by {@link LayerEncoding#ordinal}
 * @param perOutput likewise
 */
public record CostModel(String unit, List<Double> perMac, List<Double> perOutput) {
  public CostModel {
    perMac = List.copyOf(perMac);
    perOutput = List.copyOf(perOutput);
    if (perMac.size() != LayerEncoding.values().length || perOutput.size() != perMac.size()) {
      throw new IllegalArgumentException("one coefficient per encoding");
    }
  }

  /**
   * Bit operations: a multiply-accumulate of a-bit activations and w-bit weights counts {@code a *
   * w}. The same for every device.
   */
  public static CostModel bitOperations() {
    return new CostModel(
        "BOPs",
        Arrays.stream(LayerEncoding.values())
            .map(e -> (double) e.activationBits() * e.weightBits())
            .toList(),
        Arrays.stream(LayerEncoding.values()).map(_ -> 0.0).toList());
  }

  double cost(FloatLayer layer, LayerEncoding encoding) {
    return perMac.get(encoding.ordinal()) * layer.macs()
        + perOutput.get(encoding.ordinal()) * layer.elements();
  }

  /** The coefficients in one line. */
  public String describe() {
    StringBuilder text = new StringBuilder();
    for (LayerEncoding encoding : LayerEncoding.values()) {
      text.append(text.isEmpty() ? "" : ", ").append(encoding.label());
      text.append(String.format(Locale.ROOT, " %.3g", perMac.get(encoding.ordinal())));
      double output = perOutput.get(encoding.ordinal());
      if (output != 0) {
        text.append(String.format(Locale.ROOT, " + %.3g an output", output));
      }
    }
    return text.append(" (").append(unit).append(" a multiply-accumulate)").toString();
  }
}
