package org.helu.compiler.lowbit;

import java.util.Locale;
import org.helu.compiler.pass.PassLog;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.Rounding;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * A quantizer of the sum of a layer and codes of another scale: {@code code = (m z + r residual +
 * b) >> shift} inside the layer.
 *
 * <p>Proof: for each channel and residual code, the fixed-point code reaches k from some sum on;
 * there and one sum before the float formula, in double, must give the same side of k. It is
 * monotone in the sum, so both agree everywhere.
 */
final class ResidualQuantizer {
  private final Emitter emitter;
  private final PassLog log;

  /** Whether fixed point that may differ at ties is refused. */
  private final boolean proved;

  ResidualQuantizer(Emitter emitter, PassLog log, boolean proved) {
    this.emitter = emitter;
    this.log = log;
    this.proved = proved;
  }

  /** Emits the codes of {@code residual}; scale and zero point are those of the quantizer. */
  Fact.Raw emit(Node node, Fact.Residual residual, FloatOp.Quantize op, double scale, double zero) {
    if (op.rounding() != Rounding.HALF_EVEN) {
      throw new StaysFloat("it rounds " + op.rounding() + " the sum of two branches");
    }
    int low = residual.relu() ? (int) Math.clamp(zero, op.low(), op.high() - 1) : op.low();
    int high = op.high() - low;
    if (high > 255) {
      throw new StaysFloat("it has " + (high + 1L) + " levels, more than 8 bits");
    }
    Fact.Sum sum = residual.sum();
    int channels = sum.channels();
    double[][] affine = new double[channels][];
    double steepest = Math.abs(residual.codes().a() / scale);
    long bound = 256;
    for (int c = 0; c < channels; c++) {
      affine[c] = sum.whole().affine(c);
      steepest = Math.max(steepest, Math.abs(affine[c][0] / scale));
      bound = Math.max(bound, Math.max(Math.abs((long) sum.low()[c]), sum.high()[c]));
    }
    int shift = Math.min(45, 29 - Math.getExponent(steepest));
    if (shift < 0 || !Double.isFinite(steepest)) {
      throw new StaysFloat("its branches are too large for fixed point");
    }
    Tensor parameters = Tensor.zeros(new TensorType(ElementType.INT64, Shape.of(channels, 3)));
    double unit = Math.scalb(1.0, shift);
    for (int c = 0; c < channels; c++) {
      double offset = (affine[c][1] + residual.codes().b()) / scale + 0.5 + zero - low;
      if (!(Math.abs(offset * unit) < 1L << 60)) {
        throw new StaysFloat("its offset " + offset + " is too large for fixed point");
      }
      parameters.setLong(3L * c, Math.round(affine[c][0] / scale * unit));
      parameters.setLong(3L * c + 1, Math.round(offset * unit));
      parameters.setLong(3L * c + 2, Math.round(residual.codes().a() / scale * unit));
    }
    Quantizer quantizer =
        Quantizer.uniform(PerChannel.of(scale), PerChannel.of(zero), low, op.high(), op.rounding());
    boolean exact = isExact(residual, quantizer, parameters, shift, high);
    // Half a unit of rounding in m and r, times what they are multiplied with.
    int precision = shift - 64 + Long.numberOfLeadingZeros(bound);
    if (!exact && proved) {
      throw new StaysFloat("no fixed point reproduces the sum of its branches at every tie");
    }
    Epilogue epilogue = new Epilogue.Requantize(shift, high);
    String output = emitter.fresh(node.output() + "@codes");
    emitter.residual(node, sum.value(), epilogue, parameters, residual.codes().value(), output);
    log.note(
        residual.addition(),
        "added inside the layer and requantized in fixed point, "
            + (exact
                ? "proved exact"
                : String.format(
                    Locale.ROOT, "equal to the formula but within 2^-%d of a tie", precision)));
    return new Fact.Raw(output, low, 1, high);
  }

  private static boolean isExact(
      Fact.Residual residual, Quantizer quantizer, Tensor parameters, int shift, int high) {
    Fact.Sum sum = residual.sum();
    Chain chain = sum.whole();
    for (int c = 0; c < sum.channels(); c++) {
      long m = parameters.getLong(3L * c);
      for (int r = 0; r <= residual.codes().high(); r++) {
        double added = residual.codes().a() * r + residual.codes().b();
        long rest = parameters.getLong(3L * c + 1) + parameters.getLong(3L * c + 2) * r;
        for (int k = 1; k <= high; k++) {
          long target = ((long) k << shift) - rest;
          // The integers on both sides of the point where m z reaches the target.
          long at = m == 0 ? 0 : Math.floorDiv(target, m);
          long[] sides =
              m == 0 ? new long[] {sum.low()[c], sum.high()[c]} : new long[] {at - 1, at, at + 1};
          for (long z : sides) {
            int inside = Math.clamp(z, sum.low()[c], sum.high()[c]);
            double value = chain.apply(inside, c) + added;
            double clamped = residual.relu() ? Math.max(value, 0) : value;
            if ((m * inside >= target) != (quantizer.code(clamped, c) >= k)) {
              return false;
            }
          }
        }
      }
    }
    return true;
  }
}
