package org.helu.runtime.reference;

import java.util.List;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Quantizers on floats, as a framework computes them. */
final class QuantizerKernels {
  private QuantizerKernels() {}

  static Tensor quantize(FloatOp.Quantize op, TensorType type, List<Tensor> inputs) {
    Tensor x = inputs.get(0);
    Tensor y = Tensor.zeros(type);
    for (int i = 0; i < x.elements(); i++) {
      int c = channel(i, type.shape(), op.axis(), inputs.get(1));
      double rounded = op.rounding().round(x.getFloat(i) / inputs.get(1).getFloat(c));
      double code = (Double.isNaN(rounded) ? 0 : rounded) + inputs.get(2).getLong(c);
      y.setLong(i, (long) Math.clamp(code, op.low(), op.high()));
    }
    return y;
  }

  static Tensor dequantize(FloatOp.Dequantize op, TensorType type, List<Tensor> inputs) {
    Tensor x = inputs.get(0);
    Tensor y = Tensor.zeros(type);
    for (int i = 0; i < x.elements(); i++) {
      int c = channel(i, type.shape(), op.axis(), inputs.get(1));
      y.setFloat(i, (x.getLong(i) - inputs.get(2).getLong(c)) * inputs.get(1).getFloat(c));
    }
    return y;
  }

  static Tensor multiThreshold(FloatOp.MultiThreshold op, TensorType type, List<Tensor> inputs) {
    Tensor x = inputs.get(0);
    Tensor thresholds = inputs.get(1);
    int steps = thresholds.shape().dim(1);
    Tensor y = Tensor.zeros(type);
    for (int i = 0; i < x.elements(); i++) {
      int row = thresholds.shape().dim(0) == 1 ? 0 : channel(i, type.shape(), 1, thresholds);
      int reached = 0;
      for (int t = 0; t < steps; t++) {
        float threshold = thresholds.getFloat((long) row * steps + t);
        reached +=
            op.strict() ? x.getFloat(i) > threshold ? 1 : 0 : x.getFloat(i) >= threshold ? 1 : 0;
      }
      y.setFloat(i, op.outScale() * reached + op.outBias());
    }
    return y;
  }

  private static int channel(int element, Shape shape, int axis, Tensor perChannel) {
    if (perChannel.shape().rank() == 0) {
      return 0;
    }
    int normal = axis < 0 ? axis + shape.rank() : axis;
    int inner = 1;
    for (int a = normal + 1; a < shape.rank(); a++) {
      inner *= shape.dim(a);
    }
    return element / inner % shape.dim(normal);
  }
}
