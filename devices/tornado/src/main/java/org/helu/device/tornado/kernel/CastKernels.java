package org.helu.device.tornado.kernel;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * Conversions between element types. {@code mode} says what an int stands for: 0 INT32, 1 INT8, 2
 * UINT8, 3 BOOL; kernels that write floats or longs do not read it.
 */
public final class CastKernels {
  private CastKernels() {}

  /**
   * A float within the range of long as one, without a conversion, which TornadoVM makes one to
   * int: three parts of at most 23 bits, each exact.
   */
  static long truncated(float value) {
    float magnitude = value < 0f ? -value : value;
    float high = FloatFunctions.floor(magnitude * 0x1p-40f);
    float rest = magnitude - high * 0x1p40f;
    float middle = FloatFunctions.floor(rest * 0x1p-20f);
    float low = rest - middle * 0x1p20f;
    long number = (int) high * 1099511627776L + (int) middle * 1048576L + (int) low;
    return value < 0f ? -number : number;
  }

  static int narrow(int value, int mode) {
    int low = value & 255;
    // The low byte, sign-extended without shifts: PTX shifts negatives logically.
    int signed = (low ^ 128) - 128;
    return mode == 1 ? signed : mode == 2 ? low : value;
  }

  /** Truncates toward zero and saturates; NaN gives 0, and 1 as BOOL. */
  public static void heluFloatToInt(
      FloatArray x, IntArray y, IntArray batch, int maxBatch, int size, int mode) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          float value = x.get(n * size + i);
          float low = mode == 1 ? -128f : mode == 2 ? 0f : -2147483648f;
          float high = mode == 1 ? 127f : mode == 2 ? 255f : 2147483520f;
          int least = mode == 1 ? -128 : mode == 2 ? 0 : -2147483648;
          int most = mode == 1 ? 127 : mode == 2 ? 255 : 2147483647;
          // Converted only where the result fits: what lies outside differs between backends.
          float inside = value < low ? 0f : value > high ? 0f : value == value ? value : 0f;
          int number = (int) inside;
          int above = value > high ? most : number;
          int limited = value < low ? least : above;
          int bool = value == 0f ? 0 : 1;
          y.set(n * size + i, mode == 3 ? bool : limited);
        }
      }
    }
  }

  /** Truncates toward zero and saturates; NaN gives 0. */
  public static void heluFloatToLong(
      FloatArray x, LongArray y, IntArray batch, int maxBatch, int size, int mode) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          float value = x.get(n * size + i);
          // The largest float below 2^63, and its negative.
          float last = 9.2233715e18f;
          float inside = value < -last ? 0f : value > last ? 0f : value == value ? value : 0f;
          long number = truncated(inside);
          long above = value > last ? 9223372036854775807L : number;
          long least = -9223372036854775807L - 1L;
          y.set(n * size + i, value < -last ? least : above);
        }
      }
    }
  }

  /** Rounds to nearest. */
  public static void heluIntToFloat(
      IntArray x, FloatArray y, IntArray batch, int maxBatch, int size, int mode) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          y.set(n * size + i, (float) x.get(n * size + i));
        }
      }
    }
  }

  /** Rounds to nearest. */
  public static void heluLongToFloat(
      LongArray x, FloatArray y, IntArray batch, int maxBatch, int size, int mode) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          y.set(n * size + i, (float) x.get(n * size + i));
        }
      }
    }
  }

  /** Keeps the low bits. */
  public static void heluIntToInt(
      IntArray x, IntArray y, IntArray batch, int maxBatch, int size, int mode) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          int value = x.get(n * size + i);
          int bool = value == 0 ? 0 : 1;
          y.set(n * size + i, mode == 3 ? bool : narrow(value, mode));
        }
      }
    }
  }

  /** Widens. */
  public static void heluIntToLong(
      IntArray x, LongArray y, IntArray batch, int maxBatch, int size, int mode) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          y.set(n * size + i, (long) x.get(n * size + i));
        }
      }
    }
  }

  /** Keeps the low bits. */
  public static void heluLongToInt(
      LongArray x, IntArray y, IntArray batch, int maxBatch, int size, int mode) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          long value = x.get(n * size + i);
          int bool = value == 0L ? 0 : 1;
          y.set(n * size + i, mode == 3 ? bool : narrow((int) value, mode));
        }
      }
    }
  }
}
