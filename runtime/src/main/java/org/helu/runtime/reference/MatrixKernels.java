package org.helu.runtime.reference;

import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Shape;

/**
 * Dense, convolution and pooling in scalar Java. Products are accumulated in float32 one after the
 * other, innermost dimension last; then bias, then residual.
 */
final class MatrixKernels {
  private MatrixKernels() {}

  /** {@code x [rows,K], w [O,K]} to {@code [rows,O]}. */
  static float[] dense(float[] x, float[] w, int rows, int inputs, int outputs) {
    float[] y = new float[Math.multiplyExact(rows, outputs)];
    for (int row = 0; row < rows; row++) {
      for (int o = 0; o < outputs; o++) {
        float sum = 0;
        for (int k = 0; k < inputs; k++) {
          sum += x[row * inputs + k] * w[o * inputs + k];
        }
        y[row * outputs + o] = sum;
      }
    }
    return y;
  }

  /** General matrix product, see {@link FloatOp.Gemm}; {@code c} may be null. */
  static float[] gemm(
      FloatOp.Gemm op, float[] a, Shape as, float[] b, Shape bs, float[] c, Shape cs) {
    int m = as.dim(op.transA() ? 1 : 0);
    int k = as.dim(op.transA() ? 0 : 1);
    int n = bs.dim(op.transB() ? 0 : 1);
    int aRow = op.transA() ? 1 : k;
    int aCol = op.transA() ? m : 1;
    int bRow = op.transB() ? 1 : n;
    int bCol = op.transB() ? k : 1;
    int cRow = c == null || cs.rank() < 2 || cs.dim(-2) == 1 ? 0 : cs.dim(-1);
    int cCol = c == null || cs.last() == 1 ? 0 : 1;
    float[] y = new float[Math.multiplyExact(m, n)];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        float sum = 0;
        for (int p = 0; p < k; p++) {
          sum += a[i * aRow + p * aCol] * b[p * bRow + j * bCol];
        }
        sum *= op.alpha();
        y[i * n + j] = c == null ? sum : sum + op.beta() * c[i * cRow + j * cCol];
      }
    }
    return y;
  }

  /** One matrix product inside a batch of them: {@code [M,K] x [K,N]} from the given offsets. */
  static void matMul(
      float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int m, int k, int n) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        float sum = 0;
        for (int p = 0; p < k; p++) {
          sum += a[aOffset + i * k + p] * b[bOffset + p * n + j];
        }
        y[yOffset + i * n + j] = sum;
      }
    }
  }

  /** Convolution; strides tell whether the operands are NCHW or NHWC. */
  static float[] conv(
      float[] x, Layout xs, float[] w, Layout ws, Layout ys, Window window, int groups) {
    float[] y = new float[ys.elements()];
    int groupIn = xs.channels / groups;
    int groupOut = ys.channels / groups;
    for (int n = 0; n < ys.batch; n++) {
      for (int o = 0; o < ys.channels; o++) {
        int firstChannel = o / groupOut * groupIn;
        for (int oh = 0; oh < ys.height; oh++) {
          for (int ow = 0; ow < ys.width; ow++) {
            float sum = 0;
            for (int kh = 0; kh < window.kernelH(); kh++) {
              int ih = oh * window.strideH() + kh * window.dilationH() - window.padTop();
              for (int kw = 0; kw < window.kernelW(); kw++) {
                int iw = ow * window.strideW() + kw * window.dilationW() - window.padLeft();
                if (ih < 0 || ih >= xs.height || iw < 0 || iw >= xs.width) {
                  continue;
                }
                for (int c = 0; c < groupIn; c++) {
                  sum += x[xs.index(n, ih, iw, firstChannel + c)] * w[ws.index(o, kh, kw, c)];
                }
              }
            }
            y[ys.index(n, oh, ow, o)] = sum;
          }
        }
      }
    }
    return y;
  }

  /** Pool; strides tell whether the operands are NCHW or NHWC. */
  static float[] pool(float[] x, Layout xs, Layout ys, PoolKind kind, Window window) {
    float[] y = new float[ys.elements()];
    for (int n = 0; n < ys.batch; n++) {
      for (int oh = 0; oh < ys.height; oh++) {
        for (int ow = 0; ow < ys.width; ow++) {
          for (int c = 0; c < ys.channels; c++) {
            y[ys.index(n, oh, ow, c)] = poolWindow(x, xs, kind, window, n, oh, ow, c);
          }
        }
      }
    }
    return y;
  }

  private static float poolWindow(
      float[] x, Layout xs, PoolKind kind, Window window, int n, int oh, int ow, int c) {
    float max = Float.NEGATIVE_INFINITY;
    float sum = 0;
    int inside = 0;
    int padded = 0;
    for (int kh = 0; kh < window.kernelH(); kh++) {
      int ih = oh * window.strideH() + kh * window.dilationH() - window.padTop();
      for (int kw = 0; kw < window.kernelW(); kw++) {
        int iw = ow * window.strideW() + kw * window.dilationW() - window.padLeft();
        if (ih >= 0 && ih < xs.height && iw >= 0 && iw < xs.width) {
          float value = x[xs.index(n, ih, iw, c)];
          max = Math.max(max, value);
          sum += value;
          inside++;
        }
        // Positions that only ceil_mode adds, behind the declared padding, never count.
        if (ih < xs.height + window.padBottom() && iw < xs.width + window.padRight()) {
          padded++;
        }
      }
    }
    return switch (kind) {
      case MAX -> max;
      case AVERAGE -> sum / inside;
      case AVERAGE_INCLUDE_PAD -> sum / padded;
    };
  }

  /** Where the element {@code (n, h, w, c)} of a 4-D tensor stands. */
  static final class Layout {
    final int batch;
    final int height;
    final int width;
    final int channels;
    private final int strideN;
    private final int strideH;
    private final int strideW;
    private final int strideC;

    private Layout(int n, int h, int w, int c, int strideH, int strideW, int strideC) {
      this.batch = n;
      this.height = h;
      this.width = w;
      this.channels = c;
      this.strideN = Math.multiplyExact(Math.multiplyExact(h, w), c);
      this.strideH = strideH;
      this.strideW = strideW;
      this.strideC = strideC;
    }

    static Layout nchw(Shape s) {
      return new Layout(s.dim(0), s.dim(2), s.dim(3), s.dim(1), s.dim(3), 1, s.dim(2) * s.dim(3));
    }

    static Layout nhwc(Shape s) {
      return new Layout(s.dim(0), s.dim(1), s.dim(2), s.dim(3), s.dim(2) * s.dim(3), s.dim(3), 1);
    }

    int elements() {
      return Math.multiplyExact(batch, strideN);
    }

    int index(int n, int h, int w, int c) {
      return n * strideN + h * strideH + w * strideW + c * strideC;
    }
  }
}
