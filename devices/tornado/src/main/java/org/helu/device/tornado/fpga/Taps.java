package org.helu.device.tornado.fpga;

import java.util.List;
import org.helu.runtime.op.Window;

/** The loops over the taps of a window, with the pixel that each reads. */
record Taps(Window window, int inH, int inW, int outH, int outW) {
  /** What is done at a tap. */
  interface Body {
    /**
     * Writes it.
     *
     * @param pixel index of the pixel that is read
     * @param inside name of what tells whether that pixel lies in the image, or null where all do
     * @param tap number of the tap
     */
    void at(String pixel, String inside, String tap);
  }

  /** Loops over the taps of the output pixel {@code (oh, ow)}. */
  void loop(SourceWriter out, String oh, String ow, Body body) {
    Window w = window;
    out.loop(
        "kh",
        w.kernelH(),
        kh ->
            out.loop(
                "kw",
                w.kernelW(),
                kw -> {
                  String ih = position(oh, w.strideH(), kh, w.dilationH(), w.padTop());
                  String iw = position(ow, w.strideW(), kw, w.dilationW(), w.padLeft());
                  String tap = Expr.sum(Expr.times(kh, w.kernelW()), kw);
                  if (isInside()) {
                    body.at(pixel(ih, iw), null, tap);
                    return;
                  }
                  out.line("const int ih = %s;", ih);
                  out.line("const int iw = %s;", iw);
                  out.line(
                      "const int inside = ih >= 0 && ih < %d && iw >= 0 && iw < %d;", inH, inW);
                  // A tap outside reads some pixel too: no memory access depends on a condition.
                  out.line("const int pixel = inside ? %s : 0;", pixel("ih", "iw"));
                  body.at("pixel", "inside", tap);
                }));
  }

  private String pixel(String ih, String iw) {
    return Expr.rowMajor(List.of(ih, iw), new int[] {inH, inW});
  }

  private static String position(String output, int stride, String tap, int dilation, int pad) {
    return Expr.sum(Expr.times(output, stride), Expr.times(tap, dilation), Integer.toString(-pad));
  }

  /** What a tap reads, or {@code outside} where it lies outside of the image. */
  static String select(String inside, String read, String outside) {
    return inside == null ? read : "%s ? %s : %s".formatted(inside, read, outside);
  }

  /** Whether no tap leaves the image. */
  boolean isInside() {
    Window w = window;
    int lastH = (outH - 1) * w.strideH() + (w.kernelH() - 1) * w.dilationH() - w.padTop();
    int lastW = (outW - 1) * w.strideW() + (w.kernelW() - 1) * w.dilationW() - w.padLeft();
    return w.padTop() == 0 && w.padLeft() == 0 && lastH < inH && lastW < inW;
  }
}
