package org.helu.device.vector.kernel;

import java.lang.foreign.MemorySegment;
import org.helu.runtime.tensor.Tensor;

/**
 * A 3x3 convolution of stride 1 as it is defined, product by product: what {@link Winograd} is not
 * right for.
 *
 * @param weight float32 {@code [outputs, 3, 3, channels]}
 * @param bias float32 {@code [outputs]}, or null
 */
public record DirectConv(MemorySegment weight, MemorySegment bias, int channels, int outputs) {
  /**
   * One line of outputs.
   *
   * @param x byte offset of the first window in a frame
   * @param lineBytes from one line of the frame to the next
   * @param pixels outputs of the line
   */
  public void line(MemorySegment m, long x, long lineBytes, int pixels, long y, boolean gate) {
    long to = y;
    for (int pixel = 0; pixel < pixels; pixel++) {
      for (int o = 0; o < outputs; o++) {
        float z = bias == null ? 0 : bias.get(Tensor.FLOAT, o * 4L);
        long at = o * 9L * channels * 4;
        for (int line = 0; line < 3; line++) {
          long from = x + line * lineBytes + pixel * channels * 4L;
          for (int i = 0; i < 3 * channels; i++) {
            z += m.get(Tensor.FLOAT, from + i * 4L) * weight.get(Tensor.FLOAT, at);
            at += 4;
          }
        }
        m.set(Tensor.FLOAT, to, gate ? Simd.gate(z) : z);
        to += 4;
      }
    }
  }
}
