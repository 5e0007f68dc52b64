package org.helu.compiler.lowbit;

import java.util.List;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/** Convolutions and matrix products of codes with quantized constants: sums in INT32. */
final class LayerRules {
  private static final int MAX_PRODUCTS = 1 << 15;

  /** Sums keep clear of the thresholds that mean always and never. */
  private static final long MAX_SUM = Integer.MAX_VALUE - 8L;

  private final Lowering lowering;

  LayerRules(Lowering lowering) {
    this.lowering = lowering;
  }

  Fact conv(Node node, FloatOp.Conv conv) {
    Fact.Coded x = operand(node);
    if (x == null) {
      return null;
    }
    WeightCodes weight = WeightCodes.of(lowering.graph, lowering.constants, node.input(1), 0);
    IntegerForm form = form(x);
    PerChannel bias = bias(node, 1);
    Window window = conv.window();
    boolean padded =
        window.padTop() + window.padLeft() + window.padBottom() + window.padRight() > 0;
    int[][] bounds = bounds(node, weight.codes(), form, x.high(), padded);
    String sum = lowering.emitter.conv(node, conv, x.value(), form, weight.codes());
    return finish(sum, 1, bounds, form, weight, 1, bias, 1);
  }

  Fact gemm(Node node, FloatOp.Gemm gemm) {
    Fact.Coded x = operand(node);
    if (x == null) {
      return null;
    }
    if (gemm.transA()) {
      throw new StaysFloat("its left operand is transposed");
    }
    WeightCodes weight = rows(node, gemm.transB());
    return dense(node, x, weight, gemm.alpha(), bias(node, 1), gemm.beta());
  }

  Fact matMul(Node node) {
    Fact.Coded x = operand(node);
    if (x == null) {
      return null;
    }
    Shape right = lowering.graph.type(node.input(1)).shape();
    if (right.rank() != 2 || lowering.graph.type(node.input(0)).shape().rank() < 2) {
      throw new StaysFloat("its right operand is no matrix");
    }
    return dense(node, x, rows(node, false), 1, null, 1);
  }

  private Fact dense(
      Node node, Fact.Coded x, WeightCodes weight, double alpha, PerChannel bias, double beta) {
    IntegerForm form = form(x);
    int[][] bounds = bounds(node, weight.codes(), form, x.high(), false);
    String sum = lowering.emitter.dense(node, x.value(), form, weight.codes());
    int axis = lowering.graph.type(node.output()).shape().rank() - 1;
    return finish(sum, axis, bounds, form, weight, alpha, bias, beta);
  }

  /** The weight as rows of output features. */
  private WeightCodes rows(Node node, boolean areRows) {
    int axis = areRows ? 0 : 1;
    WeightCodes weight = WeightCodes.of(lowering.graph, lowering.constants, node.input(1), axis);
    Tensor rows = areRows ? weight.codes() : Tensors.permuted(weight.codes(), List.of(1, 0));
    return new WeightCodes(rows, weight.scale());
  }

  /** The codes that a layer reads, or null where it reads floats that no quantizer made. */
  private Fact.Coded operand(Node node) {
    return switch (lowering.codes(node.input(0))) {
      case Fact.Coded coded -> coded;
      case Fact.Sum _ -> throw new StaysFloat("its input is not quantized");
      case null, default -> {
        boolean weights = lowering.graph.constant(node.input(1)) == null;
        if (weights && lowering.constants.isConstant(node.input(1))) {
          throw new StaysFloat("its input is not quantized");
        }
        yield null;
      }
    };
  }

  private static IntegerForm form(Fact.Coded x) {
    IntegerForm form = IntegerForm.of(x.a(), x.b());
    if (form == null) {
      throw new StaysFloat(
          "its input's levels "
              + x.b()
              + " + k * "
              + x.a()
              + " have no integer zero point, so padding and products are no integers");
    }
    return form;
  }

  /** The bias per output channel, null where there is none. */
  private PerChannel bias(Node node, int axis) {
    if (node.inputs().size() < 3) {
      return null;
    }
    Shape out = lowering.graph.type(node.output()).shape();
    Shape own = lowering.graph.type(node.input(2)).shape();
    // A convolution's bias [O] is no broadcast along the last axis.
    PerChannel bias =
        node.op() instanceof FloatOp.Conv && lowering.constants.isConstant(node.input(2))
            ? lowering.constants.perChannel(node.input(2))
            : lowering.constants.along(node.input(2), out, axis);
    if (bias == null) {
      throw new StaysFloat("its bias " + own + " is computed, or varies within a channel");
    }
    return bias;
  }

  /** Least and largest sum per output channel, from the weights: the proof against overflow. */
  private int[][] bounds(Node node, Tensor weight, IntegerForm form, int high, boolean padded) {
    int channels = weight.shape().dim(0);
    long products = channels == 0 ? 0 : weight.elements() / channels;
    if (products == 0 || products > MAX_PRODUCTS) {
      throw new StaysFloat("it sums " + products + " products, expected 1 to " + MAX_PRODUCTS);
    }
    int pad = form.codes().pad();
    long least = form.codes().value(0);
    long most = form.codes().value(high);
    least = padded ? Math.min(least, pad) : least;
    most = padded ? Math.max(most, pad) : most;
    int[][] bounds = new int[2][channels];
    long largest = 0;
    for (int c = 0; c < channels; c++) {
      long low = 0;
      long up = 0;
      for (long i = c * products; i < (c + 1) * products; i++) {
        long w = weight.getLong(i);
        low += w * (w > 0 ? least : most);
        up += w * (w > 0 ? most : least);
      }
      if (low < -MAX_SUM || up > MAX_SUM) {
        throw new StaysFloat("its sums reach " + low + " to " + up + ", beyond 32 bits");
      }
      bounds[0][c] = (int) low;
      bounds[1][c] = (int) up;
      largest = Math.max(largest, Math.max(-low, up));
    }
    lowering.log.note(
        node,
        "integer layer: codes 0.."
            + high
            + (form.codes().toString().isEmpty() ? "" : " (" + form.codes() + ")")
            + ", sums of "
            + products
            + " products stay within +-"
            + largest);
    return bounds;
  }

  private static Fact finish(
      String sum,
      int axis,
      int[][] bounds,
      IntegerForm form,
      WeightCodes weight,
      double alpha,
      PerChannel bias,
      double beta) {
    // The product of two float32 scales is exact in double, so the sum is rounded once.
    Chain chain = Chain.IDENTITY.then(ChannelFunction.scale(weight.scale().times(form.scale())));
    if (alpha != 1) {
      chain = chain.then(ChannelFunction.scale(PerChannel.of(alpha)));
    }
    if (bias != null) {
      PerChannel shift = beta == 1 ? bias : bias.times(beta);
      chain = chain.then(ChannelFunction.shift(1, shift));
    }
    return new Fact.Sum(sum, axis, bounds[0], bounds[1], List.of(chain), List.of());
  }
}
