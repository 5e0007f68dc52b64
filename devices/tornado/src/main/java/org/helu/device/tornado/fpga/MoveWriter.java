package org.helu.device.tornado.fpga;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.PadMode;
import org.helu.runtime.tensor.Tensor;

/** Ops that only move elements. */
final class MoveWriter {
  private MoveWriter() {}

  static void transpose(Layer layer, DeviceOp.Transpose op) {
    int batch = batch(layer);
    ElementLoop.places(
        layer.out(),
        layer.y(),
        place -> {
          String[] from = new String[place.size()];
          for (int axis = 0; axis < from.length; axis++) {
            from[op.perm().get(axis + batch) - batch] = place.get(axis);
          }
          return layer.x().element(Arrays.asList(from));
        });
  }

  static void slice(Layer layer, DeviceOp.Slice op) {
    int batch = batch(layer);
    ElementLoop.places(
        layer.out(),
        layer.y(),
        place -> {
          List<String> from = new ArrayList<>();
          for (int axis = 0; axis < place.size(); axis++) {
            String begin = op.begin().get(axis + batch).toString();
            from.add(Expr.sum(Expr.times(place.get(axis), op.step().get(axis + batch)), begin));
          }
          return layer.x().element(from);
        });
  }

  static void concat(Layer layer, DeviceOp.Concat op) {
    int rank = layer.y().type().shape().rank();
    int axis = (op.axis() < 0 ? op.axis() + rank : op.axis()) - batch(layer);
    ElementLoop.places(
        layer.out(),
        layer.y(),
        place -> {
          int end = layer.y().dims()[axis];
          String chosen = null;
          // From the last input to the first, each behind the question whether it is reached.
          for (int i = layer.inputs().size() - 1; i >= 0; i--) {
            Value input = layer.inputs().get(i);
            int begin = end - input.dims()[axis];
            List<String> from = new ArrayList<>(place);
            from.set(axis, Expr.sum(place.get(axis), Integer.toString(-begin)));
            String read = input.element(from);
            chosen =
                chosen == null
                    ? read
                    : "%s < %d ? %s : (%s)".formatted(place.get(axis), end, read, chosen);
            end = begin;
          }
          return chosen;
        });
  }

  static void pad(Layer layer, DeviceOp.Pad op) {
    int batch = batch(layer);
    SourceWriter out = layer.out();
    Value x = layer.x();
    ElementLoop.places(
        out,
        layer.y(),
        place -> {
          List<String> from = new ArrayList<>();
          List<String> inside = new ArrayList<>();
          for (int axis = 0; axis < place.size(); axis++) {
            int before = op.before().get(axis + batch);
            if (before + op.after().get(axis + batch) == 0) {
              from.add(place.get(axis));
              continue;
            }
            String name = "from" + axis;
            out.line(
                "const int %s = %s;", name, Expr.sum(place.get(axis), Integer.toString(-before)));
            int size = x.dims()[axis];
            if (op.mode() == PadMode.CONSTANT) {
              inside.add("%1$s >= 0 && %1$s < %2$d".formatted(name, size));
              from.add(name);
            } else {
              out.line("const int near%d = %s;", axis, near(op.mode(), name, size));
              from.add("near" + axis);
            }
          }
          String read = x.element(from);
          String value = x.isFloat() ? Expr.literal(op.value()) : Expr.literal((long) op.value());
          return inside.isEmpty()
              ? read
              : "%s ? %s : %s".formatted(String.join(" && ", inside), read, value);
        });
  }

  /** The place in the input that a place in the border repeats. */
  private static String near(PadMode mode, String from, int size) {
    return mode == PadMode.EDGE
        ? "%1$s < 0 ? 0 : %1$s >= %2$d ? %3$d : %1$s".formatted(from, size, size - 1)
        : "%1$s < 0 ? -%1$s : %1$s >= %2$d ? %3$d - %1$s : %1$s"
            .formatted(from, size, 2 * (size - 1));
  }

  static void gather(Layer layer, DeviceOp.Gather op) {
    Value x = layer.x();
    int rank = x.type().shape().rank();
    int axis = (op.axis() < 0 ? op.axis() + rank : op.axis()) - batch(layer);
    Tensor indices = layer.constant(1);
    int size = x.dims()[axis];
    int[] table = new int[Math.toIntExact(indices.elements())];
    for (int i = 0; i < table.length; i++) {
      int index = (int) indices.getLong(i);
      table[i] = index < 0 ? index + size : index;
    }
    String name = layer.roms().ints(layer.name("index"), 1, table);
    int width = indices.shape().rank();
    int[] sizes = indices.shape().dims();
    ElementLoop.places(
        layer.out(),
        layer.y(),
        place -> {
          List<String> from = new ArrayList<>(place.subList(0, axis));
          String at = Expr.rowMajor(place.subList(axis, axis + width), sizes);
          from.add("%s[%s]".formatted(name, at));
          from.addAll(place.subList(axis + width, place.size()));
          return x.element(from);
        });
  }

  private static int batch(Layer layer) {
    return layer.x().type().shape().isBatched() ? 1 : 0;
  }
}
