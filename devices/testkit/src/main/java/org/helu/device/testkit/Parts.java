package org.helu.device.testkit;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Cuts tensors along their first dimension, as sessions do with graphs of static shapes. */
final class Parts {
  private Parts() {}

  /** {@code type} for {@code units} samples, or copies where its first dimension is static. */
  static TensorType whole(TensorType type, int units) {
    Shape shape = type.shape();
    if (shape.isBatched() || units == 1) {
      return type.withBatch(units);
    }
    return type.withShape(shape.withDim(0, shape.dim(0) * units));
  }

  /** Part {@code index} of {@code count} equal parts of plain tensors. */
  static List<Tensor> part(List<Tensor> tensors, int index, int count) {
    List<Tensor> parts = new ArrayList<>(tensors.size());
    for (Tensor tensor : tensors) {
      parts.add(part(tensor, index, count));
    }
    return parts;
  }

  /** Part {@code index} of {@code count} equal parts of a plain tensor. */
  static Tensor part(Tensor tensor, int index, int count) {
    if (count == 1) {
      return tensor;
    }
    TensorType type =
        tensor.type().withShape(tensor.shape().withDim(0, tensor.shape().dim(0) / count));
    long bytes = type.byteSize();
    return new Tensor(type, tensor.data().asSlice(index * bytes, bytes));
  }
}
