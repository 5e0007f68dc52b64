package org.helu.device.testkit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.tensor.Tensor;

/**
 * Checks every node of a run by itself, on the operands that the device gave it: rounding of
 * earlier layers does not add up, so each op's own tolerance applies.
 */
public final class LayerCheck {
  private LayerCheck() {}

  /**
   * Runs with an observer and checks each node; the inputs must fit one part.
   *
   * @return the run's outputs, copied
   */
  public static List<Tensor> run(
      String where, BinarizedGraph compiled, Session session, List<Tensor> inputs, int batch) {
    Graph graph = compiled.graph();
    Map<String, Tensor> values = new HashMap<>(graph.constants());
    for (int i = 0; i < inputs.size(); i++) {
      values.put(graph.inputs().get(i).name(), inputs.get(i));
    }
    List<String> seen = new ArrayList<>();
    List<Tensor> outputs =
        copies(
            session.run(
                inputs,
                (node, value) -> {
                  seen.add(node.name());
                  values.put(node.output(), value.copy());
                }));
    List<String> expected = graph.nodes().stream().map(Node::name).toList();
    if (!seen.equals(expected)) {
      throw new AssertionError(where + ": observer must see " + expected + ", saw " + seen);
    }
    for (Node node : graph.nodes()) {
      List<Tensor> operands = node.inputs().stream().map(values::get).toList();
      DeviceOp op = (DeviceOp) node.op().withBatch(batch);
      NodeCheck.check(where + ": " + node.label(), op, operands, values.get(node.output()));
    }
    for (int i = 0; i < outputs.size(); i++) {
      String name = graph.outputs().get(i);
      Tensor observed = values.get(name);
      requireSameElements(where + ": output '" + name + "'", observed, outputs.get(i));
    }
    return outputs;
  }

  /** Throws unless the elements, masks apart, are equal bit by bit. */
  static void requireSameElements(String where, Tensor expected, Tensor actual) {
    long bytes = expected.type().dataBytes();
    if (bytes != actual.type().dataBytes()
        || expected.data().asSlice(0, bytes).mismatch(actual.data().asSlice(0, bytes)) >= 0) {
      throw new AssertionError(where + ": results differ in their bytes");
    }
  }

  static List<Tensor> copies(List<Tensor> tensors) {
    return tensors.stream().map(Tensor::copy).toList();
  }
}
