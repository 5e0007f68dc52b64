package org.helu.device.tornado.fpga;

import java.util.List;

/**
 * What a kernel takes on chip and how long it computes, from sizes and unroll factors alone: an
 * estimate to choose a board by, no result of synthesis.
 *
 * @param layers in the order in which they run
 * @param inputBits RAM: copies of the inputs of a sample
 */
public record FpgaEstimate(List<LayerEstimate> layers, long inputBits) {
  public FpgaEstimate {
    layers = List.copyOf(layers);
  }

  /** Multiply-accumulates and other elements of a sample. */
  public long operations() {
    return layers.stream().mapToLong(LayerEstimate::operations).sum();
  }

  /** ROM of weights and parameters. */
  public long weightBits() {
    return layers.stream().mapToLong(LayerEstimate::weightBits).sum();
  }

  /** RAM of inputs and activations. */
  public long activationBits() {
    return inputBits + layers.stream().mapToLong(LayerEstimate::activationBits).sum();
  }

  /** Memory that has to fit the chip. */
  public long onChipBits() {
    return weightBits() + activationBits();
  }

  /** Clocks of a sample: layers run one behind the other. */
  public long clocksPerSample() {
    return layers.stream().mapToLong(LayerEstimate::clocks).sum();
  }

  /** Whether {@link #clocksPerSample} is a lower bound, since an initiation interval is unknown. */
  public boolean isLowerBound() {
    return layers.stream().anyMatch(layer -> layer.initiationInterval() == 0);
  }
}
