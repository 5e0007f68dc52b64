package org.helu.compiler.pass;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.Op;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/**
 * Moves NHWC-to-NCHW transposes toward the outputs, past ops that do not care about the order of
 * axes or whose attributes can be permuted instead, until they meet their opposites and {@link
 * RemoveNoOps} cancels them. Before a flattening dense layer the weight's columns are permuted.
 */
public final class SinkTransposes implements Pass {
  private static final List<Integer> BACK = LowerConvolution.TO_NCHW;

  @Override
  public Graph apply(Graph graph, PassLog log) {
    RemoveNoOps cleanup = new RemoveNoOps();
    PassLog quiet = new PassLog();
    return Rewrites.untilStable(
        graph,
        current -> {
          Graph sunk = Rewrites.untilStable(current, this::step);
          return sunk == current ? cleanup.apply(sunk, quiet) : Rewrites.clean(sunk);
        });
  }

  private Graph step(Graph graph) {
    for (Node node : graph.nodes()) {
      Graph next =
          switch (node.op()) {
            case DeviceOp.Unary _, DeviceOp.Gate _, FloatOp.Helu _, DeviceOp.Cast _ ->
                sink(graph, node, node.op());
            case DeviceOp.Binary _, DeviceOp.Where _ -> sinkBroadcast(graph, node);
            case DeviceOp.Concat concat ->
                sink(graph, node, new DeviceOp.Concat(permutedAxis(graph, node, concat.axis())));
            case DeviceOp.Pad pad ->
                sink(
                    graph,
                    node,
                    new DeviceOp.Pad(
                        toNhwc(pad.before()), toNhwc(pad.after()), pad.mode(), pad.value()));
            case DeviceOp.Slice slice ->
                sink(
                    graph,
                    node,
                    new DeviceOp.Slice(
                        toNhwc(slice.begin()), toNhwc(slice.size()), toNhwc(slice.step())));
            case DeviceOp.Softmax softmax ->
                sink(
                    graph,
                    node,
                    new DeviceOp.Softmax(permutedAxis(graph, node, softmax.axis()), softmax.log()));
            case DeviceOp.Reduce reduce -> sinkReduce(graph, node, reduce);
            case IntegerOp.Convert _ -> sinkConversion(graph, node);
            case DeviceOp.Dense _, IntegerOp.IntegerDense _ -> absorbFlatten(graph, node);
            default -> null;
          };
      if (next != null) {
        return next;
      }
    }
    return graph;
  }

  /** Whether {@code value} is an NHWC value transposed back to NCHW. */
  private static boolean isBack(Graph graph, String value) {
    Node producer = graph.producer(value);
    return producer != null
        && producer.op() instanceof DeviceOp.Transpose transpose
        && transpose.perm().equals(BACK);
  }

  private static <T> List<T> toNhwc(List<T> perAxis) {
    if (perAxis.size() != 4) {
      return perAxis; // the caller's input is no transposed image, so the result is not used
    }
    List<T> permuted = new ArrayList<>();
    LowerConvolution.TO_NHWC.forEach(axis -> permuted.add(perAxis.get(axis)));
    return permuted;
  }

  private static int permutedAxis(Graph graph, Node node, int axis) {
    int rank = Rewrites.shape(graph, node.input(0)).rank();
    return rank == 4 ? BACK.get(axis < 0 ? axis + 4 : axis) : axis;
  }

  /** {@code f(T(a), T(b), …)} becomes {@code T(f'(a, b, …))}; null unless all inputs are T. */
  private static Graph sink(Graph graph, Node node, Op permutedOp) {
    List<String> inputs = new ArrayList<>();
    for (String input : node.inputs()) {
      if (!isBack(graph, input)) {
        return null;
      }
      inputs.add(graph.producer(input).input(0));
    }
    return swap(graph.toBuilder(), node, permutedOp, inputs);
  }

  /** A conversion that is alike for all channels. */
  private static Graph sinkConversion(Graph graph, Node node) {
    boolean alike = node.inputs().size() == 1 || Rewrites.shape(graph, node.input(1)).dim(0) == 1;
    if (!alike || !isBack(graph, node.input(0))) {
      return null;
    }
    List<String> inputs = new ArrayList<>(node.inputs());
    inputs.set(0, graph.producer(node.input(0)).input(0));
    return swap(graph.toBuilder(), node, node.op(), inputs);
  }

  private static Graph swap(GraphBuilder builder, Node node, Op op, List<String> inputs) {
    String y = builder.fresh(node.output() + LowerConvolution.NHWC);
    String back = builder.fresh(node.output() + "@nchw");
    builder.add(new Node(node.name(), op, inputs, y, node.origins()));
    DeviceOp transpose = new DeviceOp.Transpose(BACK);
    builder.replace(node, new Node(back, transpose, List.of(y), node.output(), List.of()));
    return builder.build();
  }

  private static Graph sinkBroadcast(Graph graph, Node node) {
    if (Rewrites.shape(graph, node.output()).rank() != 4) {
      return null;
    }
    GraphBuilder builder = graph.toBuilder();
    List<String> inputs = new ArrayList<>();
    int transposed = 0;
    for (String input : node.inputs()) {
      Tensor constant = graph.constant(input);
      if (isBack(graph, input)) {
        transposed++;
        inputs.add(graph.producer(input).input(0));
      } else if (constant != null && constant.shape().rank() <= 4) {
        inputs.add(permutedConstant(builder, input, constant));
      } else {
        return null;
      }
    }
    return transposed == 0 ? null : swap(builder, node, node.op(), inputs);
  }

  private static String permutedConstant(GraphBuilder builder, String name, Tensor constant) {
    if (constant.elements() == 1) {
      return name;
    }
    int[] dims = {1, 1, 1, 1};
    int rank = constant.shape().rank();
    for (int axis = 0; axis < rank; axis++) {
      dims[4 - rank + axis] = constant.shape().dim(axis);
    }
    Tensor image = constant.reshaped(Shape.of(dims));
    return builder.freshConstant(
        name + LowerConvolution.NHWC, Rewrites.permuted(image, LowerConvolution.TO_NHWC));
  }

  private static Graph sinkReduce(Graph graph, Node node, DeviceOp.Reduce reduce) {
    if (!isBack(graph, node.input(0))) {
      return null;
    }
    List<Integer> axes = new ArrayList<>();
    for (int axis : reduce.axes()) {
      axes.add(BACK.get(axis < 0 ? axis + 4 : axis));
    }
    axes.sort(null);
    DeviceOp.Reduce permuted = new DeviceOp.Reduce(reduce.kind(), axes, reduce.keepDims());
    if (reduce.keepDims()) {
      return sink(graph, node, permuted);
    }
    // Without kept dimensions the order of the remaining axes must be the same: only channels, or
    // only rows and columns, remain.
    boolean channelsReduced = axes.contains(3);
    boolean spatialReduced = axes.contains(1) && axes.contains(2);
    if (!channelsReduced && !spatialReduced) {
      return null;
    }
    String x = graph.producer(node.input(0)).input(0);
    return graph.toBuilder().replace(node, Rewrites.with(node, permuted, List.of(x))).build();
  }

  /**
   * {@code Dense(Reshape(T(x)))}, where the reshape flattens everything but the batch, becomes
   * {@code Dense'(Reshape(x))} with the weight's columns in NHWC order.
   */
  private static Graph absorbFlatten(Graph graph, Node dense) {
    Node reshape = graph.producer(dense.input(0));
    if (reshape == null
        || !(reshape.op() instanceof DeviceOp.Reshape flatten)
        || !isBack(graph, reshape.input(0))) {
      return null;
    }
    Shape image = Rewrites.shape(graph, reshape.input(0));
    Shape flat = flatten.target();
    boolean flattens =
        flat.rank() == 2
            && flat.dim(0) == image.dim(0)
            && flat.dim(1) == (long) image.dim(1) * image.dim(2) * image.dim(3);
    Tensor weight = graph.constant(dense.input(1));
    if (!flattens || weight == null) {
      return null;
    }
    int outputs = weight.shape().dim(0);
    Tensor columns = weight.reshaped(Shape.of(outputs, image.dim(1), image.dim(2), image.dim(3)));
    Tensor permuted = Rewrites.permuted(columns, LowerConvolution.TO_NHWC);
    GraphBuilder builder = graph.toBuilder();
    List<String> inputs = new ArrayList<>(dense.inputs());
    inputs.set(
        1,
        builder.freshConstant(
            dense.input(1) + LowerConvolution.NHWC, permuted.reshaped(weight.shape())));
    String x = builder.fresh(reshape.output() + LowerConvolution.NHWC);
    String source = graph.producer(reshape.input(0)).input(0);
    builder.add(new Node(x, flatten, List.of(source), x, reshape.origins()));
    inputs.set(0, x);
    return builder.replace(dense, Rewrites.with(dense, dense.op(), inputs)).build();
  }
}
