package org.helu.device.tornado.fpga;

import java.util.List;
import java.util.function.BiConsumer;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.PoolKind;
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
                          tap -> {
                            String read = x.array() + "[" + x.word(tap.pixel(), 0, word) + "]";
                            out.line("const %s read = %s;", y.cType(), read);
                            out.line("most |= %s;", tap.select("read", Expr.ZERO));
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
            tap -> {
              out.line("const %s read = %s;", type, x.element(tap.pixel(), c));
              out.line("const %s other = %s;", type, tap.select("read", least));
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
    taps()
        .loop(
            out,
            oh,
            ow,
            tap -> {
              out.line("const float read = %s;", layer.x().element(tap.pixel(), c));
              out.line("sum += %s;", tap.select("read", "0.0f"));
              // Positions that only ceil_mode adds, behind the declared padding, never count.
              String counts = padding ? taps().declared(tap) : tap.inside();
              out.line("count += %s;", counts == null ? "1" : counts);
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
