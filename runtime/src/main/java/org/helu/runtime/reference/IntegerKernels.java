package org.helu.runtime.reference;

import java.util.List;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.Window;
import org.helu.runtime.reference.MatrixKernels.Layout;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Integer ops on unpacked values: the definition of their results, bit by bit. */
final class IntegerKernels {
  private IntegerKernels() {}

  static Tensor evaluate(IntegerOp op, TensorType type, List<Tensor> inputs) {
    Tensor x = inputs.get(0);
    return switch (op) {
      case IntegerOp.IntegerDense dense -> {
        int outputs = inputs.get(1).shape().dim(0);
        int[] z = dense(values(x, dense.codes()), weights(inputs.get(1)), outputs);
        yield finish(dense.epilogues(), dense.residual(), type, z, inputs);
      }
      case IntegerOp.IntegerConv2d conv -> {
        int[] z =
            conv(
                values(x, conv.codes()),
                Layout.nhwc(x.shape()),
                weights(inputs.get(1)),
                Layout.nhwc(inputs.get(1).shape()),
                Layout.nhwc(type.shape()),
                conv);
        yield finish(conv.epilogues(), conv.residual(), type, z, inputs);
      }
      case IntegerOp.Convert convert ->
          x.type().elementType() == ElementType.FLOAT32
              ? fromFloats(convert.epilogue(), type, inputs)
              : finish(convert.epilogues(), false, type, values(x, Codes.UNSIGNED), inputs);
    };
  }

  /** Maxima of codes or sums. */
  static Tensor maxPool(DeviceOp.Pool2d op, TensorType type, Tensor x) {
    Tensor y = Tensor.zeros(type);
    Layout xs = Layout.nhwc(x.shape());
    Layout ys = Layout.nhwc(type.shape());
    Window window = op.window();
    for (int n = 0; n < ys.batch; n++) {
      for (int oh = 0; oh < ys.height; oh++) {
        for (int ow = 0; ow < ys.width; ow++) {
          for (int c = 0; c < ys.channels; c++) {
            long max = x.type().elementType() == ElementType.INT32 ? Integer.MIN_VALUE : 0;
            for (int tap = 0; tap < window.taps(); tap++) {
              int ih =
                  oh * window.strideH()
                      + tap / window.kernelW() * window.dilationH()
                      - window.padTop();
              int iw =
                  ow * window.strideW()
                      + tap % window.kernelW() * window.dilationW()
                      - window.padLeft();
              if (ih >= 0 && ih < xs.height && iw >= 0 && iw < xs.width) {
                max = Math.max(max, x.getLong(xs.index(n, ih, iw, c)));
              }
            }
            y.setLong(ys.index(n, oh, ow, c), max);
          }
        }
      }
    }
    return y;
  }

  private static int[] values(Tensor x, Codes codes) {
    int[] values = new int[Math.toIntExact(x.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = codes.step() * (int) x.getLong(i) - codes.zero();
    }
    return values;
  }

  private static int[] weights(Tensor weight) {
    return values(
        weight, weight.type().elementType() == ElementType.BIT ? Codes.BIPOLAR : Codes.UNSIGNED);
  }

  private static int[] dense(int[] x, int[] w, int outputs) {
    int inputs = outputs == 0 ? 0 : w.length / outputs;
    int rows = inputs == 0 ? 0 : x.length / inputs;
    int[] z = new int[Math.multiplyExact(rows, outputs)];
    for (int i = 0; i < z.length; i++) {
      int row = i / outputs * inputs;
      int column = i % outputs * inputs;
      for (int k = 0; k < inputs; k++) {
        z[i] += x[row + k] * w[column + k];
      }
    }
    return z;
  }

  private static int[] conv(
      int[] x, Layout xs, int[] w, Layout ws, Layout ys, IntegerOp.IntegerConv2d op) {
    int[] z = new int[ys.elements()];
    Window window = op.window();
    int groupIn = xs.channels / op.groups();
    int groupOut = ys.channels / op.groups();
    for (int n = 0; n < ys.batch; n++) {
      for (int o = 0; o < ys.channels; o++) {
        int firstChannel = o / groupOut * groupIn;
        for (int oh = 0; oh < ys.height; oh++) {
          for (int ow = 0; ow < ys.width; ow++) {
            int sum = 0;
            for (int kh = 0; kh < window.kernelH(); kh++) {
              int ih = oh * window.strideH() + kh * window.dilationH() - window.padTop();
              for (int kw = 0; kw < window.kernelW(); kw++) {
                int iw = ow * window.strideW() + kw * window.dilationW() - window.padLeft();
                boolean inside = ih >= 0 && ih < xs.height && iw >= 0 && iw < xs.width;
                for (int c = 0; c < groupIn; c++) {
                  int value = inside ? x[xs.index(n, ih, iw, firstChannel + c)] : op.codes().pad();
                  sum += value * w[ws.index(o, kh, kw, c)];
                }
              }
            }
            z[ys.index(n, oh, ow, o)] = sum;
          }
        }
      }
    }
    return z;
  }

  private static Tensor finish(
      List<Epilogue> epilogues, boolean residual, TensorType type, int[] z, List<Tensor> inputs) {
    Tensor y = Tensor.zeros(type);
    Epilogue first = epilogues.isEmpty() ? null : epilogues.getFirst();
    Tensor parameters = first == null ? null : inputs.get(inputs.size() - (residual ? 2 : 1));
    Tensor added = residual ? inputs.getLast() : null;
    Shape shape = type.shape();
    float[] floats = new float[epilogues.size() == 2 ? z.length : 0];
    for (int i = 0; i < z.length; i++) {
      long row = parameters == null ? 0 : row(parameters, i % shape.last());
      switch (first) {
        case null -> y.setLong(i, z[i]);
        case Epilogue.Threshold threshold -> {
          long sign = parameters.getLong(row);
          int code = 0;
          for (int t = 1; t <= threshold.steps(); t++) {
            code += sign * z[i] >= parameters.getLong(row + t) ? 1 : 0;
          }
          y.setLong(i, code);
        }
        case Epilogue.Requantize requantize -> {
          long sum = z[i] * parameters.getLong(row) + parameters.getLong(row + 1);
          if (added != null) {
            sum += added.getLong(i) * parameters.getLong(row + 2);
          }
          y.setLong(i, Math.clamp(sum >> requantize.shift(), 0, requantize.high()));
        }
        case Epilogue.Affine _ -> {
          float value = (float) z[i] * parameters.getFloat(row) + parameters.getFloat(row + 1);
          if (epilogues.size() == 2) {
            floats[i] = value;
          } else {
            y.setFloat(i, value);
          }
        }
        case Epilogue.Gate _, Epilogue.Quantize _ ->
            throw new IllegalArgumentException(first + " does not take integers");
      }
    }
    return epilogues.size() == 2 ? ReferenceKernels.gated(type, floats) : y;
  }

  private static Tensor fromFloats(Epilogue epilogue, TensorType type, List<Tensor> inputs) {
    Tensor y = Tensor.zeros(type);
    Tensor x = inputs.get(0);
    long count = x.elements();
    for (long i = 0; i < count; i++) {
      float z = x.getFloat(i);
      long code =
          switch (epilogue) {
            case Epilogue.Threshold threshold -> {
              Tensor parameters = inputs.get(1);
              long row = row(parameters, i % type.shape().last());
              float signed = z * parameters.getFloat(row);
              int reached = 0;
              for (int t = 1; t <= threshold.steps(); t++) {
                reached += signed >= parameters.getFloat(row + t) ? 1 : 0;
              }
              yield reached;
            }
            case Epilogue.Quantize quantize -> {
              double rounded = Math.rint(z / quantize.scale());
              double finite = Double.isNaN(rounded) ? 0 : rounded;
              yield (long) Math.clamp(finite + quantize.zeroPoint(), 0, quantize.high());
            }
            default -> throw new IllegalArgumentException(epilogue + " does not take floats");
          };
      y.setLong(i, code);
    }
    return y;
  }

  /** Index of the first parameter of channel {@code c}. */
  private static long row(Tensor parameters, long c) {
    return parameters.shape().dim(0) == 1 ? 0 : c * parameters.shape().dim(1);
  }
}
