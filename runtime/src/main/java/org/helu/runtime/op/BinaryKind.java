package org.helu.runtime.op;

/** Element-wise functions of two inputs, broadcast as in NumPy. */
public enum BinaryKind {
  /** {@code x + y}. */
  ADD,
  /** {@code x - y}. */
  SUB,
  /** {@code x * y}. */
  MUL,
  /** {@code x / y}; integers truncate toward zero. */
  DIV,
  /** {@code x ^ y}. */
  POW,
  /** Smaller of the two; NaN if either is. */
  MIN,
  /** Larger of the two; NaN if either is. */
  MAX,
  /** {@code x > 0 ? x : y*x}; y is the slope. */
  PRELU,
  /** BOOL result of {@code x > y}. */
  GREATER,
  /** BOOL result of {@code x >= y}. */
  GREATER_OR_EQUAL,
  /** BOOL result of {@code x < y}. */
  LESS,
  /** BOOL result of {@code x <= y}. */
  LESS_OR_EQUAL,
  /** BOOL result of {@code x == y}. */
  EQUAL,
  /** Logical and of two BOOLs. */
  AND,
  /** Logical or of two BOOLs. */
  OR,
  /** Logical exclusive or of two BOOLs. */
  XOR;

  /** Whether the result is BOOL whatever the operands' type. */
  public boolean isPredicate() {
    return ordinal() >= GREATER.ordinal();
  }
}
