package org.helu.device.tornado.kernel;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * Element-wise ops on integers. Such values are legal in graphs but rare once constants are folded:
 * what counts here is that they are right. BOOL is 0 or 1 in an int.
 */
public final class IntegerKernels {
  private IntegerKernels() {}

  /** {@code y = kind(x)}; {@code low} and {@code high} are CLIP's bounds. */
  public static void heluIntUnary(
      IntArray x, IntArray y, IntArray batch, int maxBatch, int size, int kind, int low, int high) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          int v = x.get(n * size + i);
          int result = v;
          if (kind == 0) { // ABS
            result = v < 0 ? -v : v;
          } else if (kind == 1) { // NEG
            result = -v;
          } else if (kind == 2) { // SIGN
            result = v > 0 ? 1 : v < 0 ? -1 : 0;
          } else if (kind == 18) { // CLIP
            int above = v < low ? low : v;
            result = above > high ? high : above;
          } else { // NOT
            result = v == 0 ? 1 : 0;
          }
          y.set(n * size + i, result);
        }
      }
    }
  }

  /** {@code y = kind(x)}; {@code low} and {@code high} are CLIP's bounds. */
  public static void heluLongUnary(
      LongArray x,
      LongArray y,
      IntArray batch,
      int maxBatch,
      int size,
      int kind,
      long low,
      long high) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          long v = x.get(n * size + i);
          long result = v;
          if (kind == 0) { // ABS
            result = v < 0L ? -v : v;
          } else if (kind == 1) { // NEG
            result = -v;
          } else if (kind == 2) { // SIGN
            result = v > 0L ? 1L : v < 0L ? -1L : 0L;
          } else if (kind == 18) { // CLIP
            long above = v < low ? low : v;
            result = above > high ? high : above;
          } else { // NOT
            result = v == 0L ? 1L : 0L;
          }
          y.set(n * size + i, result);
        }
      }
    }
  }

  /** {@code y = kind(a, b)} for arithmetic kinds, broadcast by tables. */
  public static void heluIntBinary(
      IntArray a,
      IntArray b,
      IntArray y,
      IntArray aIndex,
      IntArray bIndex,
      IntArray batch,
      int maxBatch,
      int size,
      int aStride,
      int bStride,
      int kind) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          int left = a.get(n * aStride + aIndex.get(i));
          int right = b.get(n * bStride + bIndex.get(i));
          int result = 0;
          if (kind == 0) { // ADD
            result = left + right;
          } else if (kind == 1) { // SUB
            result = left - right;
          } else if (kind == 2) { // MUL
            result = left * right;
          } else if (kind == 3) { // DIV, by zero gives zero
            int divisor = right == 0 ? 1 : right;
            result = right == 0 ? 0 : left / divisor;
          } else if (kind == 5) { // MIN
            result = left < right ? left : right;
          } else if (kind == 6) { // MAX
            result = left > right ? left : right;
          } else { // PRELU
            result = left < 0 ? right * left : left;
          }
          y.set(n * size + i, result);
        }
      }
    }
  }

  /** {@code y = kind(a, b)} for arithmetic kinds, broadcast by tables. */
  public static void heluLongBinary(
      LongArray a,
      LongArray b,
      LongArray y,
      IntArray aIndex,
      IntArray bIndex,
      IntArray batch,
      int maxBatch,
      int size,
      int aStride,
      int bStride,
      int kind) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          long left = a.get(n * aStride + aIndex.get(i));
          long right = b.get(n * bStride + bIndex.get(i));
          long result = 0L;
          if (kind == 0) { // ADD
            result = left + right;
          } else if (kind == 1) { // SUB
            result = left - right;
          } else if (kind == 2) { // MUL
            result = left * right;
          } else if (kind == 3) { // DIV, by zero gives zero
            long divisor = right == 0L ? 1L : right;
            result = right == 0L ? 0L : left / divisor;
          } else if (kind == 5) { // MIN
            result = left < right ? left : right;
          } else if (kind == 6) { // MAX
            result = left > right ? left : right;
          } else { // PRELU
            result = left < 0L ? right * left : left;
          }
          y.set(n * size + i, result);
        }
      }
    }
  }

  /** {@code y = kind(a, b)} for predicates: 1 or 0, broadcast by tables. */
  public static void heluIntCompare(
      IntArray a,
      IntArray b,
      IntArray y,
      IntArray aIndex,
      IntArray bIndex,
      IntArray batch,
      int maxBatch,
      int size,
      int aStride,
      int bStride,
      int kind) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          int left = a.get(n * aStride + aIndex.get(i));
          int right = b.get(n * bStride + bIndex.get(i));
          int result = 0;
          if (kind == 8) { // GREATER
            result = left > right ? 1 : 0;
          } else if (kind == 9) { // GREATER_OR_EQUAL
            result = left >= right ? 1 : 0;
          } else if (kind == 10) { // LESS
            result = left < right ? 1 : 0;
          } else if (kind == 11) { // LESS_OR_EQUAL
            result = left <= right ? 1 : 0;
          } else if (kind == 12) { // EQUAL
            result = left == right ? 1 : 0;
          } else { // AND, OR, XOR
            int sum = (left != 0 ? 1 : 0) + (right != 0 ? 1 : 0);
            int any = sum >= 1 ? 1 : 0;
            result = kind == 13 ? sum / 2 : kind == 14 ? any : sum % 2;
          }
          y.set(n * size + i, result);
        }
      }
    }
  }

  /** {@code y = kind(a, b)} for predicates: 1 or 0, broadcast by tables. */
  public static void heluLongCompare(
      LongArray a,
      LongArray b,
      IntArray y,
      IntArray aIndex,
      IntArray bIndex,
      IntArray batch,
      int maxBatch,
      int size,
      int aStride,
      int bStride,
      int kind) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          long left = a.get(n * aStride + aIndex.get(i));
          long right = b.get(n * bStride + bIndex.get(i));
          int result = 0;
          if (kind == 8) { // GREATER
            result = left > right ? 1 : 0;
          } else if (kind == 9) { // GREATER_OR_EQUAL
            result = left >= right ? 1 : 0;
          } else if (kind == 10) { // LESS
            result = left < right ? 1 : 0;
          } else if (kind == 11) { // LESS_OR_EQUAL
            result = left <= right ? 1 : 0;
          } else if (kind == 12) { // EQUAL
            result = left == right ? 1 : 0;
          } else { // AND, OR, XOR
            int sum = (left != 0L ? 1 : 0) + (right != 0L ? 1 : 0);
            int any = sum >= 1 ? 1 : 0;
            result = kind == 13 ? sum / 2 : kind == 14 ? any : sum % 2;
          }
          y.set(n * size + i, result);
        }
      }
    }
  }
}
