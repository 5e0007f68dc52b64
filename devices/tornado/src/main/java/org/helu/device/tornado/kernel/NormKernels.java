package org.helu.device.tornado.kernel;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Pools, reductions, softmax and layer normalization; one parallel iteration an output or row. */
public final class NormKernels {
  private NormKernels() {}

  /** The larger one, NaN if either is. */
  static float max(float x, float y) {
    return x == x ? (y > x ? y : y == y ? x : y) : x;
  }

  /** The smaller one, NaN if either is. */
  static float min(float x, float y) {
    return x == x ? (y < x ? y : y == y ? x : y) : x;
  }

  /**
   * Pool, NHWC.
   *
   * @param g inH, inW, outW, kH, kW, strideH, strideW, dilationH, dilationW, padTop, padLeft,
   *     padBottom, padRight
   * @param kind 0 largest, 1 mean of what is inside the input, 2 mean with padding as zeros
   */
  public static void heluPool2d(
      FloatArray x,
      FloatArray y,
      IntArray batch,
      IntArray g,
      int maxBatch,
      int pixels,
      int channels,
      int kind) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < pixels * channels; i++) {
        if (n < batch.get(0)) {
          int c = i % channels;
          int pixel = i / channels;
          int inH = g.get(0);
          int inW = g.get(1);
          int top = pixel / g.get(2) * g.get(5) - g.get(9);
          int left = pixel % g.get(2) * g.get(6) - g.get(10);
          int kH = g.get(3);
          int kW = g.get(4);
          float max = -1f / 0f;
          float sum = 0f;
          int inside = 0;
          int padded = 0;
          for (int kh = 0; kh < kH; kh++) {
            int ih = top + kh * g.get(7);
            for (int kw = 0; kw < kW; kw++) {
              int iw = left + kw * g.get(8);
              if (ih >= 0 && ih < inH && iw >= 0 && iw < inW) {
                float value = x.get(((n * inH + ih) * inW + iw) * channels + c);
                max = max(max, value);
                sum = sum + value;
                inside = inside + 1;
              }
              // What only ceil_mode adds, behind the declared padding, never counts.
              if (ih < inH + g.get(11) && iw < inW + g.get(12)) {
                padded = padded + 1;
              }
            }
          }
          float mean = sum / (kind == 1 ? inside : padded);
          y.set(n * pixels * channels + i, kind == 0 ? max : mean);
        }
      }
    }
  }

  /**
   * Reduction: output i of a sample reads elements {@code base[i] + offsets[r]}.
   *
   * @param kind 0 mean, 1 sum, 2 product, 3 largest, 4 smallest
   */
  public static void heluReduce(
      FloatArray x,
      FloatArray y,
      IntArray base,
      IntArray offsets,
      IntArray batch,
      int maxBatch,
      int outputs,
      int count,
      int xStride,
      int kind) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < outputs; i++) {
        if (n < batch.get(0)) {
          int from = n * xStride + base.get(i);
          float result = kind == 2 ? 1f : kind == 3 ? -1f / 0f : kind == 4 ? 1f / 0f : 0f;
          for (int r = 0; r < count; r++) {
            float value = x.get(from + offsets.get(r));
            if (kind == 2) {
              result = result * value;
            } else if (kind == 3) {
              result = max(result, value);
            } else if (kind == 4) {
              result = min(result, value);
            } else {
              result = result + value;
            }
          }
          y.set(n * outputs + i, kind == 0 ? result / count : result);
        }
      }
    }
  }

  /**
   * Softmax, or its logarithm if {@code logarithmic} is 1, of rows whose elements are inner apart.
   */
  public static void heluSoftmax(
      FloatArray x,
      FloatArray y,
      IntArray batch,
      int maxBatch,
      int rows,
      int size,
      int inner,
      int logarithmic) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int row = 0; row < rows; row++) {
        if (n < batch.get(0)) {
          int from = n * rows * size + row / inner * inner * size + row % inner;
          float max = -1f / 0f;
          for (int i = 0; i < size; i++) {
            max = max(max, x.get(from + i * inner));
          }
          float sum = 0f;
          for (int i = 0; i < size; i++) {
            sum = sum + FloatFunctions.exp(x.get(from + i * inner) - max);
          }
          float logarithm = FloatFunctions.log(sum);
          for (int i = 0; i < size; i++) {
            float shifted = x.get(from + i * inner) - max;
            float value =
                logarithmic == 1 ? shifted - logarithm : FloatFunctions.exp(shifted) / sum;
            y.set(from + i * inner, value);
          }
        }
      }
    }
  }

  /** {@code (x - mean) / sqrt(var + epsilon) * scale + bias} of rows of {@code size} elements. */
  public static void heluLayerNorm(
      FloatArray x,
      FloatArray scale,
      FloatArray bias,
      FloatArray y,
      IntArray scaleIndex,
      IntArray biasIndex,
      IntArray batch,
      int maxBatch,
      int rows,
      int size,
      int hasBias,
      float epsilon) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int row = 0; row < rows; row++) {
        if (n < batch.get(0)) {
          int within = row * size;
          int from = n * rows * size + within;
          float sum = 0f;
          for (int i = 0; i < size; i++) {
            sum = sum + x.get(from + i);
          }
          float mean = sum / size;
          float squares = 0f;
          for (int i = 0; i < size; i++) {
            float centered = x.get(from + i) - mean;
            squares = squares + centered * centered;
          }
          float inverse = 1f / FloatFunctions.sqrt(squares / size + epsilon);
          for (int i = 0; i < size; i++) {
            float normal = (x.get(from + i) - mean) * inverse;
            float scaled = normal * scale.get(scaleIndex.get(within + i));
            float shift = hasBias == 1 ? bias.get(biasIndex.get(within + i)) : 0f;
            y.set(from + i, scaled + shift);
          }
        }
      }
    }
  }
}
