package org.helu.device.tornado.kernel;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * Integer layers on bit planes. The array {@code g} of a layer holds inH, inW, inC, outW, kH, kW,
 * strideH, strideW, dilationH, dilationW, padTop, padLeft, input channels per group, output
 * channels per group, planes of x, planes of the weights, words of a plane, then the codes' step,
 * zero and pad, then the epilogue's steps, highest code, and 1 if its parameters are per channel.
 */
public final class BitKernels {
  private BitKernels() {}

  /** Convolution over planes, whose codes or sums are stored as ints. */
  public static void heluPlanesToInts(
      LongArray x,
      LongArray w,
      IntArray tapSums,
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
          int at = n * pixels * outputs + i;
          int sum = CodeFunctions.planesSum(x, w, tapSums, g, n, i / outputs, o);
          y.set(at, CodeFunctions.stored(sum, thresholds, multipliers, residual, g, o, at, kind));
        }
      }
    }
  }

  /** Convolution over planes, whose bits by one threshold are stored as words. */
  public static void heluPlanesToBits(
      LongArray x,
      LongArray w,
      IntArray tapSums,
      IntArray thresholds,
      LongArray y,
      IntArray batch,
      IntArray g,
      int maxBatch,
      int pixels,
      int outputs,
      int outWords) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < pixels * outWords; i++) {
        if (n < batch.get(0)) {
          int first = i % outWords * 64;
          int left = outputs - first;
          int count = left < 64 ? left : 64;
          long bits = 0L;
          for (int c = 0; c < count; c++) {
            int o = first + c;
            int sum = CodeFunctions.planesSum(x, w, tapSums, g, n, i / outWords, o);
            int row = g.get(22) * o * 2;
            long bit = thresholds.get(row) * sum >= thresholds.get(row + 1) ? 1L : 0L;
            bits = bits | (bit << c);
          }
          y.set(n * pixels * outWords + i, bits);
        }
      }
    }
  }

  /** Codes to planes: {@code x [rows,C]} to {@code y [rows,planes,words]}, per sample. */
  public static void heluPack(
      IntArray x, LongArray y, IntArray batch, int maxBatch, int rows, int channels, int planes) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < rows * planes * ((channels + 63) / 64); i++) {
        if (n < batch.get(0)) {
          int words = (channels + 63) / 64;
          int row = i / (planes * words);
          int mask = 1 << (i / words % planes);
          int first = i % words * 64;
          int left = channels - first;
          int count = left < 64 ? left : 64;
          int from = (n * rows + row) * channels + first;
          long bits = 0L;
          for (int c = 0; c < count; c++) {
            long bit = (x.get(from + c) & mask) != 0 ? 1L : 0L;
            bits = bits | (bit << c);
          }
          y.set(n * rows * planes * words + i, bits);
        }
      }
    }
  }

  /** Planes to codes: {@code x [rows,planes,words]} to {@code y [rows,C]}, per sample. */
  public static void heluUnpack(
      LongArray x, IntArray y, IntArray batch, int maxBatch, int rows, int channels, int planes) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < rows * channels; i++) {
        if (n < batch.get(0)) {
          int words = (channels + 63) / 64;
          int c = i % channels;
          int from = (n * rows + i / channels) * planes * words + c / 64;
          long mask = 1L << (c % 64);
          int code = 0;
          for (int p = 0; p < planes; p++) {
            code = code + ((x.get(from + p * words) & mask) != 0L ? 1 << p : 0);
          }
          y.set(n * rows * channels + i, code);
        }
      }
    }
  }

  /** Max pool of bits: OR over the window, word by word; {@code g} as of the float pool. */
  public static void heluBitPool(
      LongArray x, LongArray y, IntArray batch, IntArray g, int maxBatch, int pixels, int words) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < pixels * words; i++) {
        if (n < batch.get(0)) {
          int pixel = i / words;
          int inH = g.get(0);
          int inW = g.get(1);
          int top = pixel / g.get(2) * g.get(5) - g.get(9);
          int left = pixel % g.get(2) * g.get(6) - g.get(10);
          int kH = g.get(3);
          int kW = g.get(4);
          long bits = 0L;
          for (int kh = 0; kh < kH; kh++) {
            int ih = top + kh * g.get(7);
            for (int kw = 0; kw < kW; kw++) {
              int iw = left + kw * g.get(8);
              if (ih >= 0 && ih < inH && iw >= 0 && iw < inW) {
                bits = bits | x.get(((n * inH + ih) * inW + iw) * words + i % words);
              }
            }
          }
          y.set(n * pixels * words + i, bits);
        }
      }
    }
  }
}
