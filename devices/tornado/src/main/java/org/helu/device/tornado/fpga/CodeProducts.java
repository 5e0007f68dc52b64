package org.helu.device.tornado.fpga;

import java.util.stream.IntStream;
import org.helu.runtime.op.Codes;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Tensor;

/** Products of single codes, in bytes or packed, with weights of 8 bits or of one. */
final class CodeProducts implements Products {
  private final Layer layer;
  private final Matrix matrix;
  private final Fold fold;
  private final WeightOrder order;
  private final boolean oneBit;
  private final int wordBits;

  CodeProducts(Layer layer, Matrix matrix, Fold fold) {
    this.layer = layer;
    this.matrix = matrix;
    this.fold = fold;
    this.order = new WeightOrder(matrix, fold);
    this.oneBit = matrix.weights().type().elementType() == ElementType.BIT;
    this.wordBits = Value.wordBits(fold.simd());
    if (oneBit) {
      int words = order.length() / fold.simd();
      layer
          .roms()
          .words(
              layer.name("weight"),
              wordBits,
              IntStream.range(0, words).mapToLong(this::word).toArray());
    } else {
      layer
          .roms()
          .add(layer.name("weight"), "char", 8, order.length(), i -> Expr.literal(weight(i)));
    }
  }

  private long weight(int index) {
    WeightOrder.Source from = order.source(index);
    Tensor weights = matrix.weights();
    long row = (long) from.channel() * matrix.window().taps() + from.tap();
    return weights.getLong(row * matrix.terms() + from.term());
  }

  /** The weights of one output and one turn. */
  private long word(int index) {
    long word = 0;
    for (int s = 0; s < fold.simd(); s++) {
      word |= weight(index * fold.simd() + s) << s;
    }
    return word;
  }

  @Override
  public String sumType() {
    return "int";
  }

  @Override
  public String first(String channel) {
    return Expr.ZERO;
  }

  @Override
  public void write(Turn at) {
    SourceWriter out = layer.out();
    String table = layer.name("weight");
    out.unrolled(
        "p",
        fold.pe(),
        p -> {
          if (oneBit) {
            String index = Expr.sum(Expr.times(order.turn(at), fold.pe()), p);
            out.line("const %s signs = %s[%s];", Value.wordType(wordBits), table, index);
          }
          out.unrolled(
              "s",
              fold.simd(),
              s -> {
                String term = Expr.sum(Expr.times(at.term(), fold.simd()), s);
                out.line("const int value = %s;", value(at, matrix.channel(at, fold, p, term)));
                out.line(
                    oneBit
                        ? "z[%s] += signs >> %s & 1 ? value : -value;"
                        : "z[%s] += value * %3$s[%4$s];",
                    p,
                    s,
                    table,
                    order.index(at, p, s));
              });
        });
  }

  private String value(Turn at, String channel) {
    Codes codes = matrix.codes();
    String code = layer.x().element(at.pixel(), channel);
    String value = codes.step() == 1 ? code : codes.step() + " * " + Expr.atom(code);
    if (codes.zero() != 0) {
      value = (codes.step() == 1 ? Expr.atom(code) : value) + " - " + codes.zero();
    }
    return at.inside() == null ? value : "%s ? %s : %d".formatted(at.inside(), value, codes.pad());
  }
}
