package org.helu.device.tornado.fpga;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.helu.runtime.tensor.Tensor;

/**
 * Products of codes in bit planes with one-bit weights, a word at a time.
 *
 * <p>With {@code a_p} the planes of K codes, {@code w} the bits of their weights, n the number of
 * planes and {@code |.|} the number of ones, {@code sum(a_p[k] * (2 w[k] - 1)) = |w| - |a_p ^ w|}.
 * So the sum of {@code (step * code - zero) * weight} is {@code step * (2^n - 1) * |w| - zero * (2
 * |w| - K)}, a constant of the output channel, less {@code step * sum(2^p * |a_p ^ w|)}. A word of
 * a tap outside of the image takes its part of that constant back and adds {@code pad * (2 |w| -
 * K)}.
 */
final class BitProducts implements Products {
  private final Layer layer;
  private final Matrix matrix;
  private final Fold fold;
  private final WeightOrder order;
  private final Value x;
  private final int allPlanes;

  BitProducts(Layer layer, Matrix matrix) {
    this.layer = layer;
    this.matrix = matrix;
    this.fold = layer.fold();
    this.order = new WeightOrder(matrix, fold);
    this.x = layer.x();
    this.allPlanes = (1 << x.planes()) - 1;
    long[] words = IntStream.range(0, order.length()).mapToLong(this::weight).toArray();
    layer.roms().words(layer.name("weight"), fold.products(), x.wordBits(), words);
    layer.roms().ints(layer.name("first"), fold.pe(), constants());
  }

  private long weight(int index) {
    return matrix.weights().data().get(Tensor.LONG, 8 * order.source(index));
  }

  private int[] constants() {
    int perChannel = matrix.window().taps() * matrix.terms();
    int bits = matrix.window().taps() * matrix.inC();
    int[] constants = new int[matrix.outC()];
    for (int o = 0; o < constants.length; o++) {
      int ones = 0;
      for (int i = 0; i < perChannel; i++) {
        ones += Long.bitCount(matrix.weights().data().get(Tensor.LONG, 8L * (o * perChannel + i)));
      }
      int zero = matrix.codes().zero();
      constants[o] = matrix.codes().step() * allPlanes * ones - zero * (2 * ones - bits);
    }
    return constants;
  }

  @Override
  public String sumType() {
    return "int";
  }

  @Override
  public String first(String channel) {
    return "%s[%s]".formatted(layer.name("first"), channel);
  }

  @Override
  public void write(Turn at) {
    SourceWriter out = layer.out();
    out.unrolled(
        "s",
        fold.simd(),
        s -> {
          String word = Expr.sum(Expr.times(at.term(), fold.simd()), s);
          for (int plane = 0; plane < x.planes(); plane++) {
            String read = x.array() + "[" + x.word(at.tap().pixel(), plane, word) + "]";
            out.line("const %s read%d = %s;", x.cType(), plane, read);
            String bits = at.tap().select("read" + plane, Expr.ZERO);
            out.line("const %s bits%d = %s;", x.cType(), plane, bits);
          }
          out.unrolled(
              "p",
              fold.pe(),
              p -> {
                String weight = layer.name("weight");
                out.line("const %s weight = %s[%s];", x.cType(), weight, order.index(at, p, s));
                out.line("z[%s] -= %s;", p, difference(at.tap().inside(), word));
              });
        });
  }

  private String difference(String inside, String word) {
    List<String> planes = new ArrayList<>();
    for (int plane = 0; plane < x.planes(); plane++) {
      String factor =
          matrix.codes().step() << plane == 1 ? "" : (matrix.codes().step() << plane) + " * ";
      planes.add("%shelu_ones(bits%d ^ weight)".formatted(factor, plane));
    }
    String sum = String.join(" + ", planes);
    int shifted = matrix.codes().pad() + matrix.codes().zero();
    if (inside == null || shifted == 0) {
      return sum; // outside, bits are 0: the code that padding stands for
    }
    int ones = matrix.codes().step() * allPlanes - 2 * shifted;
    String outside = Expr.times(bitsOf(word), shifted);
    if (ones != 0) {
      outside = Expr.sum(outside, Expr.times("helu_ones(weight)", ones));
    }
    return "%s ? %s : %s".formatted(inside, sum, outside);
  }

  /** How many codes a word holds. */
  private String bitsOf(String word) {
    int words = x.words();
    int rest = x.last() - (words - 1) * 64;
    if (words == 1 || rest == 64) {
      return Integer.toString(rest);
    }
    return "(%s == %d ? %d : 64)".formatted(word, words - 1, rest);
  }
}
