package org.helu.runtime.tensor;

/** Element types. {@link #INT64} and {@link #BOOL} appear in imported graphs only. */
public enum ElementType {
  /** IEEE 754 binary32. */
  FLOAT32(4),
  /** Two's complement 64-bit integer: ONNX's type for shapes and indices. */
  INT64(8),
  /** Two's complement 32-bit integer. */
  INT32(4),
  /** Two's complement 8-bit integer. */
  INT8(1),
  /** Unsigned 8-bit integer. */
  UINT8(1),
  /** One byte, 0 or 1: ONNX's result type of comparisons. */
  BOOL(1),
  /** One bit, packed along the last dimension into 64-bit little-endian words, zero tail. */
  BIT(0);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes per element; 0 for {@link #BIT}, whose size depends on the shape. */
  public int bytes() {
    return bytes;
  }

  /** Whether this is a floating-point type. */
  public boolean isFloat() {
    return this == FLOAT32;
  }
}
