package org.helu.compiler.analysis;

import java.util.List;
import org.helu.compiler.analysis.DoubleInterpreter.Value;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Shape;

/** Convolutions and pools over NCHW or NHWC. */
record DoubleWindow(Window w, Shape x, Shape y, boolean nhwc) {
  private int dim(Shape shape, int axis) {
    return shape.dim(nhwc ? new int[] {0, 3, 1, 2}[axis] : axis);
  }

  private int index(Shape shape, int n, int c, int h, int column) {
    int channels = dim(shape, 1);
    int height = dim(shape, 2);
    int width = dim(shape, 3);
    return nhwc
        ? ((n * height + h) * width + column) * channels + c
        : ((n * channels + c) * height + h) * width + column;
  }

  Value conv(List<Value> in, int groups) {
    Shape ws = in.get(1).type().shape();
    int groupIn = dim(x, 1) / groups;
    int groupOut = dim(y, 1) / groups;
    double[] out = new double[(int) y.elements()];
    forEachOutput(
        (n, o, oh, ow) -> {
          DoubleKernels.Dot dot = new DoubleKernels.Dot();
          for (int tap = 0; tap < w.taps(); tap++) {
            int kh = tap / w.kernelW();
            int kw = tap % w.kernelW();
            int ih = oh * w.strideH() + kh * w.dilationH() - w.padTop();
            int iw = ow * w.strideW() + kw * w.dilationW() - w.padLeft();
            if (ih >= 0 && ih < dim(x, 2) && iw >= 0 && iw < dim(x, 3)) {
              for (int c = 0; c < groupIn; c++) {
                int from = index(x, n, o / groupOut * groupIn + c, ih, iw);
                dot.add(in.get(0).doubles()[from], in.get(1).at(index(ws, o, c, kh, kw)));
              }
            }
          }
          double bias = in.size() > 2 ? in.get(2).at(o) : 0;
          out[index(y, n, o, oh, ow)] = in.size() > 2 ? dot.value() + bias : dot.value();
        });
    return Value.of(y, out);
  }

  Value max(Value value) {
    double[] out = new double[(int) y.elements()];
    forEachOutput(
        (n, c, oh, ow) -> {
          double max = Double.NEGATIVE_INFINITY;
          for (int tap = 0; tap < w.taps(); tap++) {
            int ih = oh * w.strideH() + tap / w.kernelW() * w.dilationH() - w.padTop();
            int iw = ow * w.strideW() + tap % w.kernelW() * w.dilationW() - w.padLeft();
            if (ih >= 0 && ih < dim(x, 2) && iw >= 0 && iw < dim(x, 3)) {
              max = Math.max(max, value.at(index(x, n, c, ih, iw)));
            }
          }
          out[index(y, n, c, oh, ow)] = max;
        });
    return Value.of(y, out);
  }

  Value mean(Value value, PoolKind kind) {
    double[] out = new double[(int) y.elements()];
    forEachOutput(
        (n, c, oh, ow) -> {
          DoubleKernels.Dot sum = new DoubleKernels.Dot();
          int inside = 0;
          for (int tap = 0; tap < w.taps(); tap++) {
            int ih = oh * w.strideH() + tap / w.kernelW() * w.dilationH() - w.padTop();
            int iw = ow * w.strideW() + tap % w.kernelW() * w.dilationW() - w.padLeft();
            if (ih >= 0 && ih < dim(x, 2) && iw >= 0 && iw < dim(x, 3)) {
              sum.add(value.at(index(x, n, c, ih, iw)), 1);
              inside++;
            }
          }
          int count = kind == PoolKind.AVERAGE ? inside : w.taps();
          out[index(y, n, c, oh, ow)] = sum.value() / count;
        });
    return Value.of(y, out);
  }

  private interface Output {
    void at(int n, int c, int h, int w);
  }

  private void forEachOutput(Output output) {
    for (int n = 0; n < dim(y, 0); n++) {
      for (int c = 0; c < dim(y, 1); c++) {
        for (int h = 0; h < dim(y, 2); h++) {
          for (int column = 0; column < dim(y, 3); column++) {
            output.at(n, c, h, column);
          }
        }
      }
    }
  }
}
