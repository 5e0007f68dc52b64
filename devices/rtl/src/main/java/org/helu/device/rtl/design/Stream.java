package org.helu.device.rtl.design;

/**
 * What flows between two layers, once a sample: an image row by row, pixel by pixel, channel by
 * channel. A vector is an image of one pixel.
 *
 * @param bits of one element: a code's, or 32 of a sum
 */
public record Stream(int height, int width, int channels, int bits) {
  /** Pixels of a sample. */
  public int pixels() {
    return height * width;
  }

  /** Elements of a sample. */
  public long elements() {
    return (long) pixels() * channels;
  }
}
