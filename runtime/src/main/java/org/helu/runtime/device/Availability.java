package org.helu.runtime.device;

/** Whether a device can be used on this machine. */
public sealed interface Availability {
  /**
   * The device can be opened.
   *
   * @param description hardware and software in one line
   */
  record Available(String description) implements Availability {}

  /**
   * The device cannot be opened.
   *
   * @param reason what is missing
   * @param remedy what to install or change
   */
  record Unavailable(String reason, String remedy) implements Availability {}
}
