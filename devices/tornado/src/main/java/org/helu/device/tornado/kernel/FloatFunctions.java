package org.helu.device.tornado.kernel;

import uk.ac.manchester.tornado.api.math.TornadoMath;

/**
 * Scalar functions in float32 out of what every backend has. Each is within the tolerance that the
 * contract suite grants its op.
 */
final class FloatFunctions {
  private FloatFunctions() {}

  static float exp(float x) {
    return TornadoMath.exp(x);
  }

  static float log(float x) {
    return TornadoMath.log(x);
  }

  static float sqrt(float x) {
    return TornadoMath.sqrt(x);
  }

  static float floor(float x) {
    return TornadoMath.floor(x);
  }

  /** From 9.1 on the nearest float is 1, which not every driver's tanh gives. */
  static float tanh(float x) {
    return x > 9.1f ? 1f : x < -9.1f ? -1f : TornadoMath.tanh(x);
  }

  /** Nearest integer, ties to even. From 2^23 on every float is an integer. */
  static float round(float x) {
    float magnitude = x < 0f ? -x : x;
    float below = TornadoMath.floor(x);
    float rest = x - below;
    float odd = below - 2f * TornadoMath.floor(below * 0.5f);
    float up = rest > 0.5f || (rest == 0.5f && odd == 1f) ? 1f : 0f;
    return magnitude < 8388608f ? below + up : x;
  }

  static float clip(float x, float min, float max) {
    float above = x < min ? min : x;
    return above > max ? max : above;
  }

  static float sigmoid(float x) {
    return 1f / (1f + TornadoMath.exp(-x));
  }

  /** {@code ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|)}, without overflow. */
  static float softplus(float x) {
    float magnitude = x < 0f ? -x : x;
    float positive = x < 0f ? 0f : x;
    return positive + TornadoMath.log(1f + TornadoMath.exp(-magnitude));
  }

  /** {@code e^x - 1}: its Taylor series near 0, where the difference would cancel. */
  static float expm1(float x) {
    float series =
        x
            * (1f
                + x
                    * (0.5f
                        + x
                            * (0.16666667f
                                + x
                                    * (0.041666668f
                                        + x
                                            * (0.008333334f
                                                + x * (0.0013888889f + x * 1.984127e-4f))))));
    return x > -0.35f && x < 0.35f ? series : TornadoMath.exp(x) - 1f;
  }

  /**
   * Gauss error function: the Maclaurin series up to |x| = 1 (Abramowitz and Stegun, 7.1.5), and
   * the rational approximation 7.1.26 beyond, off by at most 1.5e-7.
   */
  static float erf(float x) {
    float square = x * x;
    float series =
        1.1283792f
            * x
            * (1f
                + square
                    * (-0.33333334f
                        + square
                            * (0.1f
                                + square
                                    * (-0.023809524f
                                        + square
                                            * (0.0046296297f
                                                + square
                                                    * (-7.5757574e-4f
                                                        + square
                                                            * (1.0683761e-4f
                                                                + square
                                                                    * (-1.3227513e-5f
                                                                        + square
                                                                            * 1.4589169e-6f))))))));
    float magnitude = x < 0f ? -x : x;
    float t = 1f / (1f + 0.3275911f * magnitude);
    float polynomial =
        t
            * (0.2548296f
                + t * (-0.28449672f + t * (1.4214138f + t * (-1.4531521f + t * 1.0614054f))));
    float tail = 1f - polynomial * TornadoMath.exp(-square);
    float far = x < 0f ? -tail : tail;
    return magnitude < 1f ? series : far;
  }

  /** As Java's {@code Math.pow}, which is NaN where C's {@code pow} is 1. */
  static float pow(float x, float y) {
    float magnitude = x < 0f ? -x : x;
    float exponent = y < 0f ? -y : y;
    boolean infinite = exponent > 3.4028235e38f;
    float power = TornadoMath.pow(x, y);
    float unit = infinite ? y - y : power;
    float result = magnitude == 1f ? unit : power;
    return y == y ? result : y;
  }
}
