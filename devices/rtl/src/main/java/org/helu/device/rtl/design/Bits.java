package org.helu.device.rtl.design;

/** Widths of numbers. */
final class Bits {
  private Bits() {}

  /** Bits of an unsigned number, at least 1. */
  static int unsigned(long value) {
    return Math.max(1, 64 - Long.numberOfLeadingZeros(value));
  }

  /** Bits of a two's complement number that holds both, at least 2. */
  static int signed(long low, long high) {
    long magnitude = Math.max(high, -1 - low);
    return magnitude <= 0 ? 2 : Math.max(2, 65 - Long.numberOfLeadingZeros(magnitude));
  }
}
