package org.helu.compiler.calibration;

import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Weights as integers with one scale per output channel, symmetric about 0.
 *
 * <p>INT8: {@code scale = max |w| / 127}, codes -127..127. One bit: the sign, and {@code scale =
 * mean |w|}, which has the least squared error of all scales (arXiv 1603.05279, section 3.1).
 *
 * @param codes INT8 of the weights' shape
 * @param scales FLOAT32, one per output
 * @param dequantized what the codes stand for
 */
record Weights(Tensor codes, Tensor scales, Tensor dequantized) {

  static Weights of(Tensor weight, FloatLayer layer, boolean bits) {
    int count = Math.toIntExact(weight.elements());
    double[] magnitude = new double[layer.outputs()];
    for (int i = 0; i < count; i++) {
      int o = layer.output(weight, i);
      double w = Math.abs(weight.getFloat(i));
      magnitude[o] = bits ? magnitude[o] + w / layer.products() : Math.max(magnitude[o], w);
    }
    float[] scales = new float[layer.outputs()];
    for (int o = 0; o < scales.length; o++) {
      double scale = bits ? magnitude[o] : magnitude[o] / 127;
      // A channel of zeros: any scale gives it as INT8, one too small to matter as bits.
      scales[o] = Math.max((float) scale, Float.MIN_NORMAL);
    }
    Tensor codes = Tensor.zeros(new TensorType(ElementType.INT8, weight.shape()));
    Tensor restored = Tensor.zeros(weight.type());
    for (int i = 0; i < count; i++) {
      float scale = scales[layer.output(weight, i)];
      float w = weight.getFloat(i);
      long code = bits ? (w < 0 ? -1 : 1) : (long) Math.clamp(Math.rint(w / scale), -127, 127);
      codes.setLong(i, code);
      restored.setFloat(i, code * scale);
    }
    return new Weights(codes, Tensor.ofFloats(Shape.of(scales.length), scales), restored);
  }
}
