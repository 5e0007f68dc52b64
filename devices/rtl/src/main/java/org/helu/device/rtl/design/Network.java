package org.helu.device.rtl.design;

import java.util.List;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.tensor.TensorType;

/**
 * A graph cut in three: what the host does before (to bytes), the hardware's layers, and what the
 * host does behind (scale sums to floats).
 *
 * @param name the graph's
 * @param before from the graph's input to {@code inType}; without nodes where they are the same
 * @param inType the value that enters the hardware, batch symbolic or 1
 * @param in the same as a stream
 * @param layers in the order of the graph
 * @param last number of the layer that leaves the hardware
 * @param outType the value that leaves the hardware
 * @param behind from {@code outType} to the graph's output
 */
public record Network(
    String name,
    Graph before,
    TensorType inType,
    Stream in,
    List<Layer> layers,
    int last,
    TensorType outType,
    Graph behind) {
  public Network {
    layers = List.copyOf(layers);
  }

  /** The whole graph up to what leaves the hardware, to compute what a design must answer. */
  public Graph hardware(Graph graph) {
    Node leaving = layers.get(last).node();
    GraphBuilder builder = new GraphBuilder(graph.name());
    graph.inputs().forEach(builder::input);
    graph.constants().forEach(builder::constant);
    for (Node node : graph.nodes()) {
      if (!node.name().equals(leaving.name())) {
        builder.add(node);
        continue;
      }
      DeviceOp op =
          switch (node.op()) {
            case IntegerOp.IntegerDense dense when isAffine(dense) ->
                new IntegerOp.IntegerDense(dense.codes(), false, List.of());
            case IntegerOp.IntegerConv2d conv when isAffine(conv) ->
                new IntegerOp.IntegerConv2d(
                    conv.window(), conv.groups(), conv.codes(), false, List.of());
            default -> BinarizedGraph.op(node);
          };
      List<String> inputs =
          op.equals(node.op()) ? node.inputs() : List.of(node.input(0), node.input(1));
      builder.add(new Node(node.name(), op, inputs, node.output()));
      break;
    }
    return builder.output(leaving.output()).build();
  }

  private static boolean isAffine(DeviceOp op) {
    return !op.epilogues().isEmpty() && op.epilogues().getFirst() instanceof Epilogue.Affine;
  }

  /** What leaves the hardware. */
  public Stream out() {
    return layers.get(last).out();
  }
}
