package org.helu.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Seeded samples: uniform in an input's declared range, standard normal where there is none. */
final class RandomInputs {
  private RandomInputs() {}

  static List<Tensor> of(Graph graph, int samples, long seed) {
    Random random = new Random(seed);
    List<Tensor> tensors = new ArrayList<>();
    for (GraphInput input : graph.inputs()) {
      if (input.type().elementType() != ElementType.FLOAT32) {
        throw HeluException.unsupported(
            "verify", "input '" + input.name() + "' is " + input.type(), "give --input");
      }
      Shape shape = input.type().shape();
      int rows = shape.rank() == 0 || shape.isBatched() ? samples : shape.dim(0) * samples;
      Shape bound = shape.rank() == 0 ? shape : shape.withDim(0, rows);
      Tensor tensor = Tensor.zeros(new TensorType(ElementType.FLOAT32, bound));
      for (long i = 0; i < tensor.elements(); i++) {
        tensor.setFloat(i, next(input, random));
      }
      tensors.add(tensor);
    }
    return tensors;
  }

  private static float next(GraphInput input, Random random) {
    if (!input.range().isBounded()) {
      return (float) random.nextGaussian();
    }
    double min = input.range().min();
    return (float) (min + random.nextDouble() * (input.range().max() - min));
  }
}
