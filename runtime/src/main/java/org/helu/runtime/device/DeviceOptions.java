package org.helu.runtime.device;

import org.helu.runtime.HeluException;

/**
 * What a user can set when opening a device.
 *
 * @param threads threads that one session's run may use; 0 lets the device choose
 * @param index which of a provider's devices, see {@link DeviceProvider#count}
 */
public record DeviceOptions(int threads, int index) {
  /** The device chooses; a provider's first device. */
  public static final DeviceOptions DEFAULT = new DeviceOptions(0);

  /** A provider's first device. */
  public DeviceOptions(int threads) {
    this(threads, 0);
  }

  public DeviceOptions {
    if (threads < 0 || threads > 4096) {
      throw HeluException.invalid(
          "device/options", "threads must be in 0..4096, found " + threads, "0 lets helu choose");
    }
    if (index < 0) {
      throw HeluException.invalid(
          "device/options", "index must be at least 0, found " + index, "devices count from 0");
    }
  }
}
