package org.helu.runtime.device;

import org.helu.runtime.HeluException;

/**
 * What a user can set when a device compiles a graph.
 *
 * @param maxBatch samples that one pass over the graph computes; longer inputs are run in parts
 */
public record CompileOptions(int maxBatch) {
  /** Sixteen samples a pass: weights are read once for all, activations still fit the caches. */
  public static final CompileOptions DEFAULT = new CompileOptions(16);

  public CompileOptions {
    if (maxBatch < 1 || maxBatch > 1 << 20) {
      throw HeluException.invalid(
          "device/options", "maxBatch must be in 1..1048576, found " + maxBatch, "");
    }
  }
}
