package org.helu.cli;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.helu.runtime.device.LayerObserver;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.reference.ReferenceKernels;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * A session that runs layers by the reference kernels, but adds 1 to an element of one of them.
 *
 * @param wrong the value that is off, or empty
 */
record IntegerLayers(Graph graph, String wrong) implements Session {
  /** x becomes codes q, a dense layer sums them to z, which becomes the float y. */
  static Graph network() {
    GraphBuilder builder = new GraphBuilder("integers");
    builder.input(new GraphInput("x", TensorType.float32(Shape.BATCH, 2)));
    Tensor weight = Tensor.zeros(new TensorType(ElementType.INT8, Shape.of(3, 2)));
    for (long i = 0; i < weight.elements(); i++) {
      weight.setLong(i, i - 2);
    }
    builder.constant("w", weight);
    builder.constant("p", Tensor.ofFloats(Shape.of(1, 2), 0.5f, 1));
    builder.add(new IntegerOp.Convert(new Epilogue.Quantize(1, 0, 255)), "q", "x");
    builder.add(new IntegerOp.IntegerDense(Codes.UNSIGNED, false, List.of()), "z", "q", "w");
    builder.add(new IntegerOp.Convert(Epilogue.AFFINE), "y", "z", "p");
    return builder.output("y").build();
  }

  @Override
  public List<Tensor> run(List<Tensor> inputs, LayerObserver observer) {
    Map<String, Tensor> values = new HashMap<>(graph.constants());
    values.put(graph.inputs().getFirst().name(), inputs.getFirst());
    for (Node node : graph.nodes()) {
      List<Tensor> operands = node.inputs().stream().map(values::get).toList();
      Tensor value = ReferenceKernels.evaluate(node.op(), operands);
      if (node.output().equals(wrong)) {
        value.setLong(1, value.getLong(1) + 1);
      }
      values.put(node.output(), value);
      observer.layer(node, value);
    }
    return graph.outputs().stream().map(values::get).toList();
  }

  @Override
  public List<Tensor> run(List<Tensor> inputs) {
    return run(inputs, (_, _) -> {});
  }

  @Override
  public Tensor run(Tensor input) {
    return run(List.of(input)).getFirst();
  }

  @Override
  public void run(Tensor input, Tensor output) {
    output.data().copyFrom(run(input).data());
  }

  @Override
  public void close() {}
}
