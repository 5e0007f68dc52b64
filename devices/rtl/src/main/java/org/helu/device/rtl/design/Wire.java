package org.helu.device.rtl.design;

/**
 * A stream between two units of a design.
 *
 * @param name of its signals {@code NAME_data}, {@code NAME_valid}, {@code NAME_ready}
 * @param lanes elements of a beat
 * @param bits of an element
 */
public record Wire(String name, int lanes, int bits) {
  /** Bits of a beat. */
  public int width() {
    return lanes * bits;
  }
}
