package org.helu.runtime.op;

/**
 * What the unsigned integer codes of an activation edge stand for in an integer layer: {@code value
 * = step * code - zero}, and {@code pad} outside of the image.
 *
 * <p>HeLU's bits are {@code {0, 1}}: step 1, zero 0. Bipolar bits are {@code {-1, +1}}: step 2,
 * zero 1. Codes of 8 bits with a zero point {@code z}: step 1, zero {@code z}. The real number that
 * a value stands for is the value times a scale, which the layer's epilogue holds.
 *
 * @param step 1, or 2 for bipolar bits
 * @param zero what is subtracted, 0 to 255
 * @param pad the value that padding has, between the least and the greatest value of a code
 */
public record Codes(int step, int zero, int pad) {
  /** Values are the codes themselves, padding is 0. */
  public static final Codes UNSIGNED = new Codes(1, 0, 0);

  /** Bits stand for -1 and +1; padding is 0, which no bit stands for. */
  public static final Codes BIPOLAR = new Codes(2, 1, 0);

  public Codes {
    if (step < 1 || step > 2 || zero < 0 || zero > 255 || pad < -zero || pad > step * 255 - zero) {
      throw new OpException(
          "expected codes with step 1 or 2, zero 0 to 255 and a pad that a code can reach, found"
              + " step "
              + step
              + ", zero "
              + zero
              + ", pad "
              + pad);
    }
  }

  /** Codes of a zero point, with padding at the zero point. */
  public static Codes ofZeroPoint(int zeroPoint) {
    return new Codes(1, zeroPoint, 0);
  }

  /** The value of a code. */
  public int value(int code) {
    return step * code - zero;
  }

  @Override
  public String toString() {
    if (equals(UNSIGNED)) {
      return "";
    }
    return equals(BIPOLAR) ? "bipolar" : "step=" + step + " zero=" + zero + " pad=" + pad;
  }
}
