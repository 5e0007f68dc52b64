package org.helu.device.tornado.fpga;

import java.util.Optional;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.tensor.ElementType;

/** Functions of single elements; those that need no transcendental function. */
final class ElementwiseWriter {
  private ElementwiseWriter() {}

  /** Why a function has no code, or empty where it has. */
  static Optional<String> objection(DeviceOp.Unary op, ElementType element) {
    if (element != ElementType.FLOAT32 && element != ElementType.INT32) {
      return Optional.of(op.kind() + " of " + element);
    }
    boolean known =
        switch (op.kind()) {
          case ABS, NEG, CLIP -> true;
          case LINEAR, LEAKY_RELU, HARD_SIGMOID, HARD_SWISH -> element == ElementType.FLOAT32;
          default -> false;
        };
    return known ? Optional.empty() : Optional.of(op.kind().toString());
  }

  /** As {@link #objection(DeviceOp.Unary, ElementType)}. */
  static Optional<String> objection(DeviceOp.Binary op, ElementType element) {
    boolean known =
        switch (op.kind()) {
          case ADD, SUB, MUL, MIN, MAX -> true;
          default -> false;
        };
    boolean wide = element == ElementType.FLOAT32 || element == ElementType.INT32;
    return known && wide ? Optional.empty() : Optional.of(op.kind() + " of " + element);
  }

  static void unary(Layer layer, DeviceOp.Unary op) {
    Value x = layer.x();
    ElementLoop.rows(
        layer.out(),
        layer.y(),
        (row, c) -> {
          layer.out().line("const %s v = %s;", x.computedType(), x.element(row, c));
          return x.isFloat() ? ofFloat(op, "v") : ofInt(op, "v");
        });
  }

  private static String ofFloat(DeviceOp.Unary op, String v) {
    String a = Expr.literal(op.a());
    String b = Expr.literal(op.b());
    return switch (op.kind()) {
      case ABS -> "fabs(" + v + ")";
      case NEG -> "-" + v;
      case CLIP -> clip(v, a, b);
      case LINEAR -> "%s * %s + %s".formatted(a, v, b);
      case LEAKY_RELU -> "%1$s < 0.0f ? %2$s * %1$s : %1$s".formatted(v, a);
      case HARD_SIGMOID -> clip("%s * %s + %s".formatted(a, v, b), "0.0f", "1.0f");
      case HARD_SWISH ->
          v + " * " + clip("%s * %s + 0.5f".formatted(v, Expr.literal(1f / 6f)), "0.0f", "1.0f");
      default -> throw new IllegalArgumentException(op.toString());
    };
  }

  private static String clip(String v, String least, String most) {
    return "helu_min(helu_max(%s, %s), %s)".formatted(v, least, most);
  }

  private static String ofInt(DeviceOp.Unary op, String v) {
    return switch (op.kind()) {
      // The least int is its own negative in Java; in C it has none.
      case ABS -> "%1$s < 0 ? (int) (0 - (uint) %1$s) : %1$s".formatted(v);
      case NEG -> "(int) (0 - (uint) %s)".formatted(v);
      case CLIP ->
          "%1$s < %2$s ? %2$s : %1$s > %3$s ? %3$s : %1$s"
              .formatted(v, Expr.literal((int) op.a()), Expr.literal((int) op.b()));
      default -> throw new IllegalArgumentException(op.toString());
    };
  }

  static void binary(Layer layer, DeviceOp.Binary op) {
    Value a = layer.inputs().get(0);
    Value b = layer.inputs().get(1);
    ElementLoop.places(
        layer.out(),
        layer.y(),
        place -> {
          layer.out().line("const %s v = %s;", a.computedType(), a.broadcast(place));
          layer.out().line("const %s w = %s;", a.computedType(), b.broadcast(place));
          return a.isFloat() ? ofFloats(op.kind()) : ofInts(op.kind());
        });
  }

  private static String ofFloats(BinaryKind kind) {
    return switch (kind) {
      case ADD -> "v + w";
      case SUB -> "v - w";
      case MUL -> "v * w";
      case MIN -> "helu_min(v, w)";
      case MAX -> "helu_max(v, w)";
      default -> throw new IllegalArgumentException(kind.toString());
    };
  }

  /** Ints wrap, which C leaves undefined. */
  private static String ofInts(BinaryKind kind) {
    return switch (kind) {
      case ADD -> "(int) ((uint) v + (uint) w)";
      case SUB -> "(int) ((uint) v - (uint) w)";
      case MUL -> "(int) ((uint) v * (uint) w)";
      case MIN -> "v < w ? v : w";
      case MAX -> "v > w ? v : w";
      default -> throw new IllegalArgumentException(kind.toString());
    };
  }

  static void gate(Layer layer) {
    Value x = layer.x();
    ElementLoop.rows(
        layer.out(),
        layer.y(),
        (row, c) -> {
          layer.out().line("const float v = %s;", x.element(row, c));
          return EpilogueWriter.gate("v");
        });
  }

  static void convert(Layer layer, IntegerOp.Convert op) {
    Value x = layer.x();
    boolean parameters = op.epilogue().parameterType() != null;
    EpilogueWriter epilogue =
        new EpilogueWriter(layer, parameters ? layer.constant(1) : null, null, x.isFloat());
    ElementLoop.rows(
        layer.out(),
        layer.y(),
        (row, c) -> {
          layer.out().line("const %s sum = %s;", x.computedType(), x.element(row, c));
          return epilogue.apply("sum", c, row);
        });
  }
}
