package org.helu.compiler.onnx;

import java.util.Arrays;
import org.helu.runtime.op.OpException;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Shape;

/** Strides, dilations and pads of a convolution or pool, explicit or automatic. */
final class WindowReader {
  private final Attributes attributes;
  private final int[] kernel;
  private final Shape input;
  private final String autoPad;

  /**
   * @param kernel kernel size per spatial dimension: one or two
   * @param input NCHW or NCW shape
   */
  WindowReader(Attributes attributes, int[] kernel, Shape input) {
    this.attributes = attributes;
    this.kernel = kernel;
    this.input = input;
    this.autoPad = attributes.stringOr("auto_pad", "NOTSET");
  }

  /** Whether {@code auto_pad} sets the pads, so that the output size follows from the stride. */
  boolean isAutomatic() {
    return autoPad.startsWith("SAME");
  }

  /** The window; for one spatial dimension a window of height 1. */
  Window read() {
    int spatial = kernel.length;
    int[] strides = perDimension("strides");
    int[] dilations = perDimension("dilations");
    int[] pads = pads(strides, dilations);
    int last = spatial - 1;
    try {
      return new Window(
          spatial == 2 ? kernel[0] : 1,
          kernel[last],
          spatial == 2 ? strides[0] : 1,
          strides[last],
          spatial == 2 ? dilations[0] : 1,
          dilations[last],
          spatial == 2 ? pads[0] : 0,
          pads[last],
          spatial == 2 ? pads[2] : 0,
          pads[spatial + last]);
    } catch (OpException e) {
      throw NodeProblem.invalid(e.getMessage());
    }
  }

  private int[] perDimension(String name) {
    int[] values = attributes.ints(name);
    if (values == null || values.length == 0) {
      values = new int[kernel.length];
      Arrays.fill(values, 1);
    }
    requireLength(name, values, kernel.length);
    return values;
  }

  private static void requireLength(String name, int[] values, int length) {
    if (values.length != length) {
      throw NodeProblem.invalid(
          name + " " + Arrays.toString(values) + " has not " + length + " entries");
    }
  }

  private int[] pads(int[] strides, int[] dilations) {
    int[] pads = attributes.ints("pads");
    if (pads == null || pads.length == 0) {
      pads = new int[2 * kernel.length];
    }
    requireLength("pads", pads, 2 * kernel.length);
    if (autoPad.equals("NOTSET")) {
      return pads;
    }
    if (Arrays.stream(pads).anyMatch(pad -> pad != 0)) {
      throw NodeProblem.invalid("both auto_pad " + autoPad + " and pads are given");
    }
    switch (autoPad) {
      case "VALID" -> {}
      case "SAME_UPPER", "SAME_LOWER" -> {
        for (int i = 0; i < kernel.length; i++) {
          long total = samePads(input.dim(2 + i), kernel[i], strides[i], dilations[i]);
          int small = Math.toIntExact(total / 2);
          int large = Math.toIntExact(total - small);
          boolean upper = autoPad.equals("SAME_UPPER");
          pads[i] = upper ? small : large;
          pads[kernel.length + i] = upper ? large : small;
        }
      }
      default -> throw NodeProblem.invalid("auto_pad is '" + autoPad + "'");
    }
    return pads;
  }

  /** Pads that make the output {@code ceil(in / stride)} long. Source: ONNX <i>Conv</i>. */
  private static long samePads(int in, int kernel, int stride, int dilation) {
    if (stride < 1) {
      throw NodeProblem.invalid("stride must be at least 1, found " + stride);
    }
    long out = ((long) in + stride - 1) / stride;
    long extent = (long) dilation * (kernel - 1L) + 1;
    return Math.clamp((out - 1) * stride + extent - in, 0, 1 << 16);
  }
}
