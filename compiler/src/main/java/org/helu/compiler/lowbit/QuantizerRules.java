package org.helu.compiler.lowbit;

import java.util.Arrays;
import java.util.List;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.Rounding;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Quantizers: of sums they become thresholds, of floats a conversion. */
final class QuantizerRules {
  private static final int MAX_CODE = 255;

  private final Lowering lowering;
  private final SumQuantizer sums;
  private final ResidualQuantizer residuals;

  QuantizerRules(Lowering lowering) {
    this.lowering = lowering;
    this.sums = new SumQuantizer(lowering.emitter, lowering.log);
    this.residuals = new ResidualQuantizer(lowering.emitter, lowering.log, lowering.proved);
  }

  Fact quantize(Node node, FloatOp.Quantize op) {
    PerChannel scale = lowering.constants.perChannel(node.input(1));
    PerChannel zero = lowering.constants.perChannel(node.input(2));
    Shape shape = lowering.graph.type(node.input(0)).shape();
    int axis = op.axis() < 0 ? op.axis() + shape.rank() : op.axis();
    boolean single = scale.isUniform() && zero.isUniform();
    double a = single ? scale.at(0) : 1;
    double b = single ? (op.low() - zero.at(0)) * scale.at(0) : 0;
    Fact.Sum sum = lowering.sum(node.input(0));
    if (sum != null && (single || sum.axis() == axis)) {
      Quantizer quantizer = Quantizer.uniform(scale, zero, op.low(), op.high(), op.rounding());
      SumQuantizer.Emitted emitted = sums.emit(node, sum, quantizer, a, b);
      Levels levels = emitted.levels();
      return new Fact.Raw(
          emitted.value(), op.low() + levels.first(), levels.distance(), levels.high());
    }
    if (lowering.fact(node.input(0)) instanceof Fact.Residual residual && single) {
      try {
        return residuals.emit(node, residual, op, scale.at(0), zero.at(0));
      } catch (StaysFloat e) {
        lowering.log.note(node, "quantizes a float sum: " + e.getMessage());
      }
    }
    return quantizeFloats(node, op, scale, zero, single ? -1 : axis);
  }

  private Fact quantizeFloats(
      Node node, FloatOp.Quantize op, PerChannel scale, PerChannel zero, int axis) {
    long high = (long) op.high() - op.low();
    if (high > MAX_CODE) {
      throw new StaysFloat("it has " + (high + 1) + " levels, more than 8 bits");
    }
    String x = node.input(0);
    lowering.writeFloat(x);
    String codes = lowering.emitter.fresh(node.output() + "@codes");
    double zeroCode = zero.at(0) - op.low();
    if (axis < 0 && op.rounding() == Rounding.HALF_EVEN && zeroCode >= 0 && zeroCode <= high) {
      Epilogue epilogue = new Epilogue.Quantize((float) scale.at(0), (int) zeroCode, (int) high);
      lowering.emitter.convert(node, x, 0, epilogue, null, codes);
      lowering.log.note(node, "floats become " + (high + 1) + " codes");
    } else {
      int channels = axis < 0 ? 1 : scale.values().length;
      float[][] rows = new float[channels][];
      for (int c = 0; c < channels; c++) {
        int channel = c;
        rows[c] =
            FloatSteps.search(
                z -> {
                  double rounded = op.rounding().round(z / (float) scale.at(channel));
                  double code = rounded + zero.at(channel);
                  return (int) (Math.clamp(code, op.low(), op.high()) - op.low());
                },
                (int) high);
      }
      threshold(node, rows, Math.max(axis, 0), codes);
    }
    return new Fact.Raw(codes, op.low(), 1, (int) high);
  }

  private void threshold(Node node, float[][] rows, int axis, String codes) {
    int columns = 1 + rows[0].length;
    Tensor parameters =
        Tensor.zeros(new TensorType(ElementType.FLOAT32, Shape.of(rows.length, columns)));
    for (int c = 0; c < rows.length; c++) {
      parameters.setFloat((long) c * columns, 1);
      for (int t = 1; t < columns; t++) {
        parameters.setFloat((long) c * columns + t, rows[c][t - 1]);
      }
    }
    Epilogue epilogue = new Epilogue.Threshold(columns - 1, ElementType.UINT8);
    lowering.emitter.convert(node, node.input(0), axis, epilogue, parameters, codes);
    lowering.log.note(node, "floats become codes by " + (columns - 1) + " float thresholds");
  }

  Fact dequantize(Node node, FloatOp.Dequantize op) {
    Fact.Raw raw = raw(node);
    PerChannel scale = lowering.constants.perChannel(node.input(1));
    PerChannel zero = lowering.constants.perChannel(node.input(2));
    if (raw == null) {
      return null;
    }
    if (scale.isUniform() && zero.isUniform()) {
      double a = scale.at(0) * raw.distance();
      double b = (raw.low() - zero.at(0)) * scale.at(0);
      return new Fact.Coded(raw.value(), raw.high(), a, b);
    }
    Shape shape = lowering.graph.type(node.output()).shape();
    int axis = op.axis() < 0 ? op.axis() + shape.rank() : op.axis();
    int channels = shape.dim(axis);
    double[] a = new double[channels];
    double[] b = new double[channels];
    int[] high = new int[channels];
    for (int c = 0; c < channels; c++) {
      a[c] = scale.at(c) * raw.distance();
      b[c] = (raw.low() - zero.at(c)) * scale.at(c);
      high[c] = raw.high();
    }
    ChannelFunction value = ChannelFunction.linear(new PerChannel(a), new PerChannel(b));
    return new Fact.Sum(
        raw.value(), axis, new int[channels], high, List.of(Chain.IDENTITY.then(value)), List.of());
  }

  /** The codes that are dequantized: a quantizer's, or the graph's own input. */
  private Fact.Raw raw(Node node) {
    String codes = node.input(0);
    if (lowering.fact(codes) instanceof Fact.Raw raw) {
      return raw;
    }
    if (lowering.graph.type(codes).shape().rank() == 0) {
      return null;
    }
    return switch (lowering.graph.type(codes).elementType()) {
      case UINT8 -> new Fact.Raw(codes, 0, 1, MAX_CODE);
      case INT8 -> {
        String wide = lowering.emitter.toInt(codes, node);
        String shifted = lowering.emitter.fresh(codes + "@shifted");
        lowering.emitter.arithmetic(org.helu.runtime.op.BinaryKind.ADD, wide, 128, node, shifted);
        String unsigned = lowering.emitter.fresh(codes + "@codes");
        lowering.emitter.add(
            new org.helu.runtime.op.DeviceOp.Cast(ElementType.UINT8),
            unsigned,
            node,
            lowering.emitter.shape(shifted),
            shifted);
        yield new Fact.Raw(unsigned, -128, 1, MAX_CODE);
      }
      default -> throw new StaysFloat("it dequantizes computed INT32 values");
    };
  }

  Fact multiThreshold(Node node, FloatOp.MultiThreshold op) {
    Tensor thresholds = lowering.constants.tensor(node.input(1));
    if (thresholds == null) {
      throw new StaysFloat("its thresholds are computed");
    }
    int steps = thresholds.shape().dim(1);
    int rows = thresholds.shape().dim(0);
    if (steps < 1 || steps > MAX_CODE) {
      throw new StaysFloat("it has " + steps + " thresholds, expected 1 to " + MAX_CODE);
    }
    double a = op.outScale();
    double b = op.outBias();
    Fact.Sum sum = lowering.sum(node.input(0));
    if (sum != null && (rows == 1 || sum.axis() == 1)) {
      double[][] values = new double[rows][steps];
      for (int i = 0; i < rows * steps; i++) {
        values[i / steps][i % steps] = thresholds.getFloat(i);
      }
      Quantizer quantizer = Quantizer.thresholds(values, op.strict());
      return coded(sums.emit(node, sum, quantizer, a, b), a, b);
    }
    lowering.writeFloat(node.input(0));
    float[][] values = new float[rows][steps];
    for (int row = 0; row < rows; row++) {
      for (int t = 0; t < steps; t++) {
        float threshold = thresholds.getFloat((long) row * steps + t);
        // Adding 0 makes -0 equal to +0.
        values[row][t] = op.strict() ? Math.nextUp(threshold) : threshold + 0f;
      }
      Arrays.sort(values[row]);
    }
    String codes = lowering.emitter.fresh(node.output() + "@codes");
    threshold(node, values, 1, codes);
    return new Fact.Coded(codes, steps, a, b);
  }

  /**
   * The codes of a sum whose functions round to few integers and then only scale and shift, alike
   * in all channels; null where they do not.
   */
  Fact.Coded rounded(Node node, Fact.Sum sum) {
    Chain whole = sum.whole();
    Chain rounded = whole.rounded();
    if (rounded == null || !sum.pools().isEmpty()) {
      return null;
    }
    Chain after = whole.after(rounded.functions().size());
    double[] affine = after.affine(0);
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < sum.channels(); c++) {
      if (affine == null || !Arrays.equals(affine, after.affine(c))) {
        return null;
      }
      double first = rounded.apply(sum.low()[c], c);
      double last = rounded.apply(sum.high()[c], c);
      least = Math.min(least, Math.min(first, last));
      most = Math.max(most, Math.max(first, last));
    }
    if (!(most - least <= MAX_CODE) || affine[0] == 0 || Math.abs(least) > 1L << 31) {
      return null;
    }
    double low = least;
    int high = Math.max(1, (int) (most - least));
    Quantizer quantizer = new Quantizer(high, PerChannel.of(1), (z, _) -> (int) (z - low));
    Fact.Sum before =
        new Fact.Sum(sum.value(), sum.axis(), sum.low(), sum.high(), List.of(rounded), List.of());
    double a = affine[0];
    double b = after.apply(low, 0);
    return coded(sums.emit(node, before, quantizer, a, b), a, b);
  }

  Fact sign(Node node) {
    if (!lowering.graph.type(node.output()).elementType().isFloat()) {
      return null;
    }
    Fact.Sum sum = lowering.sum(node.input(0));
    if (sum != null) {
      return coded(sums.emit(node, sum, Quantizer.sign(), 1, -1), 1, -1);
    }
    if (lowering.graph.type(node.output()).shape().rank() == 0) {
      return null;
    }
    lowering.writeFloat(node.input(0));
    String codes = lowering.emitter.fresh(node.output() + "@codes");
    threshold(node, new float[][] {{0, Float.MIN_VALUE}}, 0, codes);
    return new Fact.Coded(codes, 2, 1, -1);
  }

  private static Fact.Coded coded(SumQuantizer.Emitted emitted, double a, double b) {
    Levels levels = emitted.levels();
    return new Fact.Coded(
        emitted.value(), levels.high(), a * levels.distance(), a * levels.first() + b);
  }
}
