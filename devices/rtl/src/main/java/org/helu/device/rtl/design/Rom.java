package org.helu.device.rtl.design;

import java.math.BigInteger;
import java.util.List;

/**
 * Constants of a unit.
 *
 * @param name of its module and file
 * @param width bits of a row
 * @param rows not negative, less than {@code 2^width}
 */
public record Rom(String name, int width, List<BigInteger> rows) {
  public Rom {
    rows = List.copyOf(rows);
  }

  /** Bits of all rows. */
  public long bits() {
    return (long) width * rows.size();
  }

  /** Puts together a row from its lowest field upward. */
  static final class Row {
    private byte[] bytes;
    private int at;

    Row(int bits) {
      this.bytes = new byte[bits / 8 + 1];
    }

    /** Appends the low {@code bits} of {@code value} (sign-extended beyond 64). */
    Row add(long value, int bits) {
      for (int i = 0; i < bits; i++, at++) {
        if ((value >> Math.min(i, 63) & 1) != 0) {
          bytes[bytes.length - 1 - at / 8] |= (byte) (1 << at % 8);
        }
      }
      return this;
    }

    BigInteger toInteger() {
      return new BigInteger(1, bytes);
    }
  }
}
