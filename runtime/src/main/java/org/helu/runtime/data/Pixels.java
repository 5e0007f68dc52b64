package org.helu.runtime.data;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import org.helu.runtime.HeluException;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Tensor;

/** Bytes to the floats that networks are trained on. */
public final class Pixels {
  private static final float[] UNIT = new float[256];

  static {
    for (int value = 0; value < UNIT.length; value++) {
      // The quotient, not a product with 1/255: the two differ in the last bit for some values.
      UNIT[value] = value / 255f;
    }
  }

  private Pixels() {}

  /**
   * {@code target[i] = bytes[first + i] / 255} for every element of {@code target}, rounded to
   * float32 as PyTorch's ToTensor does.
   *
   * @param bytes UINT8
   * @param first index of an element of {@code bytes}
   * @param target FLOAT32; allocates nothing
   * @throws HeluException if the types differ from that or {@code bytes} has too few elements
   */
  public static void toUnitFloats(Tensor bytes, long first, Tensor target) {
    long count = target.elements();
    if (bytes.type().elementType() != ElementType.UINT8
        || target.type().elementType() != ElementType.FLOAT32
        || first < 0
        || first > bytes.elements() - count) {
      throw HeluException.invalid(
          "data/pixels",
          "expected uint8 pixels from "
              + first
              + " for "
              + target.type()
              + ", found "
              + bytes.type(),
          "");
    }
    MemorySegment from = bytes.data();
    MemorySegment to = target.data();
    for (long i = 0; i < count; i++) {
      to.set(Tensor.FLOAT, i * 4, UNIT[from.get(JAVA_BYTE, first + i) & 0xff]);
    }
  }

  /** {@code value / 255} of one byte. */
  static float unit(int value) {
    return UNIT[value];
  }
}
