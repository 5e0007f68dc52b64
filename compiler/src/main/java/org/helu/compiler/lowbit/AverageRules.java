package org.helu.compiler.lowbit;

import java.util.Arrays;
import java.util.List;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Shape;

/**
 * Means of codes over a window: a depthwise convolution with ones gives the sum, and the division
 * by the window's size becomes one of the functions that wait for a quantizer.
 */
final class AverageRules {
  /** Sums of so many codes of 8 bits keep far from 32 bits; also the layers' own limit. */
  private static final int MAX_TAPS = 1 << 15;

  /** Bits of a double's significand: sums of multiples of a unit below 2^53 units are exact. */
  private static final int EXACT_BITS = 53;

  private final Lowering lowering;

  AverageRules(Lowering lowering) {
    this.lowering = lowering;
  }

  /** A pool over a window, NCHW. */
  Fact pool(Node node, FloatOp.Pool pool) {
    if (!(lowering.codes(node.input(0)) instanceof Fact.Coded x)) {
      return null;
    }
    Window window = pool.window();
    Shape in = lowering.graph.type(node.input(0)).shape();
    Shape out = lowering.graph.type(node.output()).shape();
    boolean padded =
        window.padTop() + window.padLeft() + window.padBottom() + window.padRight() > 0;
    boolean cut = out.dim(2) != window.outH(in.dim(2)) || out.dim(3) != window.outW(in.dim(3));
    if (cut || padded && pool.kind() == PoolKind.AVERAGE) {
      throw new StaysFloat(
          "its windows at the border have fewer elements, so its sums are divided by different"
              + " numbers");
    }
    return mean(node, x, window, padded, out);
  }

  /** The mean of whole channels, NCHW; other means have no rule. */
  Fact reduce(Node node, DeviceOp.Reduce reduce) {
    Shape in = lowering.graph.type(node.input(0)).shape();
    boolean global =
        reduce.kind() == ReduceKind.MEAN
            && in.rank() == 4
            && reduce.axes().stream()
                .map(a -> a < 0 ? a + 4 : a)
                .distinct()
                .sorted()
                .toList()
                .equals(List.of(2, 3));
    if (!global || !(lowering.codes(node.input(0)) instanceof Fact.Coded x)) {
      return null;
    }
    Window window = Window.ofKernel(in.dim(2), in.dim(3));
    Fact.Sum mean = mean(node, x, window, false, Shape.of(in.dim(0), in.dim(1), 1, 1));
    if (reduce.keepDims()) {
      return mean;
    }
    Shape flat = lowering.graph.type(node.output()).shape();
    String sums = lowering.emitter.fresh(node.output() + "@flat");
    lowering.emitter.add(new DeviceOp.Reshape(flat), sums, node, flat, mean.value());
    return mean.withValue(sums);
  }

  private Fact.Sum mean(Node node, Fact.Coded x, Window window, boolean padded, Shape out) {
    int taps = window.taps();
    if (taps > MAX_TAPS || !isExact(x, taps)) {
      throw new StaysFloat("the sum of its " + taps + " levels would be rounded");
    }
    // Without padding the codes themselves are summed, whatever levels they stand for.
    IntegerForm form = new IntegerForm(x.a(), Codes.UNSIGNED);
    double offset = taps * x.b();
    if (padded) {
      form = IntegerForm.of(x.a(), x.b());
      offset = 0;
      if (form == null) {
        throw new StaysFloat("no code of its input stands for the zeros of its padding");
      }
    }
    Codes codes = form.codes();
    int least = taps * Math.min(codes.value(0), padded ? codes.pad() : codes.value(0));
    int most = taps * Math.max(codes.value(x.high()), padded ? codes.pad() : 0);
    int[] low = new int[out.dim(1)];
    int[] high = new int[low.length];
    Arrays.fill(low, least);
    Arrays.fill(high, most);
    String sum = lowering.emitter.windowSum(node, window, codes, x.value(), out);
    lowering.log.note(node, "sums " + taps + " codes; the division is the quantizer's");
    Chain chain =
        Chain.IDENTITY
            .then(ChannelFunction.scale(PerChannel.of(form.scale())))
            .then(ChannelFunction.shift(1, PerChannel.of(offset)))
            .then(ChannelFunction.divide(PerChannel.of(taps)));
    return new Fact.Sum(sum, 1, low, high, List.of(chain), List.of());
  }

  /** Whether every sum of {@code taps} levels {@code a k + b} is a double. */
  private static boolean isExact(Fact.Coded x, int taps) {
    int unit = Math.min(lowestBit(x.a()), lowestBit(x.b()));
    double largest = taps * (Math.abs(x.a()) * x.high() + Math.abs(x.b()));
    return largest < Math.scalb(1.0, EXACT_BITS + unit);
  }

  /** Exponent of the least significant bit of a number; large for 0. */
  private static int lowestBit(double value) {
    if (value == 0) {
      return Double.MAX_EXPONENT;
    }
    long significand = Double.doubleToRawLongBits(value) & (1L << 52) - 1 | 1L << 52;
    return Math.getExponent(value) - 52 + Long.numberOfTrailingZeros(significand);
  }
}
