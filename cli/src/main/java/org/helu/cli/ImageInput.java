package org.helu.cli;

import java.nio.file.Path;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.Images;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/** A PNG or JPEG picture as a network's input: one sample, bytes divided by 255. */
final class ImageInput {
  private ImageInput() {}

  /** Reads a picture of exactly the size of an {@code [N,C,H,W]} input. */
  static Tensor read(GraphInput input, Path file) {
    Shape shape = input.type().shape();
    if (shape.rank() != 4) {
      throw HeluException.invalid(
          "run/input",
          "'"
              + file
              + "': input '"
              + input.name()
              + "' "
              + input.type()
              + " does not take pictures",
          "give it as .npy");
    }
    return Images.read(file, shape.dim(1), shape.dim(2), shape.dim(3));
  }
}
