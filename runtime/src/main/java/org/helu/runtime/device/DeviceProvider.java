package org.helu.runtime.device;

/** Finds and opens one kind of device. Found by {@link java.util.ServiceLoader}. */
public interface DeviceProvider {
  /** The name users select it by, such as {@code vector}. */
  String name();

  /** Higher is preferred where the user asks for {@code auto}. */
  int priority();

  /** Whether the device can be opened here; cheap, and never throws. */
  Availability probe();

  /**
   * Opens the device.
   *
   * @throws org.helu.runtime.HeluException with kind DEVICE_UNAVAILABLE, reason and remedy
   */
  Device open(DeviceOptions options);
}
