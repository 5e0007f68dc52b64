package org.helu.compiler.lowbit;

import java.util.Arrays;

/** Float thresholds of a step function on float32 values. */
final class FloatSteps {
  /** Codes of a float value. */
  @FunctionalInterface
  interface Code {
    int of(float z);
  }

  private FloatSteps() {}

  /**
   * The least float32 at which {@code code}, which does not decrease, reaches each of {@code
   * steps}; infinite where it never or always does.
   */
  static float[] search(Code code, int steps) {
    float[] thresholds = new float[steps];
    Arrays.fill(thresholds, Float.POSITIVE_INFINITY);
    int first = code.of(-Float.MAX_VALUE);
    for (int k = 1; k <= steps; k++) {
      if (k <= first) {
        thresholds[k - 1] = Float.NEGATIVE_INFINITY;
        continue;
      }
      int low = key(-Float.MAX_VALUE);
      int high = key(Float.MAX_VALUE);
      if (code.of(Float.MAX_VALUE) < k) {
        break;
      }
      while (high - (long) low > 1) {
        int middle = (int) Math.floorDiv((long) low + high, 2);
        if (code.of(value(middle)) >= k) {
          high = middle;
        } else {
          low = middle;
        }
      }
      thresholds[k - 1] = value(high) + 0f;
    }
    return thresholds;
  }

  /** Integers in the order of floats. */
  private static int key(float value) {
    int bits = Float.floatToRawIntBits(value);
    return bits < 0 ? -(bits & Integer.MAX_VALUE) : bits;
  }

  private static float value(int key) {
    return key < 0 ? Float.intBitsToFloat(-key | Integer.MIN_VALUE) : Float.intBitsToFloat(key);
  }
}
