package org.helu.runtime.op;

import java.util.List;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.TensorType;

/**
 * What import gives and devices do not run: the compiler lowers each to {@link DeviceOp}s. Images
 * are NCHW here, as in ONNX and PyTorch; weights may still be any value.
 */
public sealed interface FloatOp extends Op {

  /**
   * 2-D convolution (cross-correlation), NCHW. Inputs: x {@code [N,C,H,W]}, weight {@code
   * [O,C/groups,kH,kW]}, optional bias {@code [O]}. Source: ONNX <i>Conv</i>.
   */
  record Conv(Window window, int groups) implements FloatOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 2, 3);
      ShapeRules.requireFloat(inputs);
      ShapeRules.requireRank(inputs.get(0), 4, "NCHW input");
      ShapeRules.requireRank(inputs.get(1), 4, "weight");
      Shape x = inputs.get(0).shape();
      Shape w = inputs.get(1).shape();
      int outputs = w.dim(0);
      if (groups < 1 || x.dim(1) % groups != 0 || outputs % groups != 0) {
        throw new OpException(
            "groups=" + groups + " does not divide " + x.dim(1) + " and " + outputs + " channels");
      }
      ShapeRules.requireShape(
          inputs.get(1),
          Shape.of(outputs, x.dim(1) / groups, window.kernelH(), window.kernelW()),
          "weight");
      if (inputs.size() == 3) {
        ShapeRules.requireShape(inputs.get(2), Shape.of(outputs), "bias");
      }
      return TensorType.float32(x.dim(0), outputs, window.outH(x.dim(2)), window.outW(x.dim(3)));
    }
  }

  /** Pool over a window, NCHW. {@code ceil} rounds the output size up, as ONNX's ceil_mode. */
  record Pool(PoolKind kind, Window window, boolean ceil) implements FloatOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 1, 1);
      ShapeRules.requireFloat(inputs);
      ShapeRules.requireRank(inputs.get(0), 4, "NCHW input");
      Shape x = inputs.get(0).shape();
      int outH = DeviceOp.Pool2d.outH(window, x.dim(2), ceil);
      int outW = DeviceOp.Pool2d.outW(window, x.dim(3), ceil);
      return TensorType.float32(x.dim(0), x.dim(1), outH, outW);
    }
  }

  /**
   * {@code Y = alpha * A' B' + beta * C} with {@code A' = transA ? A^T : A}; C is optional and
   * broadcasts. Source: ONNX <i>Gemm</i>.
   */
  record Gemm(float alpha, float beta, boolean transA, boolean transB) implements FloatOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 2, 3);
      ShapeRules.requireFloat(inputs);
      ShapeRules.requireRank(inputs.get(0), 2, "A");
      ShapeRules.requireRank(inputs.get(1), 2, "B");
      Shape a = inputs.get(0).shape();
      Shape b = inputs.get(1).shape();
      if (transA && a.isBatched()) {
        throw new OpException("transA moves the batch dimension of " + a);
      }
      int m = a.dim(transA ? 1 : 0);
      int k = a.dim(transA ? 0 : 1);
      if (k != b.dim(transB ? 1 : 0)) {
        throw new OpException("inner dimensions differ: " + a + " and " + b);
      }
      Shape out = Shape.of(m, b.dim(transB ? 0 : 1));
      if (inputs.size() == 3) {
        Shape broadcast = ShapeRules.broadcast(out, inputs.get(2).shape());
        if (!broadcast.equals(out)) {
          throw new OpException("C " + inputs.get(2).shape() + " does not broadcast to " + out);
        }
      }
      return inputs.get(0).withShape(out).withEncoding(PLAIN);
    }
  }

  /** NumPy's matmul: {@code [...,M,K] x [...,K,N] -> [...,M,N]}. Source: ONNX <i>MatMul</i>. */
  record MatMul() implements FloatOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 2, 2);
      ShapeRules.requireFloat(inputs);
      Shape shape = ShapeRules.matMul(inputs.get(0).shape(), inputs.get(1).shape());
      return inputs.get(0).withShape(shape).withEncoding(PLAIN);
    }
  }

  /**
   * {@code y = scale * (x - mean) / sqrt(var + epsilon) + bias} per channel (axis 1). Inputs: x,
   * scale, bias, mean, var, the last four {@code [C]}. Source: ONNX <i>BatchNormalization</i>.
   */
  record BatchNorm(float epsilon) implements FloatOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 5, 5);
      ShapeRules.requireFloat(inputs);
      Shape x = inputs.get(0).shape();
      if (x.rank() < 2) {
        throw new OpException("expected an input of rank 2 or more, found " + x);
      }
      for (int i = 1; i < 5; i++) {
        ShapeRules.requireShape(inputs.get(i), Shape.of(x.dim(1)), "statistics");
      }
      return inputs.get(0).withEncoding(PLAIN);
    }
  }

  /**
   * HeLU at inference: {@code y = max(0, x)}. In training its backward pass lets {@code dy} through
   * where {@code x > -alpha} (arXiv 2411.10573); plain ReLU is {@code alpha = 0}.
   *
   * @param alpha the hysteresis offset, at least 0; kept for provenance, inference does not use it
   */
  record Helu(float alpha) implements FloatOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 1, 1);
      ShapeRules.requireFloat(inputs);
      return inputs.get(0).withEncoding(PLAIN);
    }
  }

  /**
   * {@code code = clamp(round(x / scale) + zeroPoint, low, high)}. Inputs: x, scale (float32), zero
   * point (INT32), the last two of rank 0, or of length {@code C} along {@code axis}. Source: ONNX
   * <i>QuantizeLinear</i>, the first half of QONNX <i>Quant</i>.
   *
   * @param to element type of the codes: INT8, UINT8 or INT32
   */
  record Quantize(int axis, int low, int high, Rounding rounding, ElementType to)
      implements FloatOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 3, 3);
      ShapeRules.requireElement(inputs.get(0), ElementType.FLOAT32);
      IntegerRules.requireScale(inputs, axis);
      long least = to == ElementType.UINT8 ? 0 : to == ElementType.INT8 ? -128 : Integer.MIN_VALUE;
      long most = to == ElementType.UINT8 ? 255 : to == ElementType.INT8 ? 127 : Integer.MAX_VALUE;
      boolean integer =
          to == ElementType.UINT8 || to == ElementType.INT8 || to == ElementType.INT32;
      if (!integer || low >= high || low < least || high > most) {
        throw new OpException("codes " + low + ".." + high + " do not fit " + to);
      }
      return inputs.get(0).withElementType(to);
    }
  }

  /**
   * {@code x = (code - zeroPoint) * scale}. Inputs: codes (INT8, UINT8 or INT32), scale (float32),
   * zero point (INT32), the last two as in {@link Quantize}. Source: ONNX <i>DequantizeLinear</i>.
   */
  record Dequantize(int axis) implements FloatOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 3, 3);
      ElementType from = inputs.get(0).elementType();
      if (from != ElementType.INT8 && from != ElementType.UINT8 && from != ElementType.INT32) {
        throw new OpException("expected INT8, UINT8 or INT32 codes, found " + inputs.get(0));
      }
      IntegerRules.requireScale(inputs, axis);
      return inputs.get(0).withElementType(ElementType.FLOAT32);
    }
  }

  /**
   * {@code y = outScale * (number of thresholds t with x >= t) + outBias}; {@code x > t} if {@code
   * strict}. Inputs: x {@code [N,C,...]}, thresholds {@code [C or 1, n]} for the channels of axis
   * 1. A HeLU step {@code s * [x > 0]} is one strict threshold. Source: QONNX
   * <i>MultiThreshold</i>.
   */
  record MultiThreshold(float outScale, float outBias, boolean strict) implements FloatOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 2, 2);
      ShapeRules.requireFloat(inputs);
      ShapeRules.requireRank(inputs.get(1), 2, "thresholds");
      Shape x = inputs.get(0).shape();
      int rows = inputs.get(1).shape().dim(0);
      if (rows != 1 && (x.rank() < 2 || rows != x.dim(1))) {
        throw new OpException(
            "expected thresholds of 1 or all channels of " + x + ", found " + rows + " rows");
      }
      return inputs.get(0).withEncoding(PLAIN);
    }
  }

  /** Shorthand for the plain encoding. */
  org.helu.runtime.tensor.Encoding PLAIN = org.helu.runtime.tensor.Encoding.PLAIN;
}
