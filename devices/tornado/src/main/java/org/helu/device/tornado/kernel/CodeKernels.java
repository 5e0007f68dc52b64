package org.helu.device.tornado.kernel;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** Integer layers on codes of one int each, and the epilogues that stand alone. */
public final class CodeKernels {
  private CodeKernels() {}

  /**
   * Convolution of any kind, depthwise ones included: {@code w [kH,kW,C/groups,O]}; {@code g} as in
   * {@link BitKernels}, whose places 14 to 16 are not read.
   */
  public static void heluCodesToInts(
      IntArray x,
      IntArray w,
      IntArray thresholds,
      LongArray multipliers,
      IntArray residual,
      IntArray y,
      IntArray batch,
      IntArray g,
      int maxBatch,
      int pixels,
      int outputs,
      int kind) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < pixels * outputs; i++) {
        if (n < batch.get(0)) {
          int o = i % outputs;
          int pixel = i / outputs;
          int inH = g.get(0);
          int inW = g.get(1);
          int inC = g.get(2);
          int top = pixel / g.get(3) * g.get(6) - g.get(10);
          int left = pixel % g.get(3) * g.get(7) - g.get(11);
          int kH = g.get(4);
          int kW = g.get(5);
          int groupIn = g.get(12);
          int first = o / g.get(13) * groupIn;
          int scale = g.get(17);
          int zero = g.get(18);
          int border = g.get(19);
          int sum = 0;
          for (int kh = 0; kh < kH; kh++) {
            int ih = top + kh * g.get(8);
            for (int kw = 0; kw < kW; kw++) {
              int iw = left + kw * g.get(9);
              int weight = (kh * kW + kw) * groupIn * outputs + o;
              // Both kinds of taps in one expression: of an else branch TornadoVM made a wrong sum.
              int inside = ih >= 0 && ih < inH && iw >= 0 && iw < inW ? 1 : 0;
              int from = inside * ((n * inH + ih) * inW + iw) * inC + first;
              int factor = inside * scale;
              int offset = inside * zero - (1 - inside) * border;
              for (int c = 0; c < groupIn; c++) {
                sum = sum + (factor * x.get(from + c) - offset) * w.get(weight + c * outputs);
              }
            }
          }
          int at = n * pixels * outputs + i;
          y.set(at, CodeFunctions.stored(sum, thresholds, multipliers, residual, g, o, at, kind));
        }
      }
    }
  }

  /** An integer epilogue alone; {@code g} as in {@link BitKernels}, of which 20 to 22 are read. */
  public static void heluConvertInts(
      IntArray x,
      IntArray thresholds,
      LongArray multipliers,
      IntArray y,
      IntArray batch,
      IntArray g,
      int maxBatch,
      int size,
      int channels,
      int kind) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          int at = n * size + i;
          int z = x.get(at);
          y.set(at, CodeFunctions.stored(z, thresholds, multipliers, x, g, i % channels, at, kind));
        }
      }
    }
  }

  /** {@code y = x * scale + shift}, behind a gate if {@code gate}; {@code rows} is 0 or 1. */
  public static void heluAffine(
      IntArray x,
      FloatArray parameters,
      FloatArray y,
      IntArray batch,
      int maxBatch,
      int size,
      int channels,
      int rows,
      int gate) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          int row = i % channels * rows * 2;
          float product = (float) x.get(n * size + i) * parameters.get(row);
          float z = product + parameters.get(row + 1);
          y.set(n * size + i, gate == 0 ? z : MatrixKernels.gated(z));
        }
      }
    }
  }

  /** Codes of floats by thresholds; a NaN reaches none. */
  public static void heluFloatThreshold(
      FloatArray x,
      FloatArray thresholds,
      IntArray y,
      IntArray batch,
      int maxBatch,
      int size,
      int channels,
      int rows,
      int steps) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          int from = i % channels * rows * (steps + 1);
          float value = x.get(n * size + i) * thresholds.get(from);
          int code = 0;
          for (int t = 1; t <= steps; t++) {
            float threshold = thresholds.get(from + t);
            // Not `value >= threshold`: TornadoVM's code for it answers true for NaN.
            code = code + (value > threshold || value == threshold ? 1 : 0);
          }
          y.set(n * size + i, code);
        }
      }
    }
  }

  /**
   * {@code clamp(round(x / scale) + zero, 0, high)}. A quotient of floats formed in double and
   * rounded to float is the float quotient on every device, also where float division is not
   * correctly rounded.
   */
  public static void heluQuantize(
      FloatArray x,
      IntArray y,
      IntArray batch,
      int maxBatch,
      int size,
      float scale,
      int zero,
      int high) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          double exact = (double) x.get(n * size + i) / (double) scale;
          float quotient = (float) exact;
          float finite = quotient == quotient ? quotient : 0f;
          float limited = finite < -512f ? -512f : finite > 512f ? 512f : finite;
          int code = (int) FloatFunctions.round(limited) + zero;
          int above = code < 0 ? 0 : code;
          y.set(n * size + i, above > high ? high : above);
        }
      }
    }
  }

  /** Max pool of codes or sums, at least {@code least}; {@code g} as of the float pool. */
  public static void heluIntPool(
      IntArray x,
      IntArray y,
      IntArray batch,
      IntArray g,
      int maxBatch,
      int pixels,
      int channels,
      int least) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < pixels * channels; i++) {
        if (n < batch.get(0)) {
          int pixel = i / channels;
          int inH = g.get(0);
          int inW = g.get(1);
          int top = pixel / g.get(2) * g.get(5) - g.get(9);
          int left = pixel % g.get(2) * g.get(6) - g.get(10);
          int kH = g.get(3);
          int kW = g.get(4);
          int greatest = least;
          for (int kh = 0; kh < kH; kh++) {
            int ih = top + kh * g.get(7);
            for (int kw = 0; kw < kW; kw++) {
              int iw = left + kw * g.get(8);
              if (ih >= 0 && ih < inH && iw >= 0 && iw < inW) {
                int value = x.get(((n * inH + ih) * inW + iw) * channels + i % channels);
                greatest = value > greatest ? value : greatest;
              }
            }
          }
          y.set(n * pixels * channels + i, greatest);
        }
      }
    }
  }
}
