package org.helu.compiler.lowbit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.helu.compiler.pass.PassLog;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;

/**
 * One walk over a float network with quantizers, in execution order: keeps what is known of each
 * value's integers ({@link Fact}), emits integer layers, and writes a value as float only where
 * something float reads it.
 */
public final class Lowering {
  /** Functions between a sum and its quantizer; more stay float. */
  private static final int MAX_CHAIN = 64;

  final Graph graph;
  final Constants constants;
  final Emitter emitter;
  final PassLog log;
  final boolean proved;
  private final Map<String, Fact> facts = new HashMap<>();
  private final Set<String> floats = new HashSet<>();
  private final QuantizerRules quantizers;
  private final FloatQuantizers floatQuantizers;
  private final LayerRules layers;
  private final FunctionRules functions;
  private final MoveRules moves;
  private final AverageRules averages;
  private final Set<String> codeSums = new HashSet<>();
  private boolean lowered;

  /**
   * @param proved whether only fixed point that is proved equal to the float formula is used
   */
  Lowering(Graph graph, PassLog log, boolean proved) {
    this.graph = graph;
    this.proved = proved;
    this.log = log;
    this.constants = new Constants(graph);
    this.emitter = new Emitter(graph);
    this.quantizers = new QuantizerRules(this);
    this.floatQuantizers = new FloatQuantizers(this);
    this.layers = new LayerRules(this);
    this.functions = new FunctionRules(this);
    this.moves = new MoveRules(this);
    this.averages = new AverageRules(this);
  }

  /**
   * The graph with integer layers, or the same graph where it has no quantizer.
   *
   * @param proved whether only fixed point that is proved equal to the float formula is used
   */
  public static Graph apply(Graph graph, PassLog log, boolean proved) {
    boolean quantized = graph.nodes().stream().anyMatch(Lowering::isQuantizer);
    return quantized ? new Lowering(graph, log, proved).run() : graph;
  }

  private static boolean isQuantizer(Node node) {
    return switch (node.op()) {
      case FloatOp.Quantize _, FloatOp.Dequantize _, FloatOp.MultiThreshold _ -> true;
      case DeviceOp.Unary unary -> unary.kind() == UnaryKind.SIGN;
      default -> false;
    };
  }

  Graph run() {
    for (Node node : graph.nodes()) {
      Fact fact = null;
      if (!constants.isConstant(node.output())) {
        try {
          fact = fact(node);
        } catch (StaysFloat e) {
          log.note(node, "stays float: " + e.getMessage());
        }
      }
      if (fact == null) {
        keep(node);
        lowered |= isQuantizer(node) && !(node.op() instanceof DeviceOp.Unary);
      } else {
        facts.put(node.output(), fact);
        lowered |= !(node.op() instanceof DeviceOp.Unary);
      }
    }
    graph.outputs().forEach(this::writeFloat);
    return lowered ? emitter.build() : graph;
  }

  private Fact fact(Node node) {
    return switch (node.op()) {
      case FloatOp.Quantize op -> quantizers.quantize(node, op);
      case FloatOp.Dequantize op -> quantizers.dequantize(node, op);
      case FloatOp.MultiThreshold op -> quantizers.multiThreshold(node, op);
      case FloatOp.Conv op -> layers.conv(node, op);
      case FloatOp.Gemm op -> layers.gemm(node, op);
      case FloatOp.MatMul _ -> layers.matMul(node);
      case FloatOp.Pool op when op.kind() == PoolKind.MAX -> moves.maxPool(node);
      case FloatOp.Pool op -> averages.pool(node, op);
      case DeviceOp.Reduce op -> averages.reduce(node, op);
      case FloatOp.BatchNorm op -> functions.batchNorm(node, op);
      case FloatOp.Helu _ -> functions.relu(node);
      case DeviceOp.Unary op when op.kind() == UnaryKind.SIGN -> quantizers.sign(node);
      case DeviceOp.Unary op -> functions.unary(node, op);
      case DeviceOp.Binary op when op.kind() == BinaryKind.ADD && bothKnown(node) ->
          functions.addition(node);
      case DeviceOp.Binary op -> functions.binary(node, op);
      case DeviceOp.Reshape _,
          DeviceOp.Transpose _,
          DeviceOp.Slice _,
          DeviceOp.Concat _,
          DeviceOp.Pad _ ->
          moves.move(node);
      default -> null;
    };
  }

  private boolean bothKnown(Node node) {
    return facts.containsKey(node.input(0)) && facts.containsKey(node.input(1));
  }

  /** What is known of a value, or null. */
  Fact fact(String value) {
    return facts.get(value);
  }

  /**
   * What is known of a value; where it is a sum whose functions end in a rounding, such as QONNX's
   * Trunc, its codes are emitted first.
   */
  Fact codes(String value) {
    Fact fact = facts.get(value);
    if (fact instanceof Fact.Sum sum) {
      Fact.Coded coded = quantizers.rounded(graph.producer(value), sum);
      if (coded != null) {
        facts.put(value, coded);
        return coded;
      }
    }
    return fact;
  }

  /** A value as integers with pending functions, or null where it is float. */
  Fact.Sum sum(String value) {
    return switch (facts.get(value)) {
      case Fact.Sum sum -> sum.whole().functions().size() < MAX_CHAIN ? sum : null;
      case Fact.Coded coded -> sum(value, coded);
      case null, default -> null;
    };
  }

  private Fact.Sum sum(String value, Fact.Coded coded) {
    Shape shape = graph.type(value).shape();
    int axis = Math.min(1, shape.rank() - 1);
    if (axis < 0 || shape.dim(axis) < 1) {
      return null;
    }
    int[] low = new int[shape.dim(axis)];
    int[] high = new int[low.length];
    Arrays.fill(high, coded.high());
    ChannelFunction value0 =
        ChannelFunction.linear(PerChannel.of(coded.a()), PerChannel.of(coded.b()));
    List<Chain> chains = List.of(Chain.IDENTITY.then(value0));
    codeSums.add(coded.value());
    return new Fact.Sum(coded.value(), axis, low, high, chains, List.of());
  }

  /** Whether the integers of a value are UINT8 codes, not INT32 sums. */
  boolean isCodes(String value) {
    return facts.get(value) instanceof Fact.Coded
        || (facts.get(value) instanceof Fact.Sum sum && codeSums.contains(sum.value()));
  }

  /** Emits a node of the float network over float operands. */
  private void keep(Node node) {
    node.inputs().forEach(this::writeFloat);
    floats.add(node.output());
    if (constants.isConstant(node.output()) || !floatQuantizers.write(node)) {
      emitter.keep(node);
    }
  }

  /** Makes sure that a value is there as the float network has it. */
  void writeFloat(String value) {
    Fact fact = facts.get(value);
    if (fact == null || !floats.add(value)) {
      return;
    }
    Node node = graph.producer(value);
    switch (fact) {
      case Fact.Raw raw -> writeRaw(node, raw, value);
      case Fact.Coded _ when node.op() instanceof DeviceOp.Unary -> keep(node);
      case Fact.Coded coded ->
          emitter.affine(
              node, coded.value(), 0, new double[] {coded.a()}, new double[] {coded.b()}, value);
      case Fact.Residual _ -> {
        floats.remove(value);
        keep(node);
      }
      case Fact.Sum sum -> {
        double[][] affine = sum.pools().isEmpty() ? affine(sum) : null;
        if (affine == null) {
          floats.remove(value);
          keep(node);
        } else {
          emitter.affine(node, sum.value(), sum.axis(), affine[0], affine[1], value);
        }
      }
    }
  }

  private static double[][] affine(Fact.Sum sum) {
    Chain whole = sum.whole();
    double[][] affine = new double[2][sum.channels()];
    for (int c = 0; c < sum.channels(); c++) {
      double[] own = whole.affine(c);
      if (own == null) {
        return null;
      }
      affine[0][c] = own[0];
      affine[1][c] = own[1];
    }
    return affine;
  }

  /** Writes quantized integers in their own type. */
  private void writeRaw(Node node, Fact.Raw raw, String value) {
    ElementType type = graph.type(value).elementType();
    if (type == ElementType.UINT8 && raw.low() == 0 && raw.distance() == 1) {
      Shape shape = graph.type(value).shape();
      emitter.add(new DeviceOp.Reshape(shape), value, node, shape, raw.value());
      return;
    }
    List<String> steps = new ArrayList<>(List.of(emitter.toInt(raw.value(), node)));
    if (raw.distance() != 1) {
      String output = emitter.fresh(value + "@scaled");
      steps.add(emitter.arithmetic(BinaryKind.MUL, steps.getLast(), raw.distance(), node, output));
    }
    boolean last = type == ElementType.INT32;
    String shifted = last ? value : emitter.fresh(value + "@shifted");
    emitter.arithmetic(BinaryKind.ADD, steps.getLast(), raw.low(), node, shifted);
    if (!last) {
      emitter.add(new DeviceOp.Cast(type), value, node, emitter.shape(shifted), shifted);
    }
  }
}
