package org.helu.compiler.lowbit;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.Op;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Writes integer nodes. Values keep the float network's layout (NCHW); what works per channel of
 * the last dimension stands between two transposes, which later passes cancel.
 */
final class Emitter {
  private static final List<Integer> TO_NHWC = List.of(0, 2, 3, 1);
  private static final List<Integer> TO_NCHW = List.of(0, 3, 1, 2);

  private final Graph graph;
  private final GraphBuilder builder;
  private final Map<String, Shape> shapes = new HashMap<>();
  private final Set<String> named = new HashSet<>();

  /** The layer that forms a sum, by the sum's name, so that it can take a residual. */
  private final Map<String, Node> layers = new HashMap<>();

  Emitter(Graph graph) {
    this.graph = graph;
    this.builder = new GraphBuilder(graph.name());
    graph.inputs().forEach(builder::input);
    graph.constants().forEach(builder::constant);
    // Names of the float network stay its own.
    for (Node node : graph.nodes()) {
      builder.fresh(node.output());
      if (!node.name().equals(node.output())) {
        builder.fresh(node.name());
      }
    }
  }

  Graph build() {
    graph.outputs().forEach(builder::output);
    return builder.build();
  }

  /** Takes over a node as it is. */
  void keep(Node node) {
    builder.add(
        new Node(name(node.name()), node.op(), node.inputs(), node.output(), node.origins()));
  }

  /** The float node's own name for the first integer node that does its work. */
  private String name(String name) {
    return named.add(name) ? name : fresh(name);
  }

  String fresh(String base) {
    return builder.fresh(base);
  }

  String constant(String base, Tensor tensor) {
    return builder.freshConstant(base, tensor);
  }

  Shape shape(String value) {
    Shape own = shapes.get(value);
    return own != null ? own : graph.type(value).shape();
  }

  /** Emits {@code output = op(inputs)}; {@code origin} may be null for a change of layout. */
  String add(Op op, String output, Node origin, Shape shape, String... inputs) {
    List<String> origins = origin == null ? List.of() : origin.origins();
    String name = origin == null ? name(output) : name(origin.name());
    shapes.put(output, shape);
    builder.add(new Node(name, op, List.of(inputs), output, origins));
    return output;
  }

  private String transposed(String x, List<Integer> perm, String base) {
    String output = fresh(base);
    return add(new DeviceOp.Transpose(perm), output, null, shape(x).permuted(perm), x);
  }

  String toNhwc(String x) {
    return transposed(x, TO_NHWC, x + "@to_nhwc");
  }

  private void toNchw(String x, String output) {
    add(new DeviceOp.Transpose(TO_NCHW), output, null, shape(x).permuted(TO_NCHW), x);
  }

  /** A convolution of codes; {@code weight} is {@code [O,C/groups,kH,kW]} INT8. */
  String conv(Node node, FloatOp.Conv conv, String x, IntegerForm form, Tensor weight) {
    String base = node.output();
    Tensor rows = Tensors.permuted(weight, List.of(0, 2, 3, 1));
    String constant = builder.freshConstant(node.input(1) + "@codes", rows);
    Op op =
        new IntegerOp.IntegerConv2d(conv.window(), conv.groups(), form.codes(), false, List.of());
    Shape nchw = graph.type(node.output()).shape();
    String y = fresh(base + "@sum_nhwc");
    add(op, y, node, nchw.permuted(TO_NHWC), toNhwc(x), constant);
    String sum = fresh(base + "@sum");
    toNchw(y, sum);
    layers.put(sum, new Node(node.name(), op, List.of(x, constant), sum, node.origins()));
    return sum;
  }

  /** Sums of each channel's values over a window, {@code [N,C,H,W]}: a convolution with ones. */
  String windowSum(Node node, Window window, Codes codes, String x, Shape nchw) {
    int channels = nchw.dim(1);
    Shape shape = Shape.of(channels, window.kernelH(), window.kernelW(), 1);
    Tensor ones = Tensor.zeros(new TensorType(ElementType.INT8, shape));
    for (long i = 0; i < ones.elements(); i++) {
      ones.setLong(i, 1);
    }
    String constant = builder.freshConstant(node.output() + "@ones", ones);
    Op op = new IntegerOp.IntegerConv2d(window, channels, codes, false, List.of());
    String y = fresh(node.output() + "@sum_nhwc");
    add(op, y, node, nchw.permuted(TO_NHWC), toNhwc(x), constant);
    String sum = fresh(node.output() + "@sum");
    toNchw(y, sum);
    return sum;
  }

  /** A dense layer of codes; {@code rows} is {@code [O,K]} INT8. */
  String dense(Node node, String x, IntegerForm form, Tensor rows) {
    String constant = builder.freshConstant(node.input(1) + "@codes", rows);
    Op op = new IntegerOp.IntegerDense(form.codes(), false, List.of());
    String sum = fresh(node.output() + "@sum");
    layers.put(sum, new Node(node.name(), op, List.of(x, constant), sum, node.origins()));
    return add(op, sum, node, graph.type(node.output()).shape(), x, constant);
  }

  /** A conversion; {@code parameters} (null: none) are of one row, or one per channel. */
  String convert(
      Node origin, String x, int axis, Epilogue epilogue, Tensor parameters, String output) {
    Op op = new IntegerOp.Convert(epilogue);
    Shape shape = shape(x);
    if (parameters == null) {
      return add(op, output, origin, shape, x);
    }
    Tensor rows = Tensors.distinctRows(parameters);
    String constant = builder.freshConstant(output + "@" + name(epilogue), rows);
    if (rows.shape().dim(0) == 1 || axis == shape.rank() - 1) {
      return add(op, output, origin, shape, x, constant);
    }
    String image = x;
    boolean reshaped = shape.rank() != 4;
    if (reshaped) {
      int rest = 1;
      for (int a = 2; a < shape.rank(); a++) {
        rest *= shape.dim(a);
      }
      Shape target = Shape.of(shape.dim(0), shape.dim(1), 1, rest);
      image = add(new DeviceOp.Reshape(target), fresh(x + "@image"), null, target, x);
    }
    String last = toNhwc(image);
    String y = fresh(output + "@nhwc");
    add(op, y, origin, shape(last), last, constant);
    if (!reshaped) {
      toNchw(y, output);
      return output;
    }
    String back = fresh(output + "@image");
    toNchw(y, back);
    return add(new DeviceOp.Reshape(shape), output, null, shape, back);
  }

  /** Whether a value is the bare sum of a layer. */
  boolean isLayer(String sum) {
    return layers.containsKey(sum);
  }

  /**
   * The layer of {@code sum} again, with a residual and an epilogue; the bare sum is dead code then
   * unless something else reads it.
   */
  void residual(
      Node quantizer,
      String sum,
      Epilogue epilogue,
      Tensor parameters,
      String residual,
      String output) {
    Node layer = layers.get(sum);
    List<String> origins = new java.util.ArrayList<>(layer.origins());
    origins.addAll(quantizer.origins());
    Node origin = new Node(quantizer.name(), layer.op(), List.of(), output, origins);
    String constant =
        builder.freshConstant(output + "@requantize", Tensors.distinctRows(parameters));
    String x = layer.input(0);
    if (layer.op() instanceof IntegerOp.IntegerConv2d conv) {
      Op op =
          new IntegerOp.IntegerConv2d(
              conv.window(), conv.groups(), conv.codes(), true, List.of(epilogue));
      String y = fresh(output + "@nhwc");
      Shape nhwc = shape(sum).permuted(TO_NHWC);
      add(op, y, origin, nhwc, toNhwc(x), layer.input(1), constant, toNhwc(residual));
      toNchw(y, output);
      return;
    }
    IntegerOp.IntegerDense dense = (IntegerOp.IntegerDense) layer.op();
    Op op = new IntegerOp.IntegerDense(dense.codes(), true, List.of(epilogue));
    add(op, output, origin, shape(sum), x, layer.input(1), constant, residual);
  }

  private static String name(Epilogue epilogue) {
    return switch (epilogue) {
      case Epilogue.Threshold _ -> "thresholds";
      case Epilogue.Requantize _ -> "requantize";
      default -> "affine";
    };
  }

  /** A max pool of codes or sums, NCHW outside. */
  String pool(Node node, String x, String output) {
    FloatOp.Pool pool = (FloatOp.Pool) node.op();
    Op op = new DeviceOp.Pool2d(pool.kind(), pool.window(), pool.ceil());
    String y = fresh(output + "@nhwc");
    Shape nchw = graph.type(node.output()).shape();
    add(op, y, node, nchw.permuted(TO_NHWC), toNhwc(x));
    toNchw(y, output);
    return output;
  }

  /** Casts codes to INT32. */
  String toInt(String x, Node origin) {
    return add(new DeviceOp.Cast(ElementType.INT32), fresh(x + "@int"), origin, shape(x), x);
  }

  /** {@code x op constant} of INT32 values. */
  String arithmetic(BinaryKind kind, String x, int constant, Node origin, String output) {
    String value = builder.freshConstant(output + "@c", Tensor.ofInts(Shape.of(), constant));
    return add(new DeviceOp.Binary(kind), output, origin, shape(x), x, value);
  }

  /** Writes the float value of codes or sums: {@code a[c] * integer + b[c]}. */
  void affine(Node origin, String x, int axis, double[] a, double[] b, String output) {
    Tensor parameters = Tensor.zeros(new TensorType(ElementType.FLOAT32, Shape.of(a.length, 2)));
    for (int c = 0; c < a.length; c++) {
      parameters.setFloat(2L * c, (float) a[c]);
      parameters.setFloat(2L * c + 1, (float) b[c]);
    }
    convert(origin, x, axis, Epilogue.AFFINE, parameters, output);
  }
}
