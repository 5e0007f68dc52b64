package org.helu.device.vector.kernel;

import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Tensor;

/** Windows that keep channels apart: pools and depthwise convolution, vectorised over channels. */
public final class WindowKernels {
  private WindowKernels() {}

  /** Pools output lines {@code lineFrom..lineTo-1}, counted over all images. */
  public static void pool(
      MemorySegment m,
      PoolKind kind,
      Window w,
      long x,
      int inH,
      int inW,
      int channels,
      long y,
      int outH,
      int outW,
      long lineFrom,
      long lineTo) {
    long pixelBytes = channels * 4L;
    for (long line = lineFrom; line < lineTo; line++) {
      long image = x + line / outH * inH * inW * pixelBytes;
      int top = (int) (line % outH) * w.strideH() - w.padTop();
      int khFrom = firstTap(top, w.dilationH());
      int khTo = lastTap(top, w.dilationH(), w.kernelH(), inH);
      int paddedH = lastTap(top, w.dilationH(), w.kernelH(), inH + w.padBottom());
      for (int ow = 0; ow < outW; ow++) {
        int left = ow * w.strideW() - w.padLeft();
        int kwFrom = firstTap(left, w.dilationW());
        int kwTo = lastTap(left, w.dilationW(), w.kernelW(), inW);
        int paddedW = lastTap(left, w.dilationW(), w.kernelW(), inW + w.padRight());
        // The window's taps inside the image are an evenly spaced grid.
        int countH = Math.max(0, khTo - khFrom);
        int countW = Math.max(0, kwTo - kwFrom);
        int firstLine = top + khFrom * w.dilationH();
        int firstPixel = left + kwFrom * w.dilationW();
        long first = image + ((long) firstLine * inW + firstPixel) * pixelBytes;
        long stepH = w.dilationH() * (long) inW * pixelBytes;
        long stepW = w.dilationW() * pixelBytes;
        long to = y + (line * outW + ow) * pixelBytes;
        if (kind == PoolKind.MAX) {
          max(m, first, stepH, countH, stepW, countW, channels, to);
        } else {
          int terms = kind == PoolKind.AVERAGE ? countH * countW : paddedH * paddedW;
          average(m, first, stepH, countH, stepW, countW, channels, terms, to);
        }
      }
    }
  }

  /** First tap that is not before 0. */
  static int firstTap(int start, int dilation) {
    return start >= 0 ? 0 : (-start + dilation - 1) / dilation;
  }

  /** Behind the last tap that is before {@code size}. */
  static int lastTap(int start, int dilation, int taps, int size) {
    int room = size - start;
    return room <= 0 ? 0 : Math.min(taps, (room + dilation - 1) / dilation);
  }

  private static void max(
      MemorySegment m,
      long x,
      long stepH,
      int countH,
      long stepW,
      int countW,
      int channels,
      long y) {
    // One loop: C2 boxed a vector that two loops carry in some processes.
    int taps = Math.max(0, countH) * Math.max(0, countW);
    long nextLine = stepH - countW * stepW;
    int c = 0;
    for (; c + Simd.LANES <= channels; c += Simd.LANES) {
      FloatVector best = FloatVector.broadcast(Simd.SPECIES, Float.NEGATIVE_INFINITY);
      long at = x + c * 4L;
      for (int tap = 0, w = 0; tap < taps; tap++) {
        best = best.max(FloatVector.fromMemorySegment(Simd.SPECIES, m, at, LITTLE_ENDIAN));
        at += stepW;
        if (++w == countW) {
          w = 0;
          at += nextLine;
        }
      }
      best.intoMemorySegment(m, y + c * 4L, LITTLE_ENDIAN);
    }
    for (; c < channels; c++) {
      float best = Float.NEGATIVE_INFINITY;
      for (int h = 0; h < countH; h++) {
        long at = x + h * stepH + c * 4L;
        for (int w = 0; w < countW; w++) {
          best = Math.max(best, m.get(Tensor.FLOAT, at));
          at += stepW;
        }
      }
      m.set(Tensor.FLOAT, y + c * 4L, best);
    }
  }

  private static void average(
      MemorySegment m,
      long x,
      long stepH,
      int countH,
      long stepW,
      int countW,
      int channels,
      int terms,
      long y) {
    // One loop: C2 boxed a vector that two loops carry in some processes.
    int taps = Math.max(0, countH) * Math.max(0, countW);
    long nextLine = stepH - countW * stepW;
    int c = 0;
    for (; c + Simd.LANES <= channels; c += Simd.LANES) {
      FloatVector sum = FloatVector.broadcast(Simd.SPECIES, 0f);
      long at = x + c * 4L;
      for (int tap = 0, w = 0; tap < taps; tap++) {
        sum = sum.add(FloatVector.fromMemorySegment(Simd.SPECIES, m, at, LITTLE_ENDIAN));
        at += stepW;
        if (++w == countW) {
          w = 0;
          at += nextLine;
        }
      }
      sum.div(FloatVector.broadcast(Simd.SPECIES, (float) terms))
          .intoMemorySegment(m, y + c * 4L, LITTLE_ENDIAN);
    }
    for (; c < channels; c++) {
      float sum = 0;
      for (int h = 0; h < countH; h++) {
        long at = x + h * stepH + c * 4L;
        for (int w = 0; w < countW; w++) {
          sum += m.get(Tensor.FLOAT, at);
          at += stepW;
        }
      }
      m.set(Tensor.FLOAT, y + c * 4L, sum / terms);
    }
  }

  /**
   * Depthwise convolution of a frame whose channels fill whole vectors.
   *
   * @param taps byte offset of the bias and then of one row of {@code frameChannels} weights per
   *     tap
   * @param tapShifts byte offset of each tap from a window's first pixel
   * @param x byte offset of the frame
   * @param channels channels stored, at most {@code frameChannels}
   * @param scratch byte offset of one vector for this caller alone
   */
  public static void depthwise(
      MemorySegment w,
      long taps,
      long[] tapShifts,
      MemorySegment m,
      Rows rows,
      long rowFrom,
      long rowTo,
      long x,
      int frameChannels,
      long y,
      int channels,
      long residual,
      boolean gate,
      long scratch,
      long[] offset) {
    long weightRow = frameChannels * 4L;
    for (long row = rowFrom; row < rowTo; row++) {
      rows.offsets(x, row, 1, offset);
      long from = offset[0];
      long to = row * channels * 4L;
      for (int c = 0; c < channels; c += Simd.LANES) {
        long shift = c * 4L;
        FloatVector sum =
            FloatVector.fromMemorySegment(Simd.SPECIES, w, taps + shift, LITTLE_ENDIAN);
        long weight = taps + weightRow + shift;
        for (int tap = 0; tap < tapShifts.length; tap++) {
          FloatVector a =
              FloatVector.fromMemorySegment(
                  Simd.SPECIES, m, from + tapShifts[tap] + shift, LITTLE_ENDIAN);
          FloatVector b = FloatVector.fromMemorySegment(Simd.SPECIES, w, weight, LITTLE_ENDIAN);
          sum = Simd.FMA ? a.fma(b, sum) : a.mul(b).add(sum);
          weight += weightRow;
        }
        boolean partial = c + Simd.LANES > channels;
        long at = to + shift;
        sum.intoMemorySegment(m, partial ? scratch : y + at, LITTLE_ENDIAN);
        MatrixKernels.finish(
            m,
            scratch,
            y + at,
            Math.min(Simd.LANES, channels - c),
            partial,
            residual < 0 ? -1 : residual + at,
            gate);
      }
    }
  }
}
