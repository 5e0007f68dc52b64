package org.helu.runtime.device;

/** Finds and opens one kind of device. Found by {@link java.util.ServiceLoader}. */
public interface DeviceProvider {
  /**
   * The priority of {@code vector}, which runs everywhere: accelerators are above it, what is there
   * for checking only is below.
   */
  int VECTOR_PRIORITY = 100;

  /** The name users select it by, such as {@code vector}. */
  String name();

  /** Higher is preferred where the user asks for {@code auto}. */
  int priority();

  /**
   * How many devices of this kind there are: users select one by {@code name:index}. Asked only
   * where {@link #probe} found the provider available.
   */
  default int count() {
    return 1;
  }

  /**
   * Whether this device is there to check others, not to run networks with: an interpreter or a
   * simulator. Such a device runs where it is named, and is no part of {@code all}.
   */
  default boolean isForChecking() {
    return false;
  }

  /**
   * Whether a network runs only once something was built for it, by an {@link AheadOfTimeCompiler}.
   * One for which nothing was built is left out on such a device, unless the device was named.
   */
  default boolean isAheadOfTime() {
    return false;
  }

  /** Whether the device can be opened here; cheap, and never throws. */
  Availability probe();

  /**
   * Opens the device.
   *
   * @throws org.helu.runtime.HeluException with kind DEVICE_UNAVAILABLE, reason and remedy
   */
  Device open(DeviceOptions options);
}
