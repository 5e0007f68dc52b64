package org.helu.device.rtl.design;

import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.Window;

/** Small questions about windows. */
final class Windows {
  private Windows() {}

  /** Whether the one window is the whole image: then the convolution is a dense layer. */
  static boolean wholeImage(IntegerOp.IntegerConv2d conv, Stream in) {
    Window window = conv.window();
    return window.kernelH() == in.height()
        && window.kernelW() == in.width()
        && !hasPadding(window)
        && window.outH(in.height()) == 1
        && window.outW(in.width()) == 1;
  }

  static boolean hasPadding(Window window) {
    return window.padTop() + window.padLeft() + window.padBottom() + window.padRight() > 0;
  }

  /** Least power of two of rows that hold a window and the next stride. */
  static int ringRows(Window window) {
    int rows = window.dilationH() * (window.kernelH() - 1) + 1 + window.strideH();
    return Integer.highestOneBit(rows - 1) << 1;
  }
}
