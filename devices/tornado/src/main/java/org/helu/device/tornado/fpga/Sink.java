package org.helu.device.tornado.fpga;

import org.helu.runtime.tensor.ElementType;

/**
 * Stores the elements of a value in their order. Bits gather in a register for each plane, and are
 * stored by whole words: a memory is never read to be written.
 */
final class Sink {
  private final Value y;

  Sink(Value y) {
    this.y = y;
  }

  /** Before the loop over a row. */
  void begin(SourceWriter out) {
    if (y.isPacked()) {
      for (int plane = 0; plane < y.planes(); plane++) {
        out.line("%s word%d = 0;", y.cType(), plane);
      }
    }
  }

  /** One element. */
  void put(SourceWriter out, String row, String column, String value) {
    if (!y.isPacked()) {
      String cast = y.isFloat() || y.element() == ElementType.INT32 ? "" : "(" + y.cType() + ") ";
      String stored = cast.isEmpty() ? value : cast + Expr.atom(value);
      out.line("%s = %s;", y.element(row, column), stored);
      return;
    }
    out.line("const uint stored = (uint) %s;", Expr.atom(value));
    String place = y.words() == 1 ? Expr.atom(column) : Expr.modulo(column, 64);
    for (int plane = 0; plane < y.planes(); plane++) {
      String bit = plane == 0 ? "stored & 1" : "stored >> " + plane + " & 1";
      out.line("word%d |= (%s) (%s) << %s;", plane, y.cType(), bit, place);
    }
  }

  /**
   * Behind {@code count} elements, the first of them at {@code column}; where a row takes several
   * words, {@code count} divides 64.
   */
  void flush(SourceWriter out, String row, String column, int count) {
    if (!y.isPacked()) {
      return;
    }
    String last = column + " == " + (y.last() - count);
    String full = Expr.modulo(column, 64) + " == " + (64 - count);
    boolean whole = y.words() == 1;
    String end = whole ? last : y.last() % 64 == 0 ? full : full + " || " + last;
    String word = Expr.over(column, 64);
    Runnable store =
        () -> {
          for (int plane = 0; plane < y.planes(); plane++) {
            out.line("%s[%s] = word%d;", y.array(), y.word(row, plane, word), plane);
            if (!whole) {
              out.line("word%d = 0;", plane);
            }
          }
        };
    if (Expr.isNumber(column)) {
      store.run(); // the row's only elements
    } else {
      out.block("if (" + end + ")", store);
    }
  }
}
