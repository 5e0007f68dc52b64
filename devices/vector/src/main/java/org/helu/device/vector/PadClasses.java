package org.helu.device.vector;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.op.Window;

/**
 * Output pixels by which taps of their windows lie outside of the image. Pixels of a class need the
 * same correction for padding; there are few classes, since lines and columns fall into few by
 * themselves.
 */
final class PadClasses {
  private final int[] lineClasses;
  private final int[] pixelClasses;
  private final List<int[]> lineTaps = new ArrayList<>();
  private final List<int[]> pixelTaps = new ArrayList<>();

  /**
   * @param one whether padding needs no correction, so that all pixels are alike
   */
  PadClasses(Window w, int inH, int inW, int outH, int outW, boolean one) {
    lineClasses =
        classes(lineTaps, outH, inH, w.strideH(), w.padTop(), w.dilationH(), w.kernelH(), one);
    pixelClasses =
        classes(pixelTaps, outW, inW, w.strideW(), w.padLeft(), w.dilationW(), w.kernelW(), one);
  }

  private static int[] classes(
      List<int[]> taps,
      int outs,
      int ins,
      int stride,
      int pad,
      int dilation,
      int kernel,
      boolean one) {
    int[] classes = new int[outs];
    for (int i = 0; i < outs; i++) {
      int start = i * stride - pad;
      int from = 0;
      int to = kernel;
      for (; !one && from < kernel && start + from * dilation < 0; from++) {}
      for (; !one && to > from && start + (to - 1) * dilation >= ins; to--) {}
      int found = 0;
      while (found < taps.size() && (taps.get(found)[0] != from || taps.get(found)[1] != to)) {
        found++;
      }
      if (found == taps.size()) {
        taps.add(new int[] {from, to});
      }
      classes[i] = found;
    }
    return classes;
  }

  /** Number of classes. */
  int count() {
    return lineTaps.size() * pixelTaps.size();
  }

  /** The class of a pixel. */
  int of(int line, int pixel) {
    return lineClasses[line] * pixelTaps.size() + pixelClasses[pixel];
  }

  /** Whether a tap lies inside of the image for pixels of a class. */
  boolean isInside(int which, int kh, int kw) {
    int[] h = lineTaps.get(which / pixelTaps.size());
    int[] w = pixelTaps.get(which % pixelTaps.size());
    return kh >= h[0] && kh < h[1] && kw >= w[0] && kw < w[1];
  }
}
