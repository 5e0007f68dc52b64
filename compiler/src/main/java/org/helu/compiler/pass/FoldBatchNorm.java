package org.helu.compiler.pass;

import java.util.Arrays;
import java.util.List;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.Op;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/**
 * Folds batch normalization into the convolution or matrix product before it.
 *
 * <p>{@code gamma * (W x + b - mean) / sqrt(var + eps) + beta = (s W) x + (s (b - mean) + beta)}
 * with {@code s = gamma / sqrt(var + eps)} per output channel, formed in double and rounded once. A
 * batch norm that cannot be folded becomes a multiplication and an addition.
 */
public final class FoldBatchNorm implements Pass {
  @Override
  public Graph apply(Graph graph, PassLog log) {
    return Rewrites.untilStable(graph, current -> step(current, log));
  }

  private static Graph step(Graph graph, PassLog log) {
    for (Node node : graph.nodes()) {
      if (node.op() instanceof FloatOp.BatchNorm norm) {
        Affine affine = affine(graph, node, norm);
        Node producer = graph.producer(node.input(0));
        String obstacle = obstacle(graph, node, producer);
        if (obstacle == null) {
          log.note(node, "folded into '" + producer.name() + "'");
          return fold(graph, node, producer, affine);
        }
        log.note(node, "not folded (" + obstacle + "): runs as multiply and add");
        return expand(graph, node, affine);
      }
    }
    return graph;
  }

  /** Per channel {@code scale * x + shift}. */
  private record Affine(double[] scale, double[] shift) {}

  private static Affine affine(Graph graph, Node node, FloatOp.BatchNorm norm) {
    float[][] parameters = new float[4][];
    for (int i = 0; i < 4; i++) {
      Tensor constant = graph.constant(node.input(i + 1));
      if (constant == null) {
        throw HeluException.unsupported(
            "compile/FoldBatchNorm",
            node.label()
                + ": expected constant statistics, found computed '"
                + node.input(i + 1)
                + "'",
            "export the model in inference mode");
      }
      parameters[i] = constant.toFloats();
    }
    int channels = parameters[0].length;
    double[] scale = new double[channels];
    double[] shift = new double[channels];
    for (int c = 0; c < channels; c++) {
      double variance = (double) parameters[3][c] + norm.epsilon();
      if (!(variance > 0)) {
        throw HeluException.invalid(
            "compile/FoldBatchNorm",
            node.label()
                + ": expected variance + epsilon > 0, found "
                + variance
                + " at ["
                + c
                + "]",
            "the model's statistics are broken; train or export it again");
      }
      scale[c] = parameters[0][c] / Math.sqrt(variance);
      shift[c] = parameters[1][c] - scale[c] * parameters[2][c];
    }
    return new Affine(scale, shift);
  }

  private static String obstacle(Graph graph, Node node, Node producer) {
    if (producer == null) {
      return "nothing before it";
    }
    if (!graph.hasSingleUse(producer.output())) {
      return "'" + producer.name() + "' has other readers";
    }
    boolean constantWeight =
        producer.inputs().size() > 1 && graph.constant(producer.input(1)) != null;
    boolean constantBias =
        producer.inputs().size() < 3 || graph.constant(producer.input(2)) != null;
    return switch (producer.op()) {
      case FloatOp.Conv _ -> constantWeight && constantBias ? null : "its weights are computed";
      case FloatOp.Gemm gemm -> {
        boolean vector =
            producer.inputs().size() < 3
                || Rewrites.perLastAxis(
                        graph.constant(producer.input(2)),
                        Rewrites.shape(graph, producer.output()).last())
                    != null;
        yield constantWeight && vector ? null : "its operands are not constant per column";
      }
      case FloatOp.MatMul _ ->
          constantWeight
                  && Rewrites.shape(graph, producer.input(1)).rank() == 2
                  && Rewrites.shape(graph, producer.output()).rank() == 2
              ? null
              : "its weights are computed or not 2-D";
      default -> "after " + producer.op().name();
    };
  }

  private static Graph fold(Graph graph, Node node, Node producer, Affine affine) {
    Tensor weight = graph.constant(producer.input(1));
    GraphBuilder builder = graph.toBuilder();
    int channels = affine.scale.length;
    float[] bias = new float[channels];
    double factor = 1;
    if (producer.inputs().size() > 2) {
      bias = Rewrites.perLastAxis(graph.constant(producer.input(2)), channels);
      factor = producer.op() instanceof FloatOp.Gemm gemm ? gemm.beta() : 1;
    }
    for (int c = 0; c < channels; c++) {
      bias[c] = (float) (affine.scale[c] * factor * bias[c] + affine.shift[c]);
    }
    boolean rows = true;
    Op op = producer.op();
    if (op instanceof FloatOp.Gemm gemm) {
      rows = gemm.transB();
      op = new FloatOp.Gemm(gemm.alpha(), 1, gemm.transA(), gemm.transB());
    } else if (op instanceof FloatOp.MatMul) {
      rows = false;
      op = new FloatOp.Gemm(1, 1, false, false);
    }
    String weightName =
        builder.freshConstant(producer.input(1) + "@folded", scaled(weight, affine.scale, rows));
    String biasName = builder.freshConstant(node.output() + "@bias", Rewrites.vector(bias));
    Node folded =
        new Node(
            producer.name(),
            op,
            List.of(producer.input(0), weightName, biasName),
            node.output(),
            Rewrites.origins(producer, node));
    return builder.remove(node).replace(producer, folded).build();
  }

  /** {@code weight} with each row (output channel), or each column, multiplied. */
  private static Tensor scaled(Tensor weight, double[] scale, boolean rows) {
    float[] values = weight.toFloats();
    int rowLength = values.length / scale.length;
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (values[i] * scale[rows ? i / rowLength : i % scale.length]);
    }
    return Tensor.ofFloats(weight.shape(), values);
  }

  private static Graph expand(Graph graph, Node node, Affine affine) {
    GraphBuilder builder = graph.toBuilder();
    Shape x = Rewrites.shape(graph, node.input(0));
    int[] dims = new int[x.rank() - 1];
    Arrays.fill(dims, 1);
    dims[0] = affine.scale.length;
    String scale = builder.freshConstant(node.output() + "@scale", tensor(dims, affine.scale));
    String shift = builder.freshConstant(node.output() + "@shift", tensor(dims, affine.shift));
    String scaled = builder.fresh(node.output() + "@scaled");
    Op multiply = new DeviceOp.Binary(BinaryKind.MUL);
    Op add = new DeviceOp.Binary(BinaryKind.ADD);
    builder.add(new Node(scaled, multiply, List.of(node.input(0), scale), scaled, node.origins()));
    builder.replace(node, Rewrites.with(node, add, List.of(scaled, shift)));
    return builder.build();
  }

  private static Tensor tensor(int[] dims, double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return Tensor.ofFloats(Shape.of(dims), floats);
  }
}
