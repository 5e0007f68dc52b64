package org.helu.compiler.pass;

import java.util.List;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/**
 * Joins two dense layers with nothing between them where that saves work: {@code W2 (W1 x + b1) +
 * b2 = (W2 W1) x + (W2 b1 + b2)}, products formed in double and rounded once.
 */
public final class MergeLinear implements Pass {
  @Override
  public Graph apply(Graph graph, PassLog log) {
    return Rewrites.untilStable(graph, current -> step(current, log));
  }

  private static Graph step(Graph graph, PassLog log) {
    for (Node second : graph.nodes()) {
      if (!(second.op() instanceof DeviceOp.Dense outer)) {
        continue;
      }
      Node first = graph.producer(second.input(0));
      if (first == null
          || !(first.op() instanceof DeviceOp.Dense)
          || !Rewrites.isBareProduct(first)
          || !graph.hasSingleUse(first.output())) {
        continue;
      }
      Tensor w1 = graph.constant(first.input(1));
      Tensor w2 = graph.constant(second.input(1));
      long hidden = w1.shape().dim(0);
      long inputs = w1.shape().dim(1);
      long outputs = w2.shape().dim(0);
      if (inputs * outputs > hidden * (inputs + outputs)) {
        log.note(second, "not merged with '" + first.name() + "': that would be more work");
        continue;
      }
      log.note(first, "linear: merged into '" + second.name() + "'");
      return merge(graph, first, second, outer);
    }
    return graph;
  }

  private static Graph merge(Graph graph, Node first, Node second, DeviceOp.Dense outer) {
    Tensor w1 = graph.constant(first.input(1));
    Tensor w2 = graph.constant(second.input(1));
    int hidden = w1.shape().dim(0);
    int inputs = w1.shape().dim(1);
    int outputs = w2.shape().dim(0);
    float[] a = w1.toFloats();
    float[] b = w2.toFloats();
    boolean innerBias = first.inputs().size() > 2;
    float[] b1 = innerBias ? graph.constant(first.input(2)).toFloats() : new float[hidden];
    float[] b2 = outer.bias() ? graph.constant(second.input(2)).toFloats() : new float[outputs];
    float[] weight = new float[outputs * inputs];
    float[] bias = new float[outputs];
    double[] row = new double[inputs];
    for (int o = 0; o < outputs; o++) {
      java.util.Arrays.fill(row, 0);
      double shift = b2[o];
      for (int h = 0; h < hidden; h++) {
        double factor = b[o * hidden + h];
        shift += factor * b1[h];
        for (int k = 0; k < inputs; k++) {
          row[k] += factor * a[h * inputs + k];
        }
      }
      bias[o] = (float) shift;
      for (int k = 0; k < inputs; k++) {
        weight[o * inputs + k] = (float) row[k];
      }
    }
    GraphBuilder builder = graph.toBuilder();
    List<String> operands =
        List.of(
            first.input(0),
            builder.freshConstant(
                second.input(1) + "@merged", Tensor.ofFloats(Shape.of(outputs, inputs), weight)),
            builder.freshConstant(second.output() + "@bias", Rewrites.vector(bias)));
    if (outer.residual()) {
      operands = Rewrites.append(operands, second.inputs().get(second.inputs().size() - 1));
    }
    Node merged =
        new Node(
            second.name(),
            new DeviceOp.Dense(true, outer.residual(), outer.epilogues()),
            operands,
            second.output(),
            Rewrites.origins(first, second));
    return builder.remove(first).replace(second, merged).build();
  }
}
