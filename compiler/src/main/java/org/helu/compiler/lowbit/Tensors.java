package org.helu.compiler.lowbit;

import java.util.List;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.reference.ReferenceKernels;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Constants of integer layers. */
final class Tensors {
  private Tensors() {}

  static Tensor permuted(Tensor tensor, List<Integer> perm) {
    return ReferenceKernels.evaluate(new DeviceOp.Transpose(perm), List.of(tensor));
  }

  /** Parameters {@code [C, columns]} as one row where all rows are equal. */
  static Tensor distinctRows(Tensor parameters) {
    Shape shape = parameters.shape();
    long rowBytes = parameters.data().byteSize() / Math.max(1, shape.dim(0));
    for (int row = 1; row < shape.dim(0); row++) {
      if (parameters
              .data()
              .asSlice(0, rowBytes)
              .mismatch(parameters.data().asSlice(row * rowBytes, rowBytes))
          >= 0) {
        return parameters;
      }
    }
    Tensor one =
        Tensor.zeros(new TensorType(parameters.type().elementType(), Shape.of(1, shape.dim(1))));
    one.data().copyFrom(parameters.data().asSlice(0, rowBytes));
    return one;
  }

  /** {@code [C, 1 + steps]}: sign and thresholds. */
  static Tensor thresholds(Steps[] steps) {
    int columns = 1 + steps[0].thresholds().length;
    Tensor tensor =
        Tensor.zeros(new TensorType(ElementType.INT32, Shape.of(steps.length, columns)));
    for (int c = 0; c < steps.length; c++) {
      tensor.setLong((long) c * columns, steps[c].sign());
      for (int t = 1; t < columns; t++) {
        tensor.setLong((long) c * columns + t, steps[c].thresholds()[t - 1]);
      }
    }
    return tensor;
  }

  /** {@code [C, 2]}: m and b. */
  static Tensor fixedPoint(FixedPoint fixed) {
    int channels = fixed.m().length;
    Tensor tensor = Tensor.zeros(new TensorType(ElementType.INT64, Shape.of(channels, 2)));
    for (int c = 0; c < channels; c++) {
      tensor.setLong(2L * c, fixed.m()[c]);
      tensor.setLong(2L * c + 1, fixed.b()[c]);
    }
    return tensor;
  }
}
