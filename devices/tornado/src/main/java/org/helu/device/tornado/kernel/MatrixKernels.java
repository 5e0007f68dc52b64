package org.helu.device.tornado.kernel;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Dense layers, convolutions and matrix products.
 *
 * <p>Sums are formed in float32 in the order of the inner dimension, as the reference kernels do.
 * Kernels ending in 8 compute eight neighbouring outputs at once, with weights packed so that those
 * eight stand side by side: the device's compiler makes SIMD instructions of that. {@code flags}
 * has bit 0 for a bias, bit 1 for a residual and bit 2 for a gate.
 */
public final class MatrixKernels {
  /** Outputs that the blocked kernels compute at once. */
  public static final int BLOCK = 8;

  private MatrixKernels() {}

  /** HeLU at inference: 0 where {@code z <= 0}, else z; NaN passes. */
  static float gated(float z) {
    // Not `z <= 0f`: TornadoVM's code for <= and >= answers true for NaN.
    return z > 0f ? z : z == z ? 0f : z;
  }

  static float finish(
      float sum, FloatArray bias, FloatArray residual, int channel, int at, int flags) {
    float z = sum;
    if ((flags & 1) != 0) {
      z = z + bias.get(channel);
    }
    if ((flags & 2) != 0) {
      z = z + residual.get(at);
    }
    return (flags & 4) != 0 ? gated(z) : z;
  }

  /** {@code x [rows,K]}, {@code w [K,O]} (transposed) to {@code y [rows,O]}, per sample. */
  public static void heluDense(
      FloatArray x,
      FloatArray w,
      FloatArray bias,
      FloatArray residual,
      FloatArray y,
      IntArray batch,
      int maxBatch,
      int rows,
      int inputs,
      int outputs,
      int flags) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < rows * outputs; i++) {
        if (n < batch.get(0)) {
          int o = i % outputs;
          int row = n * rows + i / outputs;
          float sum = 0f;
          for (int k = 0; k < inputs; k++) {
            sum = sum + x.get(row * inputs + k) * w.get(k * outputs + o);
          }
          int at = row * outputs + o;
          y.set(at, finish(sum, bias, residual, o, at, flags));
        }
      }
    }
  }

  /** As {@link #heluDense} with {@code w [O/8,K,8]}. */
  public static void heluDense8(
      FloatArray x,
      FloatArray w,
      FloatArray bias,
      FloatArray residual,
      FloatArray y,
      IntArray batch,
      int maxBatch,
      int rows,
      int inputs,
      int outputs,
      int flags) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < rows * (outputs / 8); i++) {
        if (n < batch.get(0)) {
          int blocks = outputs / 8;
          int block = i % blocks;
          int row = n * rows + i / blocks;
          float s0 = 0f;
          float s1 = 0f;
          float s2 = 0f;
          float s3 = 0f;
          float s4 = 0f;
          float s5 = 0f;
          float s6 = 0f;
          float s7 = 0f;
          for (int k = 0; k < inputs; k++) {
            float v = x.get(row * inputs + k);
            int at = (block * inputs + k) * 8;
            s0 = s0 + v * w.get(at);
            s1 = s1 + v * w.get(at + 1);
            s2 = s2 + v * w.get(at + 2);
            s3 = s3 + v * w.get(at + 3);
            s4 = s4 + v * w.get(at + 4);
            s5 = s5 + v * w.get(at + 5);
            s6 = s6 + v * w.get(at + 6);
            s7 = s7 + v * w.get(at + 7);
          }
          int o = block * 8;
          int at = row * outputs + o;
          y.set(at, finish(s0, bias, residual, o, at, flags));
          y.set(at + 1, finish(s1, bias, residual, o + 1, at + 1, flags));
          y.set(at + 2, finish(s2, bias, residual, o + 2, at + 2, flags));
          y.set(at + 3, finish(s3, bias, residual, o + 3, at + 3, flags));
          y.set(at + 4, finish(s4, bias, residual, o + 4, at + 4, flags));
          y.set(at + 5, finish(s5, bias, residual, o + 5, at + 5, flags));
          y.set(at + 6, finish(s6, bias, residual, o + 6, at + 6, flags));
          y.set(at + 7, finish(s7, bias, residual, o + 7, at + 7, flags));
        }
      }
    }
  }

  /**
   * Convolution of any kind, depthwise ones included: {@code w [kH,kW,C/groups,O]}.
   *
   * @param g inH, inW, inC, outW, kH, kW, strideH, strideW, dilationH, dilationW, padTop, padLeft,
   *     input channels per group, output channels per group
   * @param pixels outH × outW
   */
  public static void heluConv2d(
      FloatArray x,
      FloatArray w,
      FloatArray bias,
      FloatArray residual,
      FloatArray y,
      IntArray batch,
      IntArray g,
      int maxBatch,
      int pixels,
      int outputs,
      int flags) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < pixels * outputs; i++) {
        if (n < batch.get(0)) {
          int o = i % outputs;
          int pixel = i / outputs;
          int inH = g.get(0);
          int inW = g.get(1);
          int inC = g.get(2);
          int top = pixel / g.get(3) * g.get(6) - g.get(10);
          int left = pixel % g.get(3) * g.get(7) - g.get(11);
          int kH = g.get(4);
          int kW = g.get(5);
          int groupIn = g.get(12);
          int first = o / g.get(13) * groupIn;
          float sum = 0f;
          for (int kh = 0; kh < kH; kh++) {
            int ih = top + kh * g.get(8);
            for (int kw = 0; kw < kW; kw++) {
              int iw = left + kw * g.get(9);
              if (ih >= 0 && ih < inH && iw >= 0 && iw < inW) {
                int from = ((n * inH + ih) * inW + iw) * inC + first;
                int weight = (kh * kW + kw) * groupIn * outputs + o;
                for (int c = 0; c < groupIn; c++) {
                  sum = sum + x.get(from + c) * w.get(weight + c * outputs);
                }
              }
            }
          }
          int at = (n * pixels + pixel) * outputs + o;
          y.set(at, finish(sum, bias, residual, o, at, flags));
        }
      }
    }
  }

  /** As {@link #heluConv2d} for one group, with {@code w [O/8,kH,kW,C,8]}. */
  public static void heluConv2d8(
      FloatArray x,
      FloatArray w,
      FloatArray bias,
      FloatArray residual,
      FloatArray y,
      IntArray batch,
      IntArray g,
      int maxBatch,
      int pixels,
      int outputs,
      int flags) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < pixels * (outputs / 8); i++) {
        if (n < batch.get(0)) {
          int blocks = outputs / 8;
          int block = i % blocks;
          int pixel = i / blocks;
          int inH = g.get(0);
          int inW = g.get(1);
          int inC = g.get(2);
          int top = pixel / g.get(3) * g.get(6) - g.get(10);
          int left = pixel % g.get(3) * g.get(7) - g.get(11);
          int kH = g.get(4);
          int kW = g.get(5);
          int dilationH = g.get(8);
          int dilationW = g.get(9);
          float s0 = 0f;
          float s1 = 0f;
          float s2 = 0f;
          float s3 = 0f;
          float s4 = 0f;
          float s5 = 0f;
          float s6 = 0f;
          float s7 = 0f;
          for (int kh = 0; kh < kH; kh++) {
            int ih = top + kh * dilationH;
            for (int kw = 0; kw < kW; kw++) {
              int iw = left + kw * dilationW;
              if (ih >= 0 && ih < inH && iw >= 0 && iw < inW) {
                int from = ((n * inH + ih) * inW + iw) * inC;
                int weight = ((block * kH + kh) * kW + kw) * inC * 8;
                for (int c = 0; c < inC; c++) {
                  float v = x.get(from + c);
                  int at = weight + c * 8;
                  s0 = s0 + v * w.get(at);
                  s1 = s1 + v * w.get(at + 1);
                  s2 = s2 + v * w.get(at + 2);
                  s3 = s3 + v * w.get(at + 3);
                  s4 = s4 + v * w.get(at + 4);
                  s5 = s5 + v * w.get(at + 5);
                  s6 = s6 + v * w.get(at + 6);
                  s7 = s7 + v * w.get(at + 7);
                }
              }
            }
          }
          int o = block * 8;
          int at = (n * pixels + pixel) * outputs + o;
          y.set(at, finish(s0, bias, residual, o, at, flags));
          y.set(at + 1, finish(s1, bias, residual, o + 1, at + 1, flags));
          y.set(at + 2, finish(s2, bias, residual, o + 2, at + 2, flags));
          y.set(at + 3, finish(s3, bias, residual, o + 3, at + 3, flags));
          y.set(at + 4, finish(s4, bias, residual, o + 4, at + 4, flags));
          y.set(at + 5, finish(s5, bias, residual, o + 5, at + 5, flags));
          y.set(at + 6, finish(s6, bias, residual, o + 6, at + 6, flags));
          y.set(at + 7, finish(s7, bias, residual, o + 7, at + 7, flags));
        }
      }
    }
  }

  /**
   * {@code [M,K] x [K,N]} for each of a sample's {@code matrices} pairs.
   *
   * @param aBase where the left matrix of a pair starts within its sample
   * @param bBase likewise for the right one
   * @param aStride elements from one sample's left matrices to the next one's, 0 if they are shared
   */
  public static void heluBatchMatMul(
      FloatArray a,
      FloatArray b,
      FloatArray y,
      IntArray aBase,
      IntArray bBase,
      IntArray batch,
      int maxBatch,
      int matrices,
      int m,
      int k,
      int n,
      int aStride,
      int bStride) {
    for (@Parallel int sample = 0; sample < maxBatch; sample++) {
      for (@Parallel int i = 0; i < matrices * m * n; i++) {
        if (sample < batch.get(0)) {
          int matrix = i / (m * n);
          int row = i / n % m;
          int aAt = sample * aStride + aBase.get(matrix) + row * k;
          int bAt = sample * bStride + bBase.get(matrix) + i % n;
          float sum = 0f;
          for (int p = 0; p < k; p++) {
            sum = sum + a.get(aAt + p) * b.get(bAt + p * n);
          }
          y.set(sample * matrices * m * n + i, sum);
        }
      }
    }
  }
}
