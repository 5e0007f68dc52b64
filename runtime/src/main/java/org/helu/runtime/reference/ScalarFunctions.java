package org.helu.runtime.reference;

import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.UnaryKind;

/** Element-wise functions of single numbers: the definition that every device is tested against. */
public final class ScalarFunctions {
  private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);

  private ScalarFunctions() {}

  /** {@code kind(x)} with parameters {@code a} and {@code b}, see {@link UnaryKind}. */
  public static float unary(UnaryKind kind, float a, float b, float x) {
    return switch (kind) {
      case ABS -> Math.abs(x);
      case NEG -> -x;
      case SIGN -> Math.signum(x) + 0f; // + 0f turns -0 into 0
      case EXP -> (float) Math.exp(x);
      case LOG -> (float) Math.log(x);
      case SQRT -> (float) Math.sqrt(x);
      case RECIPROCAL -> 1f / x;
      case FLOOR -> (float) Math.floor(x);
      case CEIL -> (float) Math.ceil(x);
      case ROUND -> (float) Math.rint(x);
      case SIGMOID -> (float) sigmoid(x);
      case TANH -> (float) Math.tanh(x);
      case ERF -> (float) erf(x);
      case SOFTPLUS -> (float) softplus(x);
      case SOFTSIGN -> x / (1f + Math.abs(x));
      case LEAKY_RELU -> x < 0 ? a * x : x;
      case ELU -> x < 0 ? (float) (a * Math.expm1(x)) : x;
      case SELU -> x < 0 ? (float) ((double) b * a * Math.expm1(x)) : b * x;
      case CLIP -> clip(x, a, b);
      case HARD_SIGMOID -> clip(a * x + b, 0f, 1f);
      case HARD_SWISH -> x * clip(x * (1f / 6f) + 0.5f, 0f, 1f);
      case GELU -> (float) (0.5 * x * (1 + erf(x / Math.sqrt(2))));
      case GELU_TANH -> {
        double cubed = (double) x * x * x;
        yield (float) (0.5 * x * (1 + Math.tanh(SQRT_2_OVER_PI * (x + 0.044715 * cubed))));
      }
      case SWISH -> (float) (x * sigmoid((double) a * x));
      case MISH -> (float) (x * Math.tanh(softplus(x)));
      case LINEAR -> a * x + b;
      case NOT -> throw new IllegalArgumentException("NOT takes BOOL");
    };
  }

  /** {@code kind(x, y)} for arithmetic kinds, see {@link BinaryKind}. */
  public static float binary(BinaryKind kind, float x, float y) {
    return switch (kind) {
      case ADD -> x + y;
      case SUB -> x - y;
      case MUL -> x * y;
      case DIV -> x / y;
      case POW -> (float) Math.pow(x, y);
      case MIN -> Math.min(x, y);
      case MAX -> Math.max(x, y);
      case PRELU -> x < 0 ? y * x : x;
      default -> throw new IllegalArgumentException(kind + " gives BOOL");
    };
  }

  /** Integer arithmetic, wrapping; division truncates, and by zero gives zero. */
  public static long binary(BinaryKind kind, long x, long y) {
    return switch (kind) {
      case ADD -> x + y;
      case SUB -> x - y;
      case MUL -> x * y;
      case DIV -> y == 0 ? 0 : x / y;
      case POW -> (long) Math.pow(x, y);
      case MIN -> Math.min(x, y);
      case MAX -> Math.max(x, y);
      case PRELU -> x < 0 ? y * x : x;
      default -> throw new IllegalArgumentException(kind + " gives BOOL");
    };
  }

  /** {@code kind(x, y)} for kinds that give BOOL; comparisons with NaN are false. */
  public static boolean predicate(BinaryKind kind, double x, double y) {
    return switch (kind) {
      case GREATER -> x > y;
      case GREATER_OR_EQUAL -> x >= y;
      case LESS -> x < y;
      case LESS_OR_EQUAL -> x <= y;
      case EQUAL -> x == y;
      case AND -> x != 0 && y != 0;
      case OR -> x != 0 || y != 0;
      case XOR -> (x != 0) != (y != 0);
      default -> throw new IllegalArgumentException(kind + " gives a number");
    };
  }

  /** The gate bit: {@code !(z <= 0)}, so that NaN passes as in PyTorch's and ONNX's ReLU. */
  public static boolean gate(float z) {
    return !(z <= 0f);
  }

  private static float clip(float x, float min, float max) {
    return Math.min(Math.max(x, min), max);
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double softplus(double x) {
    // ln(1 + e^x) without overflow: x + ln(1 + e^-x) for positive x.
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  /**
   * Gauss error function by its series of positive terms, {@code 2/sqrt(pi) e^(-x^2) sum 2^n
   * x^(2n+1) / (2n+1)!!} (Abramowitz and Stegun, 7.1.6): no cancellation, near double precision.
   */
  static double erf(double x) {
    if (Double.isNaN(x)) {
      return x;
    }
    double square = x * x;
    if (square > 36) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= 2 * square / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-square) * sum;
  }
}
