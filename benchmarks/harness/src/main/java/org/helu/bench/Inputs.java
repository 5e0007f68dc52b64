package org.helu.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.Pixels;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.helu.samples.SampleData;

/** What networks are given to compute: one set of tensors, which all contenders of a row share. */
final class Inputs {
  private static final long SEED = 1;

  private final Map<String, Tensor> tensors;

  private Inputs(Map<String, Tensor> tensors) {
    this.tensors = tensors;
  }

  /** Seeded samples: uniform in an input's declared range, standard normal where there is none. */
  static Inputs random(Graph graph, int batch) {
    Random random = new Random(SEED);
    Inputs inputs = zeros(graph, batch);
    for (GraphInput input : graph.inputs()) {
      Tensor tensor = inputs.tensors.get(input.name());
      for (long i = 0; i < tensor.elements(); i++) {
        tensor.setFloat(i, next(input, random));
      }
    }
    return inputs;
  }

  /** The first images of a sample's test set: how much a network skips depends on its input. */
  static Inputs images(Graph graph, int batch, SampleData data) {
    Inputs inputs = zeros(graph, batch);
    inputs.fill(data, 0);
    return inputs;
  }

  private static Inputs zeros(Graph graph, int batch) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (GraphInput input : graph.inputs()) {
      if (input.type().elementType() != ElementType.FLOAT32) {
        throw HeluException.unsupported(
            Benchmark.STAGE,
            "input '" + input.name() + "': expected float32, found " + input.type(),
            "");
      }
      Shape shape = input.type().shape();
      int rows = shape.rank() == 0 || shape.isBatched() ? batch : shape.dim(0) * batch;
      Shape bound = shape.rank() == 0 ? shape : shape.withDim(0, rows);
      tensors.put(input.name(), Tensor.zeros(new TensorType(ElementType.FLOAT32, bound)));
    }
    return new Inputs(tensors);
  }

  private static float next(GraphInput input, Random random) {
    if (!input.range().isBounded()) {
      return (float) random.nextGaussian();
    }
    double min = input.range().min();
    return (float) (min + random.nextDouble() * (input.range().max() - min));
  }

  /** Writes images from {@code first} on, from the beginning again after the last one. */
  void fill(SampleData data, int first) {
    Tensor tensor = tensors.values().iterator().next();
    int batch = tensor.shape().dim(0);
    long elements = tensor.elements() / batch;
    TensorType type = tensor.type().withShape(tensor.shape().withDim(0, 1));
    for (int i = 0; i < batch; i++) {
      int image = (first + i) % data.images().count();
      Tensor row = new Tensor(type, tensor.data().asSlice(i * elements * 4, elements * 4));
      Pixels.toUnitFloats(data.images().images(), image * elements, row);
    }
  }

  Map<String, Tensor> byName() {
    return tensors;
  }

  List<Tensor> inOrder() {
    return new ArrayList<>(tensors.values());
  }
}
