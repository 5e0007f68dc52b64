package org.helu.runtime.device;

import org.helu.runtime.HeluException;

/**
 * What a user can set when opening a device.
 *
 * @param threads threads that one session's run may use; 0 lets the device choose
 */
public record DeviceOptions(int threads) {
  /** The device chooses. */
  public static final DeviceOptions DEFAULT = new DeviceOptions(0);

  public DeviceOptions {
    if (threads < 0 || threads > 4096) {
      throw HeluException.invalid(
          "device/options", "threads must be in 0..4096, found " + threads, "0 lets helu choose");
    }
  }
}
