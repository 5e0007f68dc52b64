package org.helu.device.tornado.fpga;

import java.util.stream.IntStream;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.tensor.Tensor;

/**
 * What happens to a sum before it is stored, see {@link Epilogue}. Its constants are ROMs with a
 * row for each channel, or one for all.
 */
final class EpilogueWriter {
  /** Up to so many thresholds are compared at once; more are searched by halves. */
  private static final int PARALLEL_STEPS = 15;

  private final Layer layer;
  private final Tensor parameters;
  private final Value residual;
  private final boolean floats;

  /**
   * @param parameters of the first epilogue, or null where it has none
   * @param residual what Requantize adds, or null
   * @param floats whether sums are floats
   */
  EpilogueWriter(Layer layer, Tensor parameters, Value residual, boolean floats) {
    this.layer = layer;
    this.parameters = parameters;
    this.residual = residual;
    this.floats = floats;
    if (!layer.epilogues().isEmpty()) {
      declare(layer.epilogues().getFirst());
    }
  }

  private void declare(Epilogue first) {
    Roms roms = layer.roms();
    switch (first) {
      case Epilogue.Threshold _ -> {
        if (isSigned()) {
          int[] signs = IntStream.range(0, rows()).map(r -> (int) get(r, 0)).toArray();
          roms.add(
              layer.name("sign"), "char", 8, lanes(1), signs.length, i -> Expr.literal(signs[i]));
        }
        thresholds();
      }
      case Epilogue.Requantize _ -> {
        roms.ints(layer.name("factor"), lanes(1), ints(0));
        roms.longs(layer.name("offset"), lanes(1), longs(1));
        if (residual != null) {
          roms.ints(layer.name("weight_of_added"), lanes(1), ints(2));
        }
      }
      case Epilogue.Affine _ -> {
        roms.floats(layer.name("scale"), lanes(1), floats(0));
        roms.floats(layer.name("shift"), lanes(1), floats(1));
      }
      case Epilogue.Gate _, Epilogue.Quantize _ -> {}
    }
  }

  /** Elements that the outputs of a turn read at once, where each reads {@code columns}. */
  private int lanes(int columns) {
    return rows() == 1 ? columns : layer.fold().pe() * columns;
  }

  private void thresholds() {
    int steps = steps();
    int count = rows() * steps;
    int lanes = lanes(steps <= PARALLEL_STEPS ? steps : 1);
    if (floats) {
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = parameters.getFloat(index(i / steps, 1 + i % steps));
      }
      layer.roms().floats(layer.name("threshold"), lanes, values);
    } else {
      int[] values =
          IntStream.range(0, count).map(i -> (int) get(i / steps, 1 + i % steps)).toArray();
      layer.roms().ints(layer.name("threshold"), lanes, values);
    }
  }

  /**
   * Writes the statements that an epilogue takes.
   *
   * @param z name of the sum
   * @param channel of the last dimension
   * @param row of the output
   * @return what is stored
   */
  String apply(String z, String channel, String row) {
    String stored = z;
    for (Epilogue epilogue : layer.epilogues()) {
      stored =
          switch (epilogue) {
            case Epilogue.Threshold threshold -> threshold(threshold.steps(), stored, channel);
            case Epilogue.Requantize requantize -> requantize(requantize, stored, channel, row);
            case Epilogue.Affine _ -> affine(stored, channel);
            case Epilogue.Gate _ -> gate(stored);
            case Epilogue.Quantize quantize -> quantize(quantize, stored);
          };
    }
    return stored;
  }

  private String threshold(int steps, String z, String channel) {
    SourceWriter out = layer.out();
    String row = parameterRow(channel);
    String signed = z;
    if (isSigned()) {
      // The sum may be the least int, whose negative is none.
      String type = floats ? "float" : "long";
      out.line("const %s signed_sum = %s * (%s) %s[%s];", type, z, type, layer.name("sign"), row);
      signed = "signed_sum";
    }
    String table = layer.name("threshold");
    String first = Expr.times(row, steps);
    if (steps == 1) {
      return "%s >= %s[%s]".formatted(signed, table, first);
    }
    String sum = signed;
    out.line("int reached = 0;");
    if (steps <= PARALLEL_STEPS) {
      out.unrolled(
          "t", steps, t -> out.line("reached += %s >= %s[%s];", sum, table, Expr.sum(first, t)));
    } else {
      for (int half = Integer.highestOneBit(steps); half > 0; half /= 2) {
        String at = Expr.sum(first, "reached", Integer.toString(half - 1));
        String inside = "reached + %d <= %d".formatted(half, steps);
        out.line("if (%s && %s >= %s[%s]) reached += %d;", inside, sum, table, at, half);
      }
    }
    return "reached";
  }

  private String requantize(Epilogue.Requantize op, String z, String channel, String row) {
    SourceWriter out = layer.out();
    String parameterRow = parameterRow(channel);
    String added =
        residual == null
            ? ""
            : " + (long) %s * %s[%s]"
                .formatted(
                    residual.element(row, channel), layer.name("weight_of_added"), parameterRow);
    out.line(
        "const long scaled = ((long) %s * %s[%s] + %s[%s]%s) >> %d;",
        z,
        layer.name("factor"),
        parameterRow,
        layer.name("offset"),
        parameterRow,
        added,
        op.shift());
    return "(int) (scaled < 0 ? 0 : scaled > %1$d ? %1$d : scaled)".formatted(op.high());
  }

  private String affine(String z, String channel) {
    String row = parameterRow(channel);
    layer.out().line("const float scaled = (float) %s * %s[%s];", z, layer.name("scale"), row);
    layer.out().line("const float real = scaled + %s[%s];", layer.name("shift"), row);
    return "real";
  }

  /** The value where the gate is open, which it is for NaN. */
  static String gate(String z) {
    return "%1$s <= 0.0f ? 0.0f : %1$s".formatted(Expr.atom(z));
  }

  private String quantize(Epilogue.Quantize op, String z) {
    SourceWriter out = layer.out();
    out.line("const float rounded = rint(%s / %s);", z, Expr.literal(op.scale()));
    // A NaN compares as false.
    out.line(
        "const float least = rounded > %d.0f ? rounded : %d.0f;", -op.zeroPoint(), -op.zeroPoint());
    int most = op.high() - op.zeroPoint();
    out.line(
        "const float kept = rounded != rounded ? 0.0f : least < %1$d.0f ? least : %1$d.0f;", most);
    return op.zeroPoint() == 0 ? "(int) kept" : "(int) kept + " + op.zeroPoint();
  }

  private String parameterRow(String channel) {
    return rows() == 1 ? Expr.ZERO : channel;
  }

  private boolean isSigned() {
    return IntStream.range(0, rows()).anyMatch(row -> get(row, 0) < 0);
  }

  private int rows() {
    return parameters.shape().dim(0);
  }

  private int steps() {
    return parameters.shape().dim(1) - 1;
  }

  private long get(int row, int column) {
    return parameters.getLong(index(row, column));
  }

  private long index(int row, int column) {
    return (long) row * parameters.shape().dim(1) + column;
  }

  private int[] ints(int column) {
    return IntStream.range(0, rows()).map(row -> (int) get(row, column)).toArray();
  }

  private long[] longs(int column) {
    return IntStream.range(0, rows()).mapToLong(row -> get(row, column)).toArray();
  }

  private float[] floats(int column) {
    float[] values = new float[rows()];
    for (int row = 0; row < values.length; row++) {
      values[row] = parameters.getFloat(index(row, column));
    }
    return values;
  }
}
