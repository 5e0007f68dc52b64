package org.helu.compiler.lowbit;

/**
 * A monotone function per channel, in double: one node of the float network between a sum and its
 * quantizer. Every arithmetic operation is rounded once, as IEEE 754 double does, so monotone
 * formulas stay monotone.
 */
interface ChannelFunction {
  double apply(double z, int channel);

  /** +1 where the function does not decrease, -1 where it does not increase, 0 where constant. */
  int direction(int channel);

  /** {@code {a, b}} where {@code apply(z) = a * z + b} for all z, else null. */
  default double[] affine(int channel) {
    return null;
  }

  /** The slope where the function is not clamped; NaN where it has none. */
  default double slope(int channel) {
    double[] affine = affine(channel);
    return affine == null ? Double.NaN : affine[0];
  }

  /** Whether every value of the function is an integer. */
  default boolean isRounding() {
    return false;
  }

  /** {@code factor * z}. */
  static ChannelFunction scale(PerChannel factor) {
    return new ChannelFunction() {
      @Override
      public double apply(double z, int c) {
        return z * factor.at(c);
      }

      @Override
      public int direction(int c) {
        return sign(factor.at(c));
      }

      @Override
      public double[] affine(int c) {
        return new double[] {factor.at(c), 0};
      }
    };
  }

  /** {@code z / divisor}. */
  static ChannelFunction divide(PerChannel divisor) {
    return new ChannelFunction() {
      @Override
      public double apply(double z, int c) {
        return z / divisor.at(c);
      }

      @Override
      public int direction(int c) {
        return sign(divisor.at(c));
      }

      @Override
      public double[] affine(int c) {
        return new double[] {1 / divisor.at(c), 0};
      }
    };
  }

  /** {@code sign * z + shift} with a sign of +1 or -1. */
  static ChannelFunction shift(int sign, PerChannel shift) {
    return new ChannelFunction() {
      @Override
      public double apply(double z, int c) {
        return sign * z + shift.at(c);
      }

      @Override
      public int direction(int c) {
        return sign;
      }

      @Override
      public double[] affine(int c) {
        return new double[] {sign, shift.at(c)};
      }
    };
  }

  /** {@code a * z + b}, product and sum rounded one after the other. */
  static ChannelFunction linear(PerChannel a, PerChannel b) {
    return new ChannelFunction() {
      @Override
      public double apply(double z, int c) {
        return a.at(c) * z + b.at(c);
      }

      @Override
      public int direction(int c) {
        return sign(a.at(c));
      }

      @Override
      public double[] affine(int c) {
        return new double[] {a.at(c), b.at(c)};
      }
    };
  }

  /** {@code (z - mean) / sqrt(variance + epsilon) * gamma + beta}. */
  static ChannelFunction batchNorm(
      PerChannel gamma, PerChannel beta, PerChannel mean, PerChannel variance, double epsilon) {
    return new ChannelFunction() {
      @Override
      public double apply(double z, int c) {
        return (z - mean.at(c)) / Math.sqrt(variance.at(c) + epsilon) * gamma.at(c) + beta.at(c);
      }

      @Override
      public int direction(int c) {
        return sign(gamma.at(c));
      }

      @Override
      public double[] affine(int c) {
        double scale = gamma.at(c) / Math.sqrt(variance.at(c) + epsilon);
        return new double[] {scale, beta.at(c) - scale * mean.at(c)};
      }
    };
  }

  /** {@code min(max(z, low), high)}; -0 is +0 where a bound is 0. */
  static ChannelFunction clamp(PerChannel low, PerChannel high) {
    return new ChannelFunction() {
      @Override
      public double apply(double z, int c) {
        return Math.min(Math.max(z, low.at(c)), high.at(c));
      }

      @Override
      public int direction(int c) {
        return 1;
      }

      @Override
      public double slope(int c) {
        return 1;
      }
    };
  }

  /** A function that nowhere decreases and is not affine. */
  static ChannelFunction increasing(Body body) {
    return increasing(body, false);
  }

  /** A function that rounds to integers, half to even or to one side. */
  static ChannelFunction rounding(Body body) {
    return increasing(body, true);
  }

  private static ChannelFunction increasing(Body body, boolean rounding) {
    return new ChannelFunction() {
      @Override
      public double apply(double z, int c) {
        return body.apply(z, c);
      }

      @Override
      public int direction(int c) {
        return 1;
      }

      @Override
      public double slope(int c) {
        return rounding ? 1 : Double.NaN;
      }

      @Override
      public boolean isRounding() {
        return rounding;
      }
    };
  }

  /** A function's formula. */
  @FunctionalInterface
  interface Body {
    double apply(double z, int channel);
  }

  private static int sign(double factor) {
    return factor > 0 ? 1 : factor < 0 ? -1 : 0;
  }
}
