package org.helu.device.tornado.fpga;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.helu.runtime.op.Window;

/** The loops over the taps of a window, with the pixel that each reads. */
record Taps(Window window, int inH, int inW, int outH, int outW) {
  /**
   * A tap.
   *
   * @param number in the window, row-major
   * @param ih row of the image that is read
   * @param iw column of the image that is read
   * @param pixel index of the pixel that is read, or of another where the tap lies outside
   * @param inside name of what tells whether the tap lies in the image, or null where all do
   */
  record Tap(String number, String ih, String iw, String pixel, String inside) {
    /** What is read, or {@code outside} where the tap lies outside of the image. */
    String select(String read, String outside) {
      return inside == null ? read : "%s ? %s : %s".formatted(inside, read, outside);
    }
  }

  /** Loops over the taps of the output pixel {@code (oh, ow)}. */
  void loop(SourceWriter out, String oh, String ow, Consumer<Tap> body) {
    out.loop(
        "kh",
        window.kernelH(),
        kh -> out.loop("kw", window.kernelW(), kw -> body.accept(tap(out, oh, ow, kh, kw))));
  }

  private Tap tap(SourceWriter out, String oh, String ow, String kh, String kw) {
    Window w = window;
    String ih = position(oh, w.strideH(), kh, w.dilationH(), w.padTop());
    String iw = position(ow, w.strideW(), kw, w.dilationW(), w.padLeft());
    List<String> conditions = new ArrayList<>();
    if (w.padTop() > 0 || lastH() >= inH) {
      ih = named(out, "ih", ih);
      conditions.add("%1$s >= 0 && %1$s < %2$d".formatted(ih, inH));
    }
    if (w.padLeft() > 0 || lastW() >= inW) {
      iw = named(out, "iw", iw);
      conditions.add("%1$s >= 0 && %1$s < %2$d".formatted(iw, inW));
    }
    String pixel = Expr.rowMajor(List.of(ih, iw), new int[] {inH, inW});
    String number = Expr.sum(Expr.times(kh, w.kernelW()), kw);
    if (conditions.isEmpty()) {
      return new Tap(number, ih, iw, pixel, null);
    }
    out.line("const int inside = %s;", String.join(" && ", conditions));
    // A tap outside reads some pixel too: no memory access depends on a condition.
    out.line("const int pixel = inside ? %s : 0;", pixel);
    return new Tap(number, ih, iw, "pixel", "inside");
  }

  private static String named(SourceWriter out, String name, String expression) {
    out.line("const int %s = %s;", name, expression);
    return name;
  }

  /** Whether a tap lies in the image or its padding, or null where all do. */
  String declared(Tap tap) {
    List<String> conditions = new ArrayList<>();
    if (lastH() >= inH + window.padBottom()) {
      conditions.add("%s < %d".formatted(tap.ih(), inH + window.padBottom()));
    }
    if (lastW() >= inW + window.padRight()) {
      conditions.add("%s < %d".formatted(tap.iw(), inW + window.padRight()));
    }
    return conditions.isEmpty() ? null : String.join(" && ", conditions);
  }

  private static String position(String output, int stride, String tap, int dilation, int pad) {
    return Expr.sum(Expr.times(output, stride), Expr.times(tap, dilation), Integer.toString(-pad));
  }

  /** The last row that a tap reads. */
  private int lastH() {
    int tap = (window.kernelH() - 1) * window.dilationH();
    return (outH - 1) * window.strideH() + tap - window.padTop();
  }

  /** The last column that a tap reads. */
  private int lastW() {
    int tap = (window.kernelW() - 1) * window.dilationW();
    return (outW - 1) * window.strideW() + tap - window.padLeft();
  }
}
