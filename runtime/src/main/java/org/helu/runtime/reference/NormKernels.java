package org.helu.runtime.reference;

import java.util.List;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Reductions, softmax and layer normalization; sums in double. */
final class NormKernels {
  private NormKernels() {}

  static Tensor reduce(DeviceOp.Reduce op, TensorType type, Tensor x) {
    Shape in = x.shape();
    boolean[] reduced = new boolean[in.rank()];
    long folded = 1;
    for (int axis : op.axes()) {
      int normal = axis < 0 ? axis + in.rank() : axis;
      if (!reduced[normal]) {
        reduced[normal] = true;
        folded *= in.dim(normal);
      }
    }
    int outputs = Math.toIntExact(type.shape().elements());
    double[] sums = new double[outputs];
    java.util.Arrays.fill(sums, initial(op.kind()));
    int[] index = new int[in.rank()];
    long count = in.elements();
    for (long i = 0; i < count; i++) {
      int target = 0;
      for (int axis = 0; axis < index.length; axis++) {
        if (!reduced[axis]) {
          target = target * in.dim(axis) + index[axis];
        }
      }
      float value = x.getFloat(i);
      sums[target] =
          switch (op.kind()) {
            case MEAN, SUM -> sums[target] + value;
            case PROD -> sums[target] * value;
            case MAX -> Math.max(sums[target], value);
            case MIN -> Math.min(sums[target], value);
          };
      ShapeKernels.next(index, in);
    }
    Tensor y = Tensor.zeros(new TensorType(ElementType.FLOAT32, type.shape()));
    for (int i = 0; i < outputs; i++) {
      y.setFloat(i, (float) (op.kind() == ReduceKind.MEAN ? sums[i] / folded : sums[i]));
    }
    return y;
  }

  private static double initial(ReduceKind kind) {
    return switch (kind) {
      case MEAN, SUM -> 0;
      case PROD -> 1;
      case MAX -> Double.NEGATIVE_INFINITY;
      case MIN -> Double.POSITIVE_INFINITY;
    };
  }

  static Tensor softmax(DeviceOp.Softmax op, TensorType type, Tensor x) {
    Tensor y = Tensor.zeros(type);
    Shape shape = x.shape();
    int axis = op.axis() < 0 ? op.axis() + shape.rank() : op.axis();
    int size = shape.dim(axis);
    long inner = 1;
    for (int a = axis + 1; a < shape.rank(); a++) {
      inner *= shape.dim(a);
    }
    long rows = size == 0 ? 0 : x.elements() / size;
    for (long row = 0; row < rows; row++) {
      long base = row / inner * inner * size + row % inner;
      double max = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < size; i++) {
        max = Math.max(max, x.getFloat(base + i * inner));
      }
      double sum = 0;
      for (int i = 0; i < size; i++) {
        sum += Math.exp(x.getFloat(base + i * inner) - max);
      }
      for (int i = 0; i < size; i++) {
        double shifted = x.getFloat(base + i * inner) - max;
        double value = op.log() ? shifted - Math.log(sum) : Math.exp(shifted) / sum;
        y.setFloat(base + i * inner, (float) value);
      }
    }
    return y;
  }

  static Tensor layerNorm(DeviceOp.LayerNorm op, TensorType type, List<Tensor> inputs) {
    Tensor x = inputs.get(0);
    Shape shape = x.shape();
    int axis = op.axis() < 0 ? op.axis() + shape.rank() : op.axis();
    long size = 1;
    for (int a = axis; a < shape.rank(); a++) {
      size *= shape.dim(a);
    }
    Tensor scale = spread(inputs.get(1), shape);
    Tensor bias = inputs.size() == 3 ? spread(inputs.get(2), shape) : null;
    Tensor y = Tensor.zeros(type);
    long rows = size == 0 ? 0 : x.elements() / size;
    for (long row = 0; row < rows; row++) {
      double sum = 0;
      for (long i = 0; i < size; i++) {
        sum += x.getFloat(row * size + i);
      }
      double mean = sum / size;
      double squares = 0;
      for (long i = 0; i < size; i++) {
        double centered = x.getFloat(row * size + i) - mean;
        squares += centered * centered;
      }
      double inverse = 1 / Math.sqrt(squares / size + op.epsilon());
      for (long i = row * size; i < (row + 1) * size; i++) {
        double normal = (x.getFloat(i) - mean) * inverse * scale.getFloat(i);
        y.setFloat(i, (float) (bias == null ? normal : normal + bias.getFloat(i)));
      }
    }
    return y;
  }

  private static Tensor spread(Tensor parameter, Shape shape) {
    long[] strides = ShapeKernels.broadcastStrides(parameter.shape(), shape);
    return ShapeKernels.strided(parameter, 0, strides, shape);
  }
}
