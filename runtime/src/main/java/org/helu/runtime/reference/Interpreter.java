package org.helu.runtime.reference;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.LayerObserver;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.OpException;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Runs any graph, lowered or not, node by node with {@link ReferenceKernels}. */
public final class Interpreter {
  private final Graph graph;

  /** An interpreter of {@code graph}. */
  public Interpreter(Graph graph) {
    this.graph = graph;
  }

  /** Runs the graph; the batch of symbolic inputs is taken from the first of them. */
  public List<Tensor> run(List<Tensor> inputs) {
    return run(inputs, null);
  }

  /** As {@link #run(List)}, showing every node's value to {@code observer} if it is not null. */
  public List<Tensor> run(List<Tensor> inputs, LayerObserver observer) {
    int batch = bind(inputs);
    Map<String, Tensor> values = new HashMap<>(graph.constants());
    for (int i = 0; i < inputs.size(); i++) {
      values.put(graph.inputs().get(i).name(), inputs.get(i));
    }
    for (Node node : graph.nodes()) {
      List<Tensor> operands = new ArrayList<>(node.inputs().size());
      node.inputs().forEach(value -> operands.add(values.get(value)));
      Tensor result = evaluate(node, operands, batch);
      values.put(node.output(), result);
      if (observer != null) {
        observer.layer(node, result);
      }
    }
    List<Tensor> outputs = new ArrayList<>(graph.outputs().size());
    graph.outputs().forEach(value -> outputs.add(values.get(value)));
    return outputs;
  }

  private static Tensor evaluate(Node node, List<Tensor> operands, int batch) {
    try {
      return ReferenceKernels.evaluate(node.op().withBatch(batch), operands);
    } catch (OpException e) {
      throw HeluException.invalid("run/interpreter", node.label() + ": " + e.getMessage(), "");
    }
  }

  private int bind(List<Tensor> inputs) {
    if (inputs.size() != graph.inputs().size()) {
      throw HeluException.invalid(
          "run/interpreter",
          "expected " + graph.inputs().size() + " inputs, found " + inputs.size(),
          "");
    }
    int batch = 1;
    for (int i = 0; i < inputs.size(); i++) {
      Shape declared = graph.inputs().get(i).type().shape();
      if (declared.isBatched() && inputs.get(i).shape().rank() > 0) {
        batch = inputs.get(i).shape().dim(0);
        break;
      }
    }
    for (int i = 0; i < inputs.size(); i++) {
      GraphInput input = graph.inputs().get(i);
      TensorType expected = input.type().withBatch(batch);
      if (!expected.equals(inputs.get(i).type())) {
        throw HeluException.invalid(
            "run/interpreter",
            "input '"
                + input.name()
                + "': expected "
                + expected
                + ", found "
                + inputs.get(i).type(),
            "");
      }
    }
    return batch;
  }
}
