package org.helu.compiler.onnx;

import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * What the importer knows of an ONNX value.
 *
 * @param name the value's name in helu's graph; another value's name where this one is an alias
 * @param type element type and shape
 * @param constant the elements where they are known at import, else null
 * @param symbolic whether {@code constant} is an integer vector that holds {@link #BATCH_ENTRY}
 */
record Value(String name, TensorType type, Tensor constant, boolean symbolic) {
  /**
   * Stands for the unknown batch size inside a vector of dimensions. It is no legal dimension and
   * neither of Reshape's special entries 0 and -1, so it cannot be mistaken for one.
   */
  static final int BATCH_ENTRY = Integer.MIN_VALUE + 1;

  /** A value that only a session knows. */
  static Value computed(String name, TensorType type) {
    return new Value(name, type, null, false);
  }

  /** A value known at import. */
  static Value constant(String name, Tensor tensor) {
    return new Value(name, tensor.type(), tensor, false);
  }

  /** A vector of dimensions of which at least one is {@link #BATCH_ENTRY}. */
  static Value symbolic(String name, Tensor tensor) {
    return new Value(name, tensor.type(), tensor, true);
  }

  boolean isConstant() {
    return constant != null && !symbolic;
  }

  Shape shape() {
    return type.shape();
  }

  boolean isFloat() {
    return type.elementType().isFloat();
  }
}
