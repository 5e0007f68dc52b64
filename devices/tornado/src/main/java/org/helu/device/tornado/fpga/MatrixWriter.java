package org.helu.device.tornado.fpga;

import org.helu.runtime.tensor.Tensor;

/**
 * Dense layers and convolutions: for each pixel, for each block of PE output channels, for each
 * tap, for each block of SIMD terms, PE × SIMD products at once.
 */
final class MatrixWriter {
  private final Layer layer;
  private final Matrix matrix;
  private final Fold fold;
  private final Products products;
  private final EpilogueWriter epilogue;
  private final String bias;
  private final Value added; // to sums of floats; those of integers are added when requantized

  private MatrixWriter(Layer layer, Matrix matrix) {
    this.layer = layer;
    this.matrix = matrix;
    this.fold = layer.fold();
    this.products =
        matrix.isFloat()
            ? new FloatProducts(layer, matrix)
            : matrix.isWordwise()
                ? new BitProducts(layer, matrix)
                : new CodeProducts(layer, matrix);
    Value added = matrix.residual() ? layer.inputs().getLast() : null;
    boolean floats = matrix.isFloat();
    this.bias = matrix.bias() ? bias() : null;
    this.added = floats ? added : null;
    this.epilogue =
        new EpilogueWriter(
            layer,
            floats || layer.epilogues().isEmpty() ? null : layer.constant(2),
            floats ? null : added,
            floats);
  }

  static void write(Layer layer, Matrix matrix) {
    new MatrixWriter(layer, matrix).write();
  }

  private String bias() {
    Tensor values = layer.constant(2);
    return layer.roms().floats(layer.name("bias"), fold.pe(), values.toFloats());
  }

  private void write() {
    SourceWriter out = layer.out();
    Sink sink = new Sink(layer.y());
    out.loop(
        "oh",
        matrix.outH(),
        oh ->
            out.loop(
                "ow",
                matrix.outW(),
                ow -> {
                  sink.begin(out);
                  out.loop(
                      "block", matrix.outC() / fold.pe(), block -> outputs(oh, ow, block, sink));
                }));
  }

  private void outputs(String oh, String ow, String block, Sink sink) {
    SourceWriter out = layer.out();
    String row = Expr.sum(Expr.times(oh, matrix.outW()), ow);
    String channel = Expr.times(block, fold.pe());
    out.line("%s z[%d];", products.sumType(), fold.pe());
    out.unrolled(
        "p", fold.pe(), p -> out.line("z[%s] = %s;", p, products.first(Expr.sum(channel, p))));
    taps(oh, ow, block);
    out.unrolled(
        "p",
        fold.pe(),
        p -> {
          String o = Expr.sum(channel, p);
          sink.put(out, row, o, epilogue.apply(sum(p, o, row), o, row));
        });
    sink.flush(out, row, channel, fold.pe());
  }

  /** The sum behind bias and residual of float layers, in this order. */
  private String sum(String p, String o, String row) {
    layer
        .out()
        .line(
            "%s%s sum = z[%s];",
            bias == null && added == null ? "const " : "", products.sumType(), p);
    if (bias != null) {
      layer.out().line("sum += %s[%s];", bias, o);
    }
    if (added != null) {
      layer.out().line("sum += %s;", added.element(row, o));
    }
    return "sum";
  }

  private void taps(String oh, String ow, String block) {
    SourceWriter out = layer.out();
    matrix
        .taps()
        .loop(
            out,
            oh,
            ow,
            tap ->
                out.loop(
                    "term",
                    matrix.terms() / fold.simd(),
                    term -> products.write(new Products.Turn(tap, block, term))));
  }
}
