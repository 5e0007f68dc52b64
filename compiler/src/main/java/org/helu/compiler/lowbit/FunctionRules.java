package org.helu.compiler.lowbit;

import java.util.Arrays;
import java.util.List;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.tensor.Shape;

/** Functions per channel between a sum and its quantizer, and sums of two integer values. */
final class FunctionRules {
  private static final PerChannel ZERO = PerChannel.of(0);
  private static final PerChannel INFINITE = PerChannel.of(Double.POSITIVE_INFINITY);

  private final Lowering lowering;

  FunctionRules(Lowering lowering) {
    this.lowering = lowering;
  }

  Fact batchNorm(Node node, FloatOp.BatchNorm norm) {
    Fact.Sum sum = lowering.sum(node.input(0));
    if (sum == null || sum.axis() != 1) {
      return null;
    }
    PerChannel[] parameters = new PerChannel[4];
    for (int i = 0; i < 4; i++) {
      if (!lowering.constants.isConstant(node.input(i + 1))) {
        return null;
      }
      parameters[i] = lowering.constants.perChannel(node.input(i + 1));
    }
    for (double variance : parameters[3].values()) {
      if (!(variance + norm.epsilon() > 0)) {
        return null; // FoldBatchNorm reports it
      }
    }
    return sum.then(
        ChannelFunction.batchNorm(
            parameters[0], parameters[1], parameters[2], parameters[3], norm.epsilon()));
  }

  Fact relu(Node node) {
    if (lowering.fact(node.input(0)) instanceof Fact.Coded coded && coded.least() >= 0) {
      lowering.log.note(node, "gone: its input's levels are not negative");
      return coded;
    }
    if (lowering.fact(node.input(0)) instanceof Fact.Residual residual && !residual.relu()) {
      return new Fact.Residual(residual.sum(), residual.codes(), true, residual.addition());
    }
    Fact.Sum sum = lowering.sum(node.input(0));
    return sum == null ? null : sum.then(ChannelFunction.clamp(ZERO, INFINITE));
  }

  Fact unary(Node node, DeviceOp.Unary unary) {
    Fact.Sum sum = lowering.sum(node.input(0));
    if (sum == null) {
      return null;
    }
    PerChannel a = PerChannel.of(unary.a());
    PerChannel b = PerChannel.of(unary.b());
    return switch (unary.kind()) {
      case NEG -> sum.then(ChannelFunction.shift(-1, ZERO));
      case LINEAR -> sum.then(ChannelFunction.linear(a, b));
      case CLIP -> unary.a() <= unary.b() ? sum.then(ChannelFunction.clamp(a, b)) : null;
      case LEAKY_RELU ->
          unary.a() >= 0
              ? sum.then(ChannelFunction.increasing((z, _) -> z > 0 ? z : unary.a() * z))
              : null;
      case ROUND -> sum.then(ChannelFunction.rounding((z, _) -> Math.rint(z)));
      case FLOOR -> sum.then(ChannelFunction.rounding((z, _) -> Math.floor(z)));
      case CEIL -> sum.then(ChannelFunction.rounding((z, _) -> Math.ceil(z)));
      default -> null;
    };
  }

  /** Arithmetic with a constant per channel. */
  Fact binary(Node node, DeviceOp.Binary binary) {
    Shape shape = lowering.graph.type(node.output()).shape();
    boolean left = lowering.fact(node.input(0)) != null;
    String x = node.input(left ? 0 : 1);
    String other = node.input(left ? 1 : 0);
    if (lowering.fact(x) == null
        || !lowering.constants.isConstant(other)
        || !shape.equals(lowering.graph.type(x).shape())) {
      return null;
    }
    Fact coded = coded(lowering.fact(x), binary.kind(), other, left);
    if (coded != null) {
      return coded;
    }
    Fact.Sum sum = lowering.sum(x);
    if (sum == null) {
      return null;
    }
    PerChannel c = lowering.constants.along(other, shape, sum.axis());
    if (c == null || !c.isFinite()) {
      return null;
    }
    return switch (binary.kind()) {
      case ADD -> sum.then(ChannelFunction.shift(1, c));
      case SUB ->
          left
              ? sum.then(ChannelFunction.shift(1, c.times(-1)))
              : sum.then(ChannelFunction.shift(-1, c));
      case MUL -> sum.then(ChannelFunction.scale(c));
      case DIV ->
          left && Arrays.stream(c.values()).noneMatch(v -> v == 0)
              ? sum.then(ChannelFunction.divide(c))
              : null;
      case MIN -> sum.then(ChannelFunction.clamp(PerChannel.of(Double.NEGATIVE_INFINITY), c));
      case MAX -> sum.then(ChannelFunction.clamp(c, INFINITE));
      default -> null;
    };
  }

  /** Codes stay codes under one factor or addend for all channels. */
  private Fact coded(Fact fact, BinaryKind kind, String other, boolean left) {
    if (!(fact instanceof Fact.Coded coded)) {
      return null;
    }
    PerChannel c = lowering.constants.perChannel(other);
    if (!c.isUniform() || c.values().length == 0 || !c.isFinite()) {
      return null;
    }
    double v = c.at(0);
    double a = coded.a();
    double b = coded.b();
    return switch (kind) {
      case MUL -> v == 0 ? null : new Fact.Coded(coded.value(), coded.high(), a * v, b * v);
      case DIV ->
          v == 0 || !left ? null : new Fact.Coded(coded.value(), coded.high(), a / v, b / v);
      case ADD -> new Fact.Coded(coded.value(), coded.high(), a, b + v);
      case SUB ->
          left
              ? new Fact.Coded(coded.value(), coded.high(), a, b - v)
              : new Fact.Coded(coded.value(), coded.high(), -a, v - b);
      default -> null;
    };
  }

  /** The sum of two branches: exact in INT32 where both count in the same unit. */
  Fact addition(Node node) {
    Shape shape = lowering.graph.type(node.output()).shape();
    Fact.Sum left = lowering.sum(node.input(0));
    Fact.Sum right = lowering.sum(node.input(1));
    if (left == null
        || right == null
        || !shape.equals(lowering.graph.type(node.input(0)).shape())
        || !shape.equals(lowering.graph.type(node.input(1)).shape())) {
      return null;
    }
    if (!left.pools().isEmpty() || !right.pools().isEmpty() || left.axis() != right.axis()) {
      throw new StaysFloat("one of its branches is a pool of sums");
    }
    int channels = left.channels();
    double[] unit = new double[channels];
    double[] offset = new double[channels];
    int[] low = new int[channels];
    int[] high = new int[channels];
    for (int c = 0; c < channels; c++) {
      double[] l = left.whole().affine(c);
      double[] r = right.whole().affine(c);
      if (l == null || r == null || l[0] != r[0]) {
        Fact pending = residual(node, left, right);
        if (pending != null) {
          return pending;
        }
        throw new StaysFloat(
            "its branches count in different units"
                + (l == null || r == null ? "" : ", " + l[0] + " and " + r[0])
                + "; share one scale between them to add integers");
      }
      unit[c] = l[0];
      offset[c] = l[1] + r[1];
      long least = (long) left.low()[c] + right.low()[c];
      long most = (long) left.high()[c] + right.high()[c];
      if (least < -Integer.MAX_VALUE + 8L || most > Integer.MAX_VALUE - 8L) {
        throw new StaysFloat("its sums reach " + least + " to " + most + ", beyond 32 bits");
      }
      low[c] = (int) least;
      high[c] = (int) most;
    }
    String a = integers(node, node.input(0), left);
    String b = integers(node, node.input(1), right);
    String sum = lowering.emitter.fresh(node.output() + "@sum");
    lowering.emitter.add(new DeviceOp.Binary(BinaryKind.ADD), sum, node, shape, a, b);
    lowering.log.note(node, "adds integers: both branches have the same scale");
    Chain chain =
        Chain.IDENTITY.then(ChannelFunction.linear(new PerChannel(unit), new PerChannel(offset)));
    return new Fact.Sum(sum, left.axis(), low, high, List.of(chain), List.of());
  }

  /** A layer's sum plus codes of another scale, or null where the branches are something else. */
  private Fact residual(Node node, Fact.Sum left, Fact.Sum right) {
    Fact l = lowering.fact(node.input(0));
    Fact r = lowering.fact(node.input(1));
    boolean first = l instanceof Fact.Sum && r instanceof Fact.Coded;
    boolean second = r instanceof Fact.Sum && l instanceof Fact.Coded;
    if (!first && !second) {
      return null;
    }
    Fact.Sum sum = first ? left : right;
    for (int c = 0; c < sum.channels(); c++) {
      if (sum.whole().affine(c) == null) {
        return null;
      }
    }
    Fact.Coded codes = (Fact.Coded) (first ? r : l);
    return lowering.emitter.isLayer(sum.value())
        ? new Fact.Residual(sum, codes, false, node)
        : null;
  }

  private String integers(Node node, String value, Fact.Sum sum) {
    // Sums of layers are INT32; codes are bytes and are widened.
    boolean codes = sum.high()[0] <= 255 && sum.low()[0] >= 0 && isCodes(value);
    return codes ? lowering.emitter.toInt(sum.value(), node) : sum.value();
  }

  private boolean isCodes(String value) {
    return lowering.isCodes(value);
  }
}
