package org.helu.runtime.op;

/** Element-wise functions of one input; {@code a} and {@code b} are the node's parameters. */
public enum UnaryKind {
  /** {@code |x|}. */
  ABS,
  /** {@code -x}. */
  NEG,
  /** {@code -1, 0, 1} by sign; NaN stays NaN. */
  SIGN,
  /** {@code e^x}. */
  EXP,
  /** {@code ln x}. */
  LOG,
  /** {@code sqrt x}. */
  SQRT,
  /** {@code 1 / x}. */
  RECIPROCAL,
  /** Largest integer not above x. */
  FLOOR,
  /** Smallest integer not below x. */
  CEIL,
  /** Nearest integer, ties to even. */
  ROUND,
  /** {@code 1 / (1 + e^-x)}. */
  SIGMOID,
  /** {@code tanh x}. */
  TANH,
  /** Gauss error function. */
  ERF,
  /** {@code ln(1 + e^x)}. */
  SOFTPLUS,
  /** {@code x / (1 + |x|)}. */
  SOFTSIGN,
  /** {@code x > 0 ? x : a*x}. */
  LEAKY_RELU,
  /** {@code x > 0 ? x : a*(e^x - 1)}. */
  ELU,
  /** {@code x > 0 ? b*x : b*a*(e^x - 1)}. */
  SELU,
  /** {@code min(max(x, a), b)}. */
  CLIP,
  /** {@code max(0, min(1, a*x + b))}. */
  HARD_SIGMOID,
  /** {@code x * max(0, min(1, x/6 + 1/2))}. */
  HARD_SWISH,
  /** {@code x/2 * (1 + erf(x / sqrt 2))}. */
  GELU,
  /** {@code x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3)))}. */
  GELU_TANH,
  /** {@code x * sigmoid(a*x)}; SiLU for {@code a = 1}. */
  SWISH,
  /** {@code x * tanh(softplus(x))}. */
  MISH,
  /** {@code a*x + b}. */
  LINEAR,
  /** Logical negation of a BOOL. */
  NOT
}
