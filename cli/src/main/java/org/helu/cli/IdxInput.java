package org.helu.cli;

import java.nio.file.Path;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.Idx;
import org.helu.runtime.data.Pixels;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Images in idx files as a network's input: bytes divided by 255. */
final class IdxInput {
  private IdxInput() {}

  /** Reads a file whose samples have as many elements as the input takes. */
  static Tensor read(GraphInput input, Path file) {
    Tensor bytes = Idx.read(file);
    Shape found = bytes.shape();
    Shape expected = input.type().shape();
    int samples = found.rank() == 0 ? 1 : found.dim(0);
    Shape shape =
        expected.rank() == 0 || input.type().elementType() != ElementType.FLOAT32
            ? Shape.of()
            : expected.withDim(0, samples);
    if (found.rank() < 2 || shape.elements() != bytes.elements()) {
      throw HeluException.invalid(
          "run/input",
          "'" + file + "': " + found + " does not fit input '" + input.name() + "' " + input.type(),
          "give images of the size that the network takes");
    }
    Tensor tensor = Tensor.zeros(new TensorType(ElementType.FLOAT32, shape));
    Pixels.toUnitFloats(bytes, 0, tensor);
    return tensor;
  }
}
