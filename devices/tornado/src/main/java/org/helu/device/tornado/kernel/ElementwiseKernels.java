package org.helu.device.tornado.kernel;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Element-wise ops on floats. {@code kind} is the ordinal of a {@code UnaryKind} or {@code
 * BinaryKind}; as a scalar it is a constant for TornadoVM, which keeps one branch of the switch.
 */
public final class ElementwiseKernels {
  private ElementwiseKernels() {}

  /** HeLU at inference, not fused. */
  public static void heluGate(FloatArray x, FloatArray y, IntArray batch, int maxBatch, int size) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          y.set(n * size + i, MatrixKernels.gated(x.get(n * size + i)));
        }
      }
    }
  }

  /** {@code y = kind(x)} with parameters a and b. */
  public static void heluUnary(
      FloatArray x,
      FloatArray y,
      IntArray batch,
      int maxBatch,
      int size,
      int kind,
      float a,
      float b) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          y.set(n * size + i, unary(kind, a, b, x.get(n * size + i)));
        }
      }
    }
  }

  static float unary(int kind, float a, float b, float x) {
    float y = x;
    switch (kind) {
      case 0 -> y = x < 0f ? -x : x; // ABS
      case 1 -> y = -x; // NEG
      case 2 -> y = x > 0f ? 1f : x < 0f ? -1f : x; // SIGN
      case 3 -> y = FloatFunctions.exp(x); // EXP
      case 4 -> y = FloatFunctions.log(x); // LOG
      case 5 -> y = FloatFunctions.sqrt(x); // SQRT
      case 6 -> y = 1f / x; // RECIPROCAL
      case 7 -> y = FloatFunctions.floor(x); // FLOOR
      case 8 -> y = -FloatFunctions.floor(-x); // CEIL
      case 9 -> y = FloatFunctions.round(x); // ROUND
      case 10 -> y = FloatFunctions.sigmoid(x); // SIGMOID
      case 11 -> y = FloatFunctions.tanh(x); // TANH
      case 12 -> y = FloatFunctions.erf(x); // ERF
      case 13 -> y = FloatFunctions.softplus(x); // SOFTPLUS
      case 14 -> y = x / (1f + (x < 0f ? -x : x)); // SOFTSIGN
      case 15 -> y = x < 0f ? a * x : x; // LEAKY_RELU
      case 16 -> y = x < 0f ? a * FloatFunctions.expm1(x) : x; // ELU
      case 17 -> y = x < 0f ? b * a * FloatFunctions.expm1(x) : b * x; // SELU
      case 18 -> y = FloatFunctions.clip(x, a, b); // CLIP
      case 19 -> y = FloatFunctions.clip(a * x + b, 0f, 1f); // HARD_SIGMOID
      case 20 -> y = x * FloatFunctions.clip(x * (1f / 6f) + 0.5f, 0f, 1f); // HARD_SWISH
      case 21 -> y = 0.5f * x * (1f + FloatFunctions.erf(x * 0.70710678f)); // GELU
      case 22 ->
          y =
              0.5f
                  * x
                  * (1f
                      + FloatFunctions.tanh(0.7978846f * (x + 0.044715f * x * x * x))); // GELU_TANH
      case 23 -> y = x * FloatFunctions.sigmoid(a * x); // SWISH
      case 24 -> y = x * FloatFunctions.tanh(FloatFunctions.softplus(x)); // MISH
      default -> y = a * x + b; // LINEAR
    }
    return y;
  }

  /**
   * {@code y = kind(a, b)} where both have the output's shape, or one has no samples of its own.
   */
  public static void heluBinary(
      FloatArray a,
      FloatArray b,
      FloatArray y,
      IntArray batch,
      int maxBatch,
      int size,
      int aStride,
      int bStride,
      int kind) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          float result = binary(kind, a.get(n * aStride + i), b.get(n * bStride + i));
          y.set(n * size + i, result);
        }
      }
    }
  }

  /** {@code y = kind(a, b)}, broadcast: tables say which element of a sample is read. */
  public static void heluBinaryIndexed(
      FloatArray a,
      FloatArray b,
      FloatArray y,
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
          float left = a.get(n * aStride + aIndex.get(i));
          float right = b.get(n * bStride + bIndex.get(i));
          y.set(n * size + i, binary(kind, left, right));
        }
      }
    }
  }

  /** {@code y = kind(a, b)} for predicates: 1 or 0. */
  public static void heluCompare(
      FloatArray a,
      FloatArray b,
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
          float left = a.get(n * aStride + aIndex.get(i));
          float right = b.get(n * bStride + bIndex.get(i));
          y.set(n * size + i, compare(kind, left, right));
        }
      }
    }
  }

  static float binary(int kind, float x, float y) {
    float z = 0f;
    switch (kind) {
      case 0 -> z = x + y; // ADD
      case 1 -> z = x - y; // SUB
      case 2 -> z = x * y; // MUL
      case 3 -> z = x / y; // DIV
      case 4 -> z = FloatFunctions.pow(x, y); // POW
      case 5 -> z = NormKernels.min(x, y); // MIN
      case 6 -> z = NormKernels.max(x, y); // MAX
      default -> z = x < 0f ? y * x : x; // PRELU
    }
    return z;
  }

  static int compare(int kind, float x, float y) {
    int z = 0;
    switch (kind) {
      case 8 -> z = x > y ? 1 : 0; // GREATER
      case 9 -> z = x > y ? 1 : x == y ? 1 : 0; // GREATER_OR_EQUAL
      case 10 -> z = x < y ? 1 : 0; // LESS
      case 11 -> z = x < y ? 1 : x == y ? 1 : 0; // LESS_OR_EQUAL
      default -> z = x == y ? 1 : 0; // EQUAL
    }
    return z;
  }
}
