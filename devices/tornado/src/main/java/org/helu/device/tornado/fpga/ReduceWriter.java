package org.helu.device.tornado.fpga;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.ReduceKind;

/** Reductions of floats over axes, summed in float one after the other. */
final class ReduceWriter {
  private ReduceWriter() {}

  static void write(Layer layer, DeviceOp.Reduce op) {
    SourceWriter out = layer.out();
    Value x = layer.x();
    boolean[] reduced = reduced(layer, op);
    ElementLoop.places(
        out,
        layer.y(),
        place -> {
          out.line("float result = %s;", first(op.kind()));
          reduce(layer, op, reduced, new ArrayList<>(), place);
          if (op.kind() != ReduceKind.MEAN) {
            return "result";
          }
          long count = 1;
          for (int axis = 0; axis < reduced.length; axis++) {
            count *= reduced[axis] ? x.dims()[axis] : 1;
          }
          return "result / " + count + ".0f";
        });
  }

  /** Which axes of a sample are folded. */
  private static boolean[] reduced(Layer layer, DeviceOp.Reduce op) {
    int rank = layer.x().type().shape().rank();
    int batch = layer.x().type().shape().isBatched() ? 1 : 0;
    boolean[] reduced = new boolean[layer.x().rank()];
    for (int axis : op.axes()) {
      reduced[(axis < 0 ? axis + rank : axis) - batch] = true;
    }
    return reduced;
  }

  private static void reduce(
      Layer layer, DeviceOp.Reduce op, boolean[] reduced, List<String> from, List<String> place) {
    int axis = from.size();
    Value x = layer.x();
    SourceWriter out = layer.out();
    if (axis == reduced.length) {
      String value = x.element(from);
      out.line(
          switch (op.kind()) {
            case MEAN, SUM -> "result += %s;";
            case PROD -> "result *= %s;";
            case MAX -> "result = helu_max(result, %s);";
            case MIN -> "result = helu_min(result, %s);";
          },
          value);
      return;
    }
    if (reduced[axis]) {
      out.loop("k" + axis, x.dims()[axis], k -> reduce(layer, op, reduced, with(from, k), place));
    } else {
      reduce(layer, op, reduced, with(from, kept(op, reduced, axis, place)), place);
    }
  }

  /** The place of an axis that stays. */
  private static String kept(DeviceOp.Reduce op, boolean[] reduced, int axis, List<String> place) {
    int at = 0;
    for (int before = 0; before < axis; before++) {
      at += op.keepDims() || !reduced[before] ? 1 : 0;
    }
    return place.get(at);
  }

  private static List<String> with(List<String> places, String place) {
    List<String> longer = new ArrayList<>(places);
    longer.add(place);
    return longer;
  }

  private static String first(ReduceKind kind) {
    return switch (kind) {
      case MEAN, SUM -> "0.0f";
      case PROD -> "1.0f";
      case MAX -> "-INFINITY";
      case MIN -> "INFINITY";
    };
  }
}
