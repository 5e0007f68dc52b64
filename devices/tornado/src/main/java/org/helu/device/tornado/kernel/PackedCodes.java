package org.helu.device.tornado.kernel;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Four signed bytes to an int, the first in the lowest bits, as {@code dp4a} takes them. Formed and
 * taken apart without shifts of negatives, which backends do differently, and without overflow.
 */
final class PackedCodes {
  private PackedCodes() {}

  /** The signed bytes {@code c - 128} of four codes. */
  static int packed(int c0, int c1, int c2, int c3) {
    int low = (c0 ^ 128) + (c1 ^ 128) * 256 + (c2 ^ 128) * 65536;
    return (c3 - 128) * 16777216 + low;
  }

  /** Four codes from {@code at} on as signed bytes; past the last channel any code of the pixel. */
  static int packedAt(IntArray x, int at, int channels) {
    int second = channels > 1 ? 1 : 0;
    int third = channels > 2 ? 2 : 0;
    int fourth = channels > 3 ? 3 : 0;
    return packed(x.get(at), x.get(at + second), x.get(at + third), x.get(at + fourth));
  }

  static int first(int word) {
    return ((word & 255) ^ 128) - 128;
  }

  static int second(int word) {
    return ((word & 0xff00) / 256 ^ 128) - 128;
  }

  static int third(int word) {
    return ((word & 0xff0000) / 65536 ^ 128) - 128;
  }

  static int fourth(int word) {
    return (word & 0x7f000000) / 16777216 - (word < 0 ? 128 : 0);
  }
}
