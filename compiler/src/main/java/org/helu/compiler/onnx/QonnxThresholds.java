package org.helu.compiler.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/** QONNX's MultiThreshold: {@code out_scale * (number of thresholds reached) + out_bias}. */
final class QonnxThresholds {
  private static final Pattern INTEGER = Pattern.compile("(U?)INT([0-9]{1,2})");

  private QonnxThresholds() {}

  static void multiThreshold(NodeContext node) {
    node.requireInputs(2, 2);
    Value x = QonnxOps.floatInput(node);
    float scale = node.attributes().floatOr("out_scale", 1);
    float bias = node.attributes().floatOr("out_bias", 0);
    if (!(scale > 0) || Float.isInfinite(scale) || !Float.isFinite(bias)) {
      throw NodeProblem.invalid(
          "expected out_scale above 0 and a finite out_bias, found " + scale + " and " + bias);
    }
    Tensor thresholds = QonnxOps.constant(node, 1, "threshold");
    if (thresholds.shape().rank() != 2) {
      throw NodeProblem.invalid("expected thresholds [C,n], found " + thresholds.shape());
    }
    int steps = thresholds.shape().dim(1);
    requireOrder(thresholds, steps);
    String type = node.attributes().stringOr("out_dtype", "");
    requireRange(type, bias, scale * steps + bias);
    String layout = node.attributes().stringOr("data_layout", "NCHW");
    FloatOp op = new FloatOp.MultiThreshold(scale, bias, false);
    int rank = x.shape().rank();
    boolean last = layout.length() > 2 && layout.endsWith("C");
    if (!layout.matches("N|NC|NC[HW]{1,2}|N[HW]{1,2}C")) {
      throw NodeProblem.invalid("data_layout '" + layout + "' is unknown");
    }
    if (!last || rank < 3) {
      node.result(op, x, node.input(1));
      return;
    }
    List<Integer> toFirst = new ArrayList<>(List.of(0, rank - 1));
    List<Integer> toLast = new ArrayList<>(List.of(0));
    for (int axis = 1; axis < rank - 1; axis++) {
      toFirst.add(axis);
      toLast.add(axis + 1);
    }
    toLast.add(1);
    Value moved = node.emit(new DeviceOp.Transpose(toFirst), x);
    Value stepped = node.emit(op, moved, node.input(1));
    node.result(new DeviceOp.Transpose(toLast), stepped);
  }

  private static void requireOrder(Tensor thresholds, int steps) {
    Shape shape = thresholds.shape();
    for (int row = 0; row < shape.dim(0); row++) {
      for (int t = 1; t < steps; t++) {
        long at = (long) row * steps + t;
        if (thresholds.getFloat(at) < thresholds.getFloat(at - 1)) {
          throw NodeProblem.invalid(
              "thresholds must not decrease, found "
                  + thresholds.getFloat(at)
                  + " after "
                  + thresholds.getFloat(at - 1)
                  + " at ["
                  + row
                  + ","
                  + t
                  + "]");
        }
      }
    }
  }

  /** Checks that the outputs fit the type that the model declares for them. */
  private static void requireRange(String type, double least, double most) {
    Matcher integer = INTEGER.matcher(type);
    double low;
    double high;
    if (integer.matches()) {
      int bits = Integer.parseInt(integer.group(2));
      boolean signed = integer.group(1).isEmpty();
      low = signed ? -Math.scalb(1.0, bits - 1) : 0;
      high = Math.scalb(1.0, signed ? bits - 1 : bits) - 1;
    } else {
      switch (type) {
        case "BIPOLAR", "TERNARY" -> {
          low = -1;
          high = 1;
        }
        case "BINARY" -> {
          low = 0;
          high = 1;
        }
        case "", "FLOAT32" -> {
          return;
        }
        default -> throw NodeProblem.unsupported("out_dtype '" + type + "'");
      }
    }
    if (least < low || most > high) {
      throw NodeProblem.invalid(
          "contradictory quantizer: outputs " + least + ".." + most + " do not fit " + type);
    }
  }
}
