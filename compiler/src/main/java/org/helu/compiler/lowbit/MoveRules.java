package org.helu.compiler.lowbit;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Op;
import org.helu.runtime.op.PadMode;
import org.helu.runtime.tensor.Shape;

/** Max pools and data movement: codes pass through as they are. */
final class MoveRules {
  /** Pools between a sum and its quantizer; more stay float. */
  private static final int MAX_POOLS = 8;

  private final Lowering lowering;

  MoveRules(Lowering lowering) {
    this.lowering = lowering;
  }

  Fact maxPool(Node node) {
    return switch (lowering.fact(node.input(0))) {
      case Fact.Coded coded when coded.a() > 0 -> {
        String output = lowering.emitter.fresh(node.output() + "@codes");
        lowering.emitter.pool(node, coded.value(), output);
        lowering.log.note(node, "pools codes");
        yield new Fact.Coded(output, coded.high(), coded.a(), coded.b());
      }
      case Fact.Sum sum when sum.axis() == 1 && sum.pools().size() < MAX_POOLS -> sum.pooled(node);
      case null, default -> null;
    };
  }

  Fact move(Node node) {
    return switch (lowering.codes(node.input(0))) {
      case Fact.Coded coded -> moveCodes(node, coded);
      case Fact.Raw raw when node.inputs().size() == 1 && !(node.op() instanceof DeviceOp.Pad) ->
          new Fact.Raw(
              emit(node, node.op(), List.of(raw.value())), raw.low(), raw.distance(), raw.high());
      case Fact.Sum sum when node.op() instanceof DeviceOp.Reshape -> reshapeSum(node, sum);
      case null, default -> null;
    };
  }

  private Fact moveCodes(Node node, Fact.Coded first) {
    List<String> values = new ArrayList<>();
    int high = 0;
    for (String input : node.inputs()) {
      if (!(lowering.fact(input) instanceof Fact.Coded coded)
          || coded.a() != first.a()
          || coded.b() != first.b()) {
        throw new StaysFloat("its inputs are not quantized alike");
      }
      values.add(coded.value());
      high = Math.max(high, coded.high());
    }
    Op op = node.op();
    if (op instanceof DeviceOp.Pad pad) {
      double code = (pad.value() - first.b()) / first.a();
      boolean constant = pad.mode() == PadMode.CONSTANT;
      if (constant && (code != Math.rint(code) || code < 0 || code > 255)) {
        throw new StaysFloat("no code stands for its value " + pad.value());
      }
      high = constant ? Math.max(high, (int) code) : high;
      op = new DeviceOp.Pad(pad.before(), pad.after(), pad.mode(), constant ? (float) code : 0);
    }
    return new Fact.Coded(emit(node, op, values), high, first.a(), first.b());
  }

  private String emit(Node node, Op op, List<String> inputs) {
    String output = lowering.emitter.fresh(node.output() + "@codes");
    Shape shape = lowering.graph.type(node.output()).shape();
    return lowering.emitter.add(op, output, node, shape, inputs.toArray(new String[0]));
  }

  /** A reshape behind the channels, such as a flatten of 1x1 images, leaves sums what they are. */
  private Fact reshapeSum(Node node, Fact.Sum sum) {
    if (!keepsChannels(node, sum)) {
      throw new StaysFloat("it mixes channels of a sum that is not quantized yet");
    }
    String output = lowering.emitter.fresh(node.output() + "@sum");
    Shape to = lowering.graph.type(node.output()).shape();
    lowering.emitter.add(node.op(), output, node, to, sum.value());
    return sum.withValue(output);
  }

  private boolean keepsChannels(Node node, Fact.Sum sum) {
    Shape from = lowering.graph.type(node.input(0)).shape();
    Shape to = lowering.graph.type(node.output()).shape();
    return node.op() instanceof DeviceOp.Reshape
        && sum.axis() == 1
        && sum.pools().isEmpty()
        && from.rank() > 1
        && to.rank() > 1
        && from.dim(0) == to.dim(0)
        && from.dim(1) == to.dim(1);
  }
}
