package org.helu.device.tornado.fpga;

import java.util.List;
import java.util.function.BiConsumer;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.ElementType;

/** Pools: maxima of bits a word at a time, all others an element at a time. */
final class PoolWriter {
  private final Layer layer;
  private final DeviceOp.Pool2d op;
  private final SourceWriter out;
  private final int inH;
  private final int inW;

  private PoolWriter(Layer layer, DeviceOp.Pool2d op) {
    this.layer = layer;
    this.op = op;
    this.out = layer.out();
    int[] in = layer.x().dims();
    this.inH = in[in.length - 3];
    this.inW = in[in.length - 2];
  }

  static void write(Layer layer, DeviceOp.Pool2d op) {
    PoolWriter writer = new PoolWriter(layer, op);
    if (layer.x().isPacked() && layer.x().planes() == 1) {
      writer.words();
    } else {
      writer.elements();
    }
  }

  /** Of bits the maximum is OR. */
  private void words() {
    Value x = layer.x();
    Value y = layer.y();
    pixels(
        (oh, ow) ->
            out.loop(
                "word",
                y.words(),
                word -> {
                  out.line("%s most = 0;", y.cType());
                  taps()
                      .loop(
                          out,
                          oh,
                          ow,
                          (pixel, inside, _) -> {
                            String read = x.array() + "[" + x.word(pixel, 0, word) + "]";
                            out.line("const %s read = %s;", y.cType(), read);
                            out.line("most |= %s;", Taps.select(inside, "read", Expr.ZERO));
                          });
                  out.line("%s[%s] = most;", y.array(), y.word(row(oh, ow), 0, word));
                }));
  }

  private void elements() {
    Sink sink = new Sink(layer.y());
    pixels(
        (oh, ow) -> {
          String row = row(oh, ow);
          sink.begin(out);
          out.loop(
              "c",
              layer.y().last(),
              c -> {
                String result = op.kind() == PoolKind.MAX ? most(oh, ow, c) : mean(oh, ow, c);
                sink.put(out, row, c, result);
                sink.flush(out, row, c, 1);
              });
        });
  }

  private String most(String oh, String ow, String c) {
    Value x = layer.x();
    String least =
        x.isFloat()
            ? "-INFINITY"
            : x.element() == ElementType.INT32 ? Expr.literal(Integer.MIN_VALUE) : Expr.ZERO;
    String type = x.computedType();
    out.line("%s most = %s;", type, least);
    taps()
        .loop(
            out,
            oh,
            ow,
            (pixel, inside, _) -> {
              out.line("const %s read = %s;", type, x.element(pixel, c));
              out.line("const %s other = %s;", type, Taps.select(inside, "read", least));
              out.line(
                  "most = %s;",
                  x.isFloat() ? "helu_max(most, other)" : "other > most ? other : most");
            });
    return "most";
  }

  private String mean(String oh, String ow, String c) {
    out.line("float sum = 0.0f;");
    out.line("int count = 0;");
    boolean padding = op.kind() == PoolKind.AVERAGE_INCLUDE_PAD;
    Window window = op.window();
    taps()
        .loop(
            out,
            oh,
            ow,
            (pixel, inside, _) -> {
              out.line("const float read = %s;", layer.x().element(pixel, c));
              out.line("sum += %s;", Taps.select(inside, "read", "0.0f"));
              if (!padding || inside == null) {
                out.line("count += %s;", inside == null ? "1" : inside);
              } else {
                // Positions that only ceil_mode adds, behind the declared padding, never count.
                out.line(
                    "count += ih < %d && iw < %d;",
                    inH + window.padBottom(), inW + window.padRight());
              }
            });
    return "sum / (float) count";
  }

  private void pixels(BiConsumer<String, String> body) {
    int[] dims = layer.y().dims();
    out.loop(
        "oh",
        dims[dims.length - 3],
        oh -> out.loop("ow", dims[dims.length - 2], ow -> body.accept(oh, ow)));
  }

  private String row(String oh, String ow) {
    int[] dims = layer.y().dims();
    return Expr.rowMajor(List.of(oh, ow), new int[] {dims[dims.length - 3], dims[dims.length - 2]});
  }

  private Taps taps() {
    int[] dims = layer.y().dims();
    return new Taps(op.window(), inH, inW, dims[dims.length - 3], dims[dims.length - 2]);
  }
}
