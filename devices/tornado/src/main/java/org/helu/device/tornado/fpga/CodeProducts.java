package org.helu.device.tornado.fpga;

import java.util.stream.IntStream;
import org.helu.runtime.op.Codes;
import org.helu.runtime.tensor.ElementType;

/** Products of single codes, in bytes or packed, with weights of 8 bits or of one. */
final class CodeProducts implements Products {
  private final Layer layer;
  private final Matrix matrix;
  private final Fold fold;
  private final WeightOrder order;
  private final boolean oneBit;
  private final int wordBits;

  CodeProducts(Layer layer, Matrix matrix) {
    this.layer = layer;
    this.matrix = matrix;
    this.fold = layer.fold();
    this.order = new WeightOrder(matrix, fold);
    this.oneBit = matrix.weights().type().elementType() == ElementType.BIT;
    this.wordBits = Value.wordBits(fold.simd());
    if (oneBit) {
      int words = order.length() / fold.simd();
      layer
          .roms()
          .words(
              layer.name("weight"),
              fold.pe(),
              wordBits,
              IntStream.range(0, words).mapToLong(this::word).toArray());
    } else {
      layer
          .roms()
          .add(
              layer.name("weight"),
              "char",
              8,
              fold.products(),
              order.length(),
              i -> Expr.literal(weight(i)));
    }
  }

  private long weight(int index) {
    return matrix.weights().getLong(order.source(index));
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
    boolean shared = matrix.groups() == 1;
    if (shared) {
      out.line("int values[%d];", fold.simd());
      values(at, Expr.ZERO);
    }
    out.unrolled(
        "p",
        fold.pe(),
        p -> {
          if (!shared) {
            out.line("int values[%d];", fold.simd());
            values(at, p);
          }
          if (oneBit) {
            String index = Expr.sum(Expr.times(order.turn(at), fold.pe()), p);
            String type = Value.wordType(wordBits);
            out.line("const %s signs = %s[%s];", type, layer.name("weight"), index);
          }
          out.unrolled("s", fold.simd(), s -> out.line("z[%s] += %s;", p, product(at, p, s)));
        });
  }

  /** Reads what an output of the turn multiplies with its weights. */
  private void values(Turn at, String p) {
    SourceWriter out = layer.out();
    Codes codes = matrix.codes();
    out.unrolled(
        "s",
        fold.simd(),
        s -> {
          String term = Expr.sum(Expr.times(at.term(), fold.simd()), s);
          String channel = matrix.channel(at, fold, p, term);
          out.line("const int code = %s;", layer.x().element(at.tap().pixel(), channel));
          String value =
              Expr.sum(Expr.times("code", codes.step()), Integer.toString(-codes.zero()));
          String pad = Integer.toString(codes.pad());
          out.line("values[%s] = %s;", s, at.tap().select(value, pad));
        });
  }

  private String product(Turn at, String p, String s) {
    return oneBit
        ? "signs >> %1$s & 1 ? values[%1$s] : -values[%1$s]".formatted(s)
        : "values[%s] * %s[%s]".formatted(s, layer.name("weight"), order.index(at, p, s));
  }
}
