package org.helu.device.rtl.design;

import org.helu.runtime.tensor.Tensor;

/** Reads an epilogue's parameters. */
final class Parameters {
  private Parameters() {}

  /** Column {@code column} of channel {@code channel}; one row may serve all channels. */
  static long get(Tensor parameters, int channel, int column) {
    int columns = parameters.shape().dim(1);
    long row = parameters.shape().dim(0) == 1 ? 0 : channel;
    return parameters.getLong(row * columns + column);
  }
}
