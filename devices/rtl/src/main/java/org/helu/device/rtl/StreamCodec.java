package org.helu.device.rtl;

import org.helu.runtime.tensor.Tensor;

/** Tensors as beats: lanes from the lowest bit upward, then zeros up to a whole byte. */
final class StreamCodec {
  private StreamCodec() {}

  /** All elements of {@code tensor}, in order, {@code lanes} a beat. */
  static byte[] encode(Tensor tensor, int lanes, int bits, int beatBytes) {
    int beats = Math.toIntExact(tensor.elements() / lanes);
    byte[] bytes = new byte[Math.multiplyExact(beats, beatBytes)];
    for (int i = 0; i < beats * lanes; i++) {
      long value = tensor.getLong(i);
      int at = i % lanes * bits;
      int first = i / lanes * beatBytes;
      if (bits == 8) {
        bytes[first + at / 8] = (byte) value;
        continue;
      }
      for (int b = 0; b < bits; b++, at++) {
        bytes[first + at / 8] |= (byte) ((value >> b & 1) << at % 8);
      }
    }
    return bytes;
  }

  /** Fills {@code tensor} from beats; codes are unsigned, 32 bits are a signed sum. */
  static void decode(byte[] bytes, int lanes, int bits, int beatBytes, Tensor tensor) {
    long count = tensor.elements();
    for (int i = 0; i < count; i++) {
      int at = i % lanes * bits;
      int first = i / lanes * beatBytes;
      long value = 0;
      for (int b = 0; b < bits; b++, at++) {
        value |= (long) (bytes[first + at / 8] >> at % 8 & 1) << b;
      }
      tensor.setLong(i, bits == 32 ? (int) value : value);
    }
  }
}
