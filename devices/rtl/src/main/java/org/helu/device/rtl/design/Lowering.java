package org.helu.device.rtl.design;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Cuts a graph into what the host and what the hardware does, see {@link Network}. */
public final class Lowering {
  private static final String STAGE = "rtl/lower";

  /** Where a value of the graph comes from. */
  private record Source(int layer, Stream stream) {}

  private final Graph graph;
  private final Placement placement;
  private final List<Layer> layers = new ArrayList<>();
  private final Map<String, Source> sources = new HashMap<>();
  private String entry;
  private String exit;
  private TensorType exitType;

  private Lowering(Graph graph) {
    this.graph = graph;
    this.placement = new Placement(graph);
  }

  /** Why {@code node} cannot be part of a design, or null if it can. */
  public static String problem(BinarizedGraph graph, Node node) {
    return new Placement(graph.graph()).problem(node);
  }

  /**
   * Cuts the graph.
   *
   * @throws HeluException naming every node that has no place in a design
   */
  public static Network lower(BinarizedGraph graph) {
    return new Lowering(graph.graph()).run();
  }

  private Network run() {
    List<String> problems = new ArrayList<>();
    for (Node node : graph.nodes()) {
      String problem = placement.problem(node);
      if (problem != null) {
        problems.add(node.label() + " " + problem);
      }
    }
    if (!problems.isEmpty()) {
      throw HeluException.unsupported(
          STAGE,
          "no hardware for " + String.join(", ", problems),
          "train binarized or quantized and compile again, see docs/fpga.md");
    }
    if (graph.inputs().size() != 1 || graph.outputs().size() != 1) {
      throw unsupported(
          "expected one input and one output, found "
              + graph.inputs().size()
              + " and "
              + graph.outputs().size());
    }
    for (Node node : graph.nodes()) {
      if (placement.isHardware(node)) {
        add(node);
      } else if (!placement.isBefore(node) && !placement.isBehind(node)) {
        Source source = source(node.input(0));
        Stream shaped = stream(node.output(), source.stream().bits());
        sources.put(node.output(), new Source(source.layer(), shaped));
      }
    }
    if (layers.isEmpty()) {
      throw unsupported("'" + graph.name() + "' has no integer layer");
    }
    requireOneExit();
    return new Network(
        graph.name(),
        before(),
        graph.type(entry),
        sources.get(entry).stream(),
        layers,
        layers.size() - 1,
        exitType,
        behind());
  }

  private void requireOneExit() {
    boolean[] read = new boolean[layers.size()];
    for (Layer layer : layers) {
      layer.inputs().stream().filter(i -> i >= 0).forEach(i -> read[i] = true);
    }
    for (int i = 0; i < read.length; i++) {
      if (read[i] == (i == read.length - 1)) {
        throw unsupported(
            layers.get(i).node().label()
                + " must be "
                + (read[i] ? "the last" : "read by")
                + " layer");
      }
    }
    for (Node node : graph.nodes()) {
      for (String input : node.inputs()) {
        boolean leaves = placement.isBehind(node) && sources.containsKey(input);
        if (leaves && !input.equals(exit) && graph.constant(input) == null) {
          throw unsupported(
              node.label() + " reads '" + input + "' beside the output '" + exit + "'");
        }
      }
    }
  }

  private void add(Node node) {
    Source source = source(node.input(0));
    Tensor parameters = parameters(node);
    List<Epilogue> epilogues = ((DeviceOp) node.op()).epilogues();
    Epilogue epilogue = epilogues.isEmpty() ? null : epilogues.getFirst();
    boolean codes = node.op() instanceof DeviceOp.Pool2d;
    boolean sums = !codes && (epilogue == null || epilogue instanceof Epilogue.Affine);
    Stream out = stream(node.output(), sums ? 32 : bits(node, epilogue, source));
    Layer layer =
        switch (node.op()) {
          case IntegerOp.IntegerDense dense ->
              matrix(
                  node, source, out, null, dense.codes(), dense.residual(), epilogue, parameters);
          case IntegerOp.IntegerConv2d conv ->
              matrix(
                  node,
                  source,
                  out,
                  Windows.wholeImage(conv, source.stream()) ? null : conv.window(),
                  conv.codes(),
                  conv.residual(),
                  epilogue,
                  parameters);
          case DeviceOp.Pool2d pool ->
              new Layer.Pool(node, source.layer(), source.stream(), out, pool.window());
          case IntegerOp.Convert _ ->
              new Layer.Scale(
                  node,
                  source.layer(),
                  source.stream(),
                  graph.type(node.input(0)).elementType() == ElementType.INT32,
                  out,
                  epilogue,
                  parameters);
          default -> throw new IllegalStateException(node.label());
        };
    sources.put(node.output(), new Source(layers.size(), out));
    layers.add(layer);
    exit = node.output();
    exitType =
        epilogue instanceof Epilogue.Affine
            ? new TensorType(ElementType.INT32, graph.type(exit).shape())
            : graph.type(exit);
  }

  private Layer matrix(
      Node node,
      Source source,
      Stream out,
      org.helu.runtime.op.Window window,
      org.helu.runtime.op.Codes codes,
      boolean residual,
      Epilogue epilogue,
      Tensor parameters) {
    Tensor weight = graph.constant(node.input(1));
    boolean oneBit = weight.type().elementType() == ElementType.BIT;
    int outputs = weight.shape().dim(0);
    int synapses = Math.toIntExact(weight.elements() / outputs);
    int[][] rows = new int[outputs][synapses];
    for (int o = 0; o < outputs; o++) {
      for (int k = 0; k < synapses; k++) {
        int code = (int) weight.getLong((long) o * synapses + k);
        rows[o][k] = oneBit ? 2 * code - 1 : code;
      }
    }
    Source added = residual ? source(node.inputs().getLast()) : null;
    // A dense layer reads vectors: whatever the image was, its pixels are joined.
    Stream in = source.stream();
    if (window == null) {
      int vectors = Math.toIntExact(in.elements() / synapses);
      in = new Stream(vectors, 1, synapses, in.bits());
      out = new Stream(vectors, 1, outputs, out.bits());
    }
    Epilogue kept = epilogue instanceof Epilogue.Affine ? null : epilogue;
    return new Layer.Matrix(
        node,
        source.layer(),
        added == null ? null : added.layer(),
        added == null ? null : added.stream(),
        in,
        out,
        window,
        codes,
        rows,
        oneBit,
        kept,
        kept == null ? null : parameters);
  }

  private static int bits(Node node, Epilogue epilogue, Source source) {
    return switch (epilogue) {
      case Epilogue.Threshold threshold -> threshold.bits();
      case Epilogue.Requantize requantize -> 32 - Integer.numberOfLeadingZeros(requantize.high());
      case null -> source.stream().bits();
      default -> throw new IllegalStateException(node.label());
    };
  }

  private Tensor parameters(Node node) {
    return switch (node.op()) {
      case IntegerOp.Convert _ -> graph.constant(node.input(1));
      case IntegerOp integer ->
          integer.epilogues().isEmpty() ? null : graph.constant(node.input(2));
      default -> null;
    };
  }

  private Source source(String value) {
    Source known = sources.get(value);
    if (known != null) {
      return known;
    }
    if (entry != null) {
      throw unsupported("values '" + entry + "' and '" + value + "' both enter the first layers");
    }
    TensorType type = graph.type(value);
    int bits =
        switch (type.elementType()) {
          case BIT -> type.planes();
          case UINT8 -> 8;
          case INT32 -> 32;
          default -> throw unsupported("value '" + value + "' is " + type);
        };
    entry = value;
    Source source = new Source(Layer.NETWORK_INPUT, stream(value, bits));
    sources.put(value, source);
    return source;
  }

  /** A value's shape behind the batch: all but the last two dimensions are rows. */
  private Stream stream(String value, int bits) {
    Shape shape = graph.type(value).shape();
    if (shape.rank() < 2 || (!shape.isBatched() && shape.dim(0) != 1)) {
      throw unsupported(
          "value '" + value + "' must be [N,...] or [1,...] and hold samples, found " + shape);
    }
    int channels = shape.last();
    int width = shape.rank() > 3 ? shape.dim(shape.rank() - 2) : 1;
    if (shape.elementsPerSample() == 0) {
      throw unsupported("value '" + value + "' is empty: " + shape);
    }
    int height = Math.toIntExact(shape.elementsPerSample() / channels / width);
    return new Stream(height, width, channels, bits);
  }

  private Graph before() {
    GraphBuilder builder = new GraphBuilder(graph.name());
    graph.inputs().forEach(builder::input);
    graph.constants().forEach(builder::constant);
    graph.nodes().stream().filter(placement::isBefore).forEach(builder::add);
    return builder.output(entry).build();
  }

  private Graph behind() {
    Node last = layers.getLast().node();
    GraphBuilder builder = new GraphBuilder(graph.name());
    graph.constants().forEach(builder::constant);
    List<Epilogue> epilogues = ((DeviceOp) last.op()).epilogues();
    if (!epilogues.isEmpty() && epilogues.getFirst() instanceof Epilogue.Affine) {
      String sums = exit + ".sums";
      builder.input(new GraphInput(sums, exitType));
      builder.add(
          new Node(
              last.name(),
              new IntegerOp.Convert(Epilogue.AFFINE),
              List.of(sums, last.input(2)),
              exit));
    } else {
      builder.input(new GraphInput(exit, exitType));
    }
    graph.nodes().stream().filter(placement::isBehind).forEach(builder::add);
    return builder.output(graph.outputs().getFirst()).build();
  }

  private static HeluException unsupported(String problem) {
    return HeluException.unsupported(
        STAGE, problem, "a design is one stream of samples through integer layers");
  }
}
