package org.helu.runtime.device;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Where the time of one run went. What a device cannot tell is empty; what it tells need not add up
 * to the whole, since devices copy and compute at the same time, and the host has work of its own.
 *
 * @param elapsedNanos the whole run, as the caller sees it
 * @param steps time in kernels, in execution order; empty where the device cannot tell
 * @param copyInNanos copying to the device
 * @param copyOutNanos copying from the device
 * @param dispatchNanos from handing kernels to the driver until they start, all together
 * @param powerWatts the highest that the device's sensor gave during a kernel
 */
public record RunProfile(
    long elapsedNanos,
    List<StepProfile> steps,
    OptionalLong copyInNanos,
    OptionalLong copyOutNanos,
    OptionalLong dispatchNanos,
    OptionalDouble powerWatts) {
  public RunProfile {
    steps = List.copyOf(steps);
  }

  /** The profile of a device whose memory is the host's and that hands nothing to a driver. */
  public RunProfile(long elapsedNanos, List<StepProfile> steps) {
    this(
        elapsedNanos,
        steps,
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalDouble.empty());
  }

  /** Time in kernels, of all steps. */
  public long kernelNanos() {
    return steps.stream().mapToLong(StepProfile::nanos).sum();
  }
}
