package org.helu.device.tornado.fpga;

/**
 * Products of floats, each product and each sum rounded, in the order of the reference: exact where
 * the tool keeps it.
 */
final class FloatProducts implements Products {
  private final Layer layer;
  private final Matrix matrix;
  private final Fold fold;
  private final WeightOrder order;

  FloatProducts(Layer layer, Matrix matrix) {
    this.layer = layer;
    this.matrix = matrix;
    this.fold = layer.fold();
    this.order = new WeightOrder(matrix, fold);
    layer
        .roms()
        .add(
            layer.name("weight"),
            "float",
            32,
            fold.products(),
            order.length(),
            i -> Expr.literal(weight(i)));
  }

  private float weight(int index) {
    return matrix.weights().getFloat(order.source(index));
  }

  @Override
  public String sumType() {
    return "float";
  }

  @Override
  public String first(String channel) {
    return "0.0f";
  }

  @Override
  public void write(Turn at) {
    SourceWriter out = layer.out();
    out.unrolled(
        "p",
        fold.pe(),
        p ->
            out.unrolled(
                "s",
                fold.simd(),
                s -> {
                  String term = Expr.sum(Expr.times(at.term(), fold.simd()), s);
                  String channel = matrix.channel(at, fold, p, term);
                  out.line("const float read = %s;", layer.x().element(at.tap().pixel(), channel));
                  out.line("const float value = %s;", at.tap().select("read", "0.0f"));
                  String weight = layer.name("weight") + "[" + order.index(at, p, s) + "]";
                  out.line("z[%s] += value * %s;", p, weight);
                }));
  }
}
