package org.helu.device.vector;

import org.helu.runtime.tensor.Shape;

/** A number that grows with the batch, or does not where the shape is static. */
record Count(long perUnit, boolean batched) {
  /** Elements of a shape. */
  static Count elements(Shape shape) {
    return new Count(shape.elementsPerSample(), shape.isBatched());
  }

  /** Product of the dimensions before {@code axis}. */
  static Count outer(Shape shape, int axis) {
    long product = 1;
    for (int a = shape.isBatched() ? 1 : 0; a < axis; a++) {
      product *= shape.dim(a);
    }
    return new Count(product, shape.isBatched() && axis > 0);
  }

  /** The number for a batch. */
  long of(int batch) {
    return batched ? perUnit * batch : perUnit;
  }

  /** This many times {@code factor}. */
  Count times(long factor) {
    return new Count(perUnit * factor, batched);
  }
}
