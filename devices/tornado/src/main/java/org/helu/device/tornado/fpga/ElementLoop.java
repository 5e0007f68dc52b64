package org.helu.device.tornado.fpga;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Loops over all elements of a value, one at a time. */
final class ElementLoop {
  private ElementLoop() {}

  /** Loops over rows and columns, for ops that read and write the same places. */
  static void rows(SourceWriter out, Value y, RowElement element) {
    Sink sink = new Sink(y);
    out.loop(
        "row",
        y.rows(),
        row -> {
          sink.begin(out);
          out.loop(
              "c",
              y.last(),
              column -> {
                sink.put(out, row, column, element.of(row, column));
                sink.flush(out, row, column, 1);
              });
        });
  }

  /** The expression to store at a place, behind the statements that it needs. */
  interface RowElement {
    String of(String row, String column);
  }

  /** Loops over every dimension; {@code element} gives the expression to store at a place. */
  static void places(SourceWriter out, Value y, Function<List<String>, String> element) {
    places(out, y, new ArrayList<>(), new Sink(y), element);
  }

  private static void places(
      SourceWriter out,
      Value y,
      List<String> outer,
      Sink sink,
      Function<List<String>, String> element) {
    int axis = outer.size();
    boolean innermost = axis == y.rank() - 1;
    if (innermost) {
      sink.begin(out);
    }
    out.loop(
        "i" + axis,
        y.dims()[axis],
        index -> {
          List<String> place = new ArrayList<>(outer);
          place.add(index);
          if (innermost) {
            String row = y.row(place);
            sink.put(out, row, index, element.apply(place));
            sink.flush(out, row, index, 1);
          } else {
            places(out, y, place, sink, element);
          }
        });
  }
}
