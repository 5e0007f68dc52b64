package org.helu.device.rtl.design;

import org.helu.runtime.HeluException;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.Epilogue;

/**
 * The integers of a matrix layer as helu_mac computes them: {@code z = scale * sum + offset[o]}.
 *
 * <p>Rows whose threshold compares the other way round ({@code sign} -1) are negated here, so that
 * hardware only asks {@code >=}.
 */
final class MatrixNumbers {
  final int xBits;
  final boolean oneBit;

  /** Code of padding, where a code can stand for it. */
  final int padCode;

  /** Lanes are summed in pairs, see helu_pairs. */
  final boolean paired;

  /** Padding is halfway between the two codes of a bit. */
  final boolean half;

  final int[][] weights;
  final int weightBits;
  final int scale;
  final long[] offsets;

  /** Bounds of every sum. */
  final long low;

  final long high;

  /**
   * @param simd inputs at a time
   */
  MatrixNumbers(Layer.Matrix layer, int simd) {
    this.xBits = layer.in().bits();
    this.oneBit = layer.oneBit();
    this.paired = oneBit && xBits > 1 && simd > 1;
    this.weights = negated(layer);
    Codes codes = layer.codes();
    boolean padded = layer.window() != null && Windows.hasPadding(layer.window());
    int most = (1 << xBits) - 1;
    int doubled = 2 * (codes.pad() + codes.zero());
    boolean isCode = doubled % (2 * codes.step()) == 0 && doubled / 2 / codes.step() <= most;
    this.half = oneBit && padded && !isCode;
    if (half && (xBits != 1 || doubled != codes.step())) {
      throw HeluException.unsupported(
          "rtl/design",
          layer.node().label()
              + ": padding of value "
              + codes.pad()
              + " is between the values of codes (step "
              + codes.step()
              + ", zero "
              + codes.zero()
              + ")",
          "train with padding that a code stands for");
    }
    this.padCode = padded && oneBit && !half ? doubled / 2 / codes.step() : 0;
    int synapses = layer.synapses();
    this.offsets = new long[weights.length];
    if (oneBit) {
      this.weightBits = 1;
      this.scale = half ? 1 : codes.step();
      int mostMore = 0;
      for (int o = 0; o < weights.length; o++) {
        long sum = 0;
        for (int w : weights[o]) {
          sum += w;
        }
        long negative = (synapses - sum) / 2;
        int more = paired ? pairsThatCountOneMore(weights[o], simd) : 0;
        mostMore = Math.max(mostMore, more);
        offsets[o] =
            half ? -synapses : -(long) codes.step() * (most * negative + more) - codes.zero() * sum;
      }
      this.low = 0;
      this.high = half ? 2L * synapses : (long) most * synapses + mostMore;
    } else {
      this.scale = 1;
      long least = Math.min(codes.value(0), padded ? codes.pad() : 0);
      long greatest = Math.max(codes.value(most), padded ? codes.pad() : 0);
      long from = 0;
      long to = 0;
      int minWeight = 0;
      int maxWeight = 0;
      for (int[] row : weights) {
        long rowLow = 0;
        long rowHigh = 0;
        for (int w : row) {
          rowLow += Math.min(w * least, w * greatest);
          rowHigh += Math.max(w * least, w * greatest);
          minWeight = Math.min(minWeight, w);
          maxWeight = Math.max(maxWeight, w);
        }
        from = Math.min(from, rowLow);
        to = Math.max(to, rowHigh);
      }
      this.weightBits = Bits.signed(minWeight, maxWeight);
      this.low = from;
      this.high = to;
    }
  }

  private static int pairsThatCountOneMore(int[] row, int simd) {
    int count = 0;
    for (int beat = 0; beat < row.length; beat += simd) {
      for (int lane = 0; lane + 1 < simd; lane += 2) {
        count += row[beat + lane] < 0 ? 1 : 0;
      }
    }
    return count;
  }

  private static int[][] negated(Layer.Matrix layer) {
    int[][] rows = new int[layer.weights().length][];
    for (int o = 0; o < rows.length; o++) {
      rows[o] = layer.weights()[o].clone();
      if (layer.epilogue() instanceof Epilogue.Threshold
          && Parameters.get(layer.parameters(), o, 0) < 0) {
        for (int k = 0; k < rows[o].length; k++) {
          rows[o][k] = -rows[o][k];
        }
      }
    }
    return rows;
  }

  /** Bits of a sum, and of the number one above all sums. */
  int sumBits() {
    return oneBit ? Bits.unsigned(high + 1) : Bits.signed(low, high + 1);
  }

  /** The least sum at which {@code z >= threshold}, within one above all sums. */
  long threshold(int o, long threshold) {
    long least = Math.ceilDiv(threshold - offsets[o], scale);
    return Math.clamp(least, low, high + 1);
  }
}
