package org.helu.device.tornado.fpga;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.helu.device.tornado.fpga.FpgaKernel.Port;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Writes a network: a function for each node, and the kernel that calls them for each sample. */
final class NetworkWriter {
  private static final String ENTRY = "heluNetwork";
  private static final String PRELUDE = "prelude.cl";

  private final Graph graph;
  private final Folding folding;
  private final Roms roms = new Roms();
  private final SourceWriter functions = new SourceWriter();
  private final Map<String, Value> values = new HashMap<>();
  private final List<Value> arrays = new ArrayList<>();
  private final Map<String, Integer> lanes = new TreeMap<>();
  private final List<String> calls = new ArrayList<>();
  private final List<LayerEstimate> estimates = new ArrayList<>();

  NetworkWriter(Graph graph, int bitOperations) {
    this.graph = graph;
    this.folding = new Folding(graph, bitOperations);
  }

  FpgaKernel write() {
    for (int i = 0; i < graph.inputs().size(); i++) {
      GraphInput input = graph.inputs().get(i);
      Value value = Value.ram("x" + i, input.type());
      enter(input.name(), value);
      lanes.merge(value.array(), LayerEstimates.copied(value), Math::max);
      estimates.add(LayerEstimates.load(input.name(), value));
    }
    for (int i = 0; i < graph.nodes().size(); i++) {
      node(graph.nodes().get(i), i);
    }
    for (int i = 0; i < graph.outputs().size(); i++) {
      Value value = value(graph.outputs().get(i), graph.nodes().size(), i);
      lanes.merge(value.array(), LayerEstimates.copied(value), Math::max);
    }
    SourceWriter kernel = new SourceWriter();
    kernel(kernel);
    for (String output : graph.outputs()) {
      estimates.add(LayerEstimates.store(output, values.get(output)));
    }
    FpgaEstimate estimate = new FpgaEstimate(estimates);
    SourceWriter source = new SourceWriter();
    source.line("/* %s: estimated, not synthesized", comment(graph.name()));
    estimate.report().forEach(line -> source.line(" * %s", comment(line)));
    source.line(" */");
    source.line("#define HELU_HEADER %d", TornadoNativeArray.ARRAY_HEADER);
    source.gap().append(prelude()).gap();
    source.append(roms.text()).append(functions.toString()).append(kernel.toString());
    List<Port> inputs = graph.inputs().stream().map(in -> new Port(in.name(), in.type())).toList();
    List<Port> outputs =
        graph.outputs().stream().map(out -> new Port(out, graph.type(out))).toList();
    return new FpgaKernel(source.toString(), ENTRY, inputs, outputs, estimate);
  }

  private void enter(String name, Value value) {
    values.put(name, value);
    arrays.add(value);
  }

  private void node(Node node, int index) {
    TensorType type = graph.type(node.output());
    if (node.op() instanceof DeviceOp.Reshape) {
      // The same elements in the same array.
      values.put(node.output(), value(node.input(0), index, 0).as(type));
      return;
    }
    long romBits = roms.bits();
    Value y = Value.ram("y" + index, type);
    List<Value> inputs = new ArrayList<>();
    for (int operand = 0; operand < node.inputs().size(); operand++) {
      inputs.add(isRead(node, operand) ? value(node.input(operand), index, operand) : null);
    }
    Fold fold = folding.fold(node);
    Layer layer = new Layer(graph, node, index, inputs, y, fold, roms, new SourceWriter());
    enter(node.output(), y);
    code(layer);
    lanes.merge(layer.x().array(), fold.simd(), Math::max);
    function(layer);
    estimates.add(LayerEstimates.of(layer, folding.matrix(node), roms.bits() - romBits));
  }

  /** Declares a layer's function and its call, with the RAM that it reads and the one it writes. */
  private void function(Layer layer) {
    SequencedMap<String, String> parameters = new LinkedHashMap<>();
    for (Value input : layer.inputs()) {
      if (input != null && !input.isRom()) {
        String parameter = "const %s *restrict %s".formatted(input.cType(), input.array());
        parameters.put(input.array(), parameter);
      }
    }
    Value y = layer.y();
    parameters.put(y.array(), "%s *restrict %s".formatted(y.cType(), y.array()));
    String name = layer.name("helu");
    functions.gap();
    functions.line("/* %s: %s */", comment(layer.node().label()), comment(y.type().toString()));
    functions.line("static void %s(%s) {", name, String.join(", ", parameters.values()));
    functions.append(layer.out().toString().indent(2)).line("}");
    calls.add("%s(%s);".formatted(name, String.join(", ", parameters.keySet())));
  }

  /** Whether an operand is read as a value; others are constants in an order of their own. */
  private boolean isRead(Node node, int operand) {
    Matrix matrix = folding.matrix(node);
    if (matrix != null && operand > 0) {
      return matrix.residual() && operand == node.inputs().size() - 1;
    }
    boolean hasTable =
        node.op() instanceof DeviceOp.Gather || node.op() instanceof IntegerOp.Convert;
    return operand == 0 || !hasTable;
  }

  private Value value(String name, int index, int operand) {
    Tensor constant = graph.constant(name);
    if (constant == null) {
      return values.get(name);
    }
    return values.computeIfAbsent(name, _ -> roms.value("k" + index + "_" + operand, constant));
  }

  private void code(Layer layer) {
    switch (layer.op()) {
      case DeviceOp.Dense _, DeviceOp.Conv2d _, IntegerOp.IntegerDense _ -> matrix(layer);
      case IntegerOp.IntegerConv2d _ -> matrix(layer);
      case DeviceOp.Pool2d op -> PoolWriter.write(layer, op);
      case DeviceOp.Reduce op -> ReduceWriter.write(layer, op);
      case DeviceOp.Gate _ -> ElementwiseWriter.gate(layer);
      case DeviceOp.Unary op -> ElementwiseWriter.unary(layer, op);
      case DeviceOp.Binary op -> ElementwiseWriter.binary(layer, op);
      case IntegerOp.Convert op -> ElementwiseWriter.convert(layer, op);
      case DeviceOp.Transpose op -> MoveWriter.transpose(layer, op);
      case DeviceOp.Slice op -> MoveWriter.slice(layer, op);
      case DeviceOp.Concat op -> MoveWriter.concat(layer, op);
      case DeviceOp.Pad op -> MoveWriter.pad(layer, op);
      case DeviceOp.Gather op -> MoveWriter.gather(layer, op);
      case DeviceOp.Reshape _, DeviceOp.Where _, DeviceOp.Cast _, DeviceOp.Softmax _ ->
          throw new IllegalStateException(layer.node().label());
      case DeviceOp.LayerNorm _, DeviceOp.BatchMatMul _ ->
          throw new IllegalStateException(layer.node().label());
    }
  }

  private void matrix(Layer layer) {
    MatrixWriter.write(layer, folding.matrix(layer.node()));
  }

  private void kernel(SourceWriter out) {
    List<String> parameters = new ArrayList<>();
    for (int i = 0; i < graph.inputs().size(); i++) {
      parameters.add("__global const uchar *restrict in" + i);
    }
    for (int i = 0; i < graph.outputs().size(); i++) {
      parameters.add("__global uchar *restrict out" + i);
    }
    parameters.add("__global const uchar *restrict batch");
    out.gap();
    out.line("/* The first four arguments are TornadoVM's own. */");
    out.line("__attribute__((reqd_work_group_size(1, 1, 1))) HELU_SINGLE");
    out.line("__kernel void %s(", ENTRY);
    out.line("    __global long *context, __constant uchar *constants, __local uchar *shared,");
    out.line("    __global int *atomics,");
    out.block(
        "    " + String.join(",\n    ", parameters) + ")",
        () -> {
          out.line("const int samples = HELU_DATA(const int, batch)[0];");
          out.block("for (int n = 0; n < samples; n++)", () -> sample(out));
        });
  }

  private void sample(SourceWriter out) {
    for (Value array : arrays) {
      int elementBits = Math.toIntExact(array.bits() / array.length());
      String attribute = Roms.lanes(lanes.getOrDefault(array.array(), 1), elementBits);
      out.line("%s %s[%d]%s;", array.cType(), array.array(), array.length(), attribute);
    }
    for (int i = 0; i < graph.inputs().size(); i++) {
      Value value = values.get(graph.inputs().get(i).name());
      String port = "HELU_DATA(const %s, in%d)".formatted(portType(value), i);
      elements(
          out,
          value,
          (e, at) -> out.line("%s[%s] = (%s) %s[%s];", value.array(), e, value.cType(), port, at));
    }
    calls.forEach(out::line);
    for (int i = 0; i < graph.outputs().size(); i++) {
      Value value = value(graph.outputs().get(i), graph.nodes().size(), i);
      String port = "HELU_DATA(%s, out%d)".formatted(portType(value), i);
      elements(out, value, (e, at) -> out.line("%s[%s] = %s[%s];", port, at, value.array(), e));
    }
  }

  /** Loops over the elements of a sample, in the kernel and in the host's array. */
  private static void elements(
      SourceWriter out, Value value, BiConsumer<String, String> elementAndPlace) {
    String sample = value.type().shape().isBatched() ? Expr.times("n", value.length()) : Expr.ZERO;
    int width = LayerEstimates.copied(value);
    out.loop(
        "i",
        Math.toIntExact(value.length() / width),
        i ->
            out.unrolled(
                "lane",
                width,
                lane -> {
                  String element = Expr.sum(Expr.times(i, width), lane);
                  elementAndPlace.accept(element, Expr.sum(sample, element));
                }));
  }

  /** C's type of the elements of a port's array. */
  private static String portType(Value value) {
    return switch (value.element()) {
      case FLOAT32 -> "float";
      case BIT -> "ulong";
      case INT64 -> "long";
      default -> "int";
    };
  }

  /** Text from a file that cannot end a comment or begin another line. */
  private static String comment(String text) {
    return text.replaceAll("[^\\w .,:@'()\\[\\]>=?-]", "?");
  }

  private static String prelude() {
    try (InputStream stream = NetworkWriter.class.getResourceAsStream(PRELUDE)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
