package org.helu.runtime.op;

/**
 * The sliding window of a 2-D convolution or pool, in elements.
 *
 * <p>Output size per axis: {@code floor((in + padBefore + padAfter - dilation*(kernel-1) - 1) /
 * stride) + 1} (ONNX, <i>Conv</i>).
 */
public record Window(
    int kernelH,
    int kernelW,
    int strideH,
    int strideW,
    int dilationH,
    int dilationW,
    int padTop,
    int padLeft,
    int padBottom,
    int padRight) {

  public Window {
    requireRange("kernel", kernelH, 1);
    requireRange("kernel", kernelW, 1);
    requireRange("stride", strideH, 1);
    requireRange("stride", strideW, 1);
    requireRange("dilation", dilationH, 1);
    requireRange("dilation", dilationW, 1);
    requireRange("pad", padTop, 0);
    requireRange("pad", padLeft, 0);
    requireRange("pad", padBottom, 0);
    requireRange("pad", padRight, 0);
  }

  /** A window without dilation and padding, stride 1. */
  public static Window ofKernel(int kernelH, int kernelW) {
    return new Window(kernelH, kernelW, 1, 1, 1, 1, 0, 0, 0, 0);
  }

  private static void requireRange(String what, int value, int min) {
    // The upper bound keeps every index product within int.
    if (value < min || value > 1 << 16) {
      throw new OpException(what + " must be in " + min + "..65536, found " + value);
    }
  }

  /** Output height for an input height, rounding down. */
  public int outH(int inH) {
    return out(inH, padTop + padBottom, kernelH, strideH, dilationH);
  }

  /** Output width for an input width, rounding down. */
  public int outW(int inW) {
    return out(inW, padLeft + padRight, kernelW, strideW, dilationW);
  }

  /** Taps per output: kernel height × width. */
  public int taps() {
    return kernelH * kernelW;
  }

  /** Whether this is a 1×1 kernel with stride 1 and no padding: a dense layer over pixels. */
  public boolean isPointwise() {
    return taps() == 1
        && strideH == 1
        && strideW == 1
        && padTop + padLeft + padBottom + padRight == 0;
  }

  /**
   * Whether devices may compute a convolution of one group by minimal filtering, F(2x2, 3x3): a 3×3
   * kernel with stride and dilation 1. Its rounding errors have a bound of their own, see
   * docs/numerics.md.
   */
  public boolean allowsMinimalFiltering() {
    return kernelH == 3
        && kernelW == 3
        && strideH == 1
        && strideW == 1
        && dilationH == 1
        && dilationW == 1;
  }

  private static int out(int in, int pads, int kernel, int stride, int dilation) {
    long extent = (long) dilation * (kernel - 1) + 1;
    long room = (long) in + pads - extent;
    if (room < 0) {
      throw new OpException(
          "the window spans " + extent + " elements, the padded input has " + ((long) in + pads));
    }
    return Math.toIntExact(room / stride + 1);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append("kernel=").append(kernelH).append('x').append(kernelW);
    if (strideH != 1 || strideW != 1) {
      text.append(" stride=").append(strideH).append('x').append(strideW);
    }
    if (dilationH != 1 || dilationW != 1) {
      text.append(" dilation=").append(dilationH).append('x').append(dilationW);
    }
    if (padTop + padLeft + padBottom + padRight != 0) {
      text.append(" pad=").append(padTop).append(',').append(padLeft);
      text.append(',').append(padBottom).append(',').append(padRight);
    }
    return text.toString();
  }
}
