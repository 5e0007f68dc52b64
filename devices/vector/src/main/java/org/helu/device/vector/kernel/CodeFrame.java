package org.helu.device.vector.kernel;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import org.helu.runtime.op.Codes;
import org.helu.runtime.tensor.Tensor;

/**
 * Lines of codes, written as 32-bit values into a frame around them that holds the padding's value.
 *
 * @param floats whether values are written as float32, which only bytes are
 * @param planes bit planes of the codes, 0 where they are bytes
 * @param repeat how many times each channel stands in the frame, one after the other
 * @param frameChannels channels of the frame, at least {@code channels * repeat}; the rest is 0
 */
public record CodeFrame(
    Codes codes,
    boolean floats,
    int planes,
    int height,
    int width,
    int channels,
    int frameHeight,
    int frameWidth,
    int frameChannels,
    int top,
    int left,
    int repeat) {

  /** Writes frame lines {@code lineFrom..lineTo-1}, counted over all images. */
  public void fill(MemorySegment m, long x, long y, long lineFrom, long lineTo) {
    long lineBytes = frameWidth * (long) frameChannels * 4;
    long leftBytes = left * (long) frameChannels * 4;
    long insideBytes = width * (long) frameChannels * 4;
    for (long line = lineFrom; line < lineTo; line++) {
      long to = y + line * lineBytes;
      int row = (int) (line % frameHeight) - top;
      if (row < 0 || row >= height) {
        pad(m, to, lineBytes);
        continue;
      }
      long pixel = (line / frameHeight * height + row) * width;
      pad(m, to, leftBytes);
      if (planes == 0) {
        bytes(m, x + pixel * channels, to + leftBytes);
      } else {
        bits(m, x + pixel * planes * planeBytes(), to + leftBytes);
      }
      pad(m, to + leftBytes + insideBytes, lineBytes - leftBytes - insideBytes);
    }
  }

  private long planeBytes() {
    return (channels + 63 >>> 6) * 8L;
  }

  private void bytes(MemorySegment m, long x, long y) {
    if (channels == frameChannels) {
      unpack(m, x, (long) width * channels, y);
      return;
    }
    for (int pixel = 0; pixel < width; pixel++) {
      long to = y + pixel * (long) frameChannels * 4;
      unpack(m, x + pixel * (long) channels, channels, to);
      spread(m, to);
    }
  }

  private void unpack(MemorySegment m, long x, long count, long y) {
    if (floats) {
      CodeKernels.unpackToFloats(m, x, count, y, codes.step(), codes.zero());
    } else {
      CodeKernels.unpackBytes(m, x, count, y, codes.step(), codes.zero());
    }
  }

  private void bits(MemorySegment m, long x, long y) {
    long pixelBytes = planes * planeBytes();
    for (int pixel = 0; pixel < width; pixel++) {
      long to = y + pixel * (long) frameChannels * 4;
      long from = x + pixel * pixelBytes;
      int whole = channels / Simd.LANES * Simd.LANES;
      CodeKernels.unpackBits(m, from, planes, planeBytes(), whole, to, codes.step(), codes.zero());
      for (int c = whole; c < channels; c++) {
        int code = 0;
        for (int plane = 0; plane < planes; plane++) {
          long word = m.get(Tensor.LONG, from + plane * planeBytes() + (c >>> 6) * 8L);
          code |= (int) (word >>> (c & 63) & 1) << plane;
        }
        m.set(Tensor.INT, to + c * 4L, codes.value(code));
      }
      spread(m, to);
    }
  }

  /** Repeats a pixel's channels in place, from the last to the first, and zeroes the rest. */
  private void spread(MemorySegment m, long pixel) {
    for (int c = channels * repeat; c < frameChannels; c++) {
      m.set(Tensor.INT, pixel + c * 4L, 0);
    }
    for (int c = channels - 1; repeat > 1 && c >= 0; c--) {
      int value = m.get(Tensor.INT, pixel + c * 4L);
      for (int i = repeat - 1; i >= 0; i--) {
        m.set(Tensor.INT, pixel + ((long) c * repeat + i) * 4, value);
      }
    }
  }

  private void pad(MemorySegment m, long y, long bytes) {
    int pad = floats ? Float.floatToRawIntBits(codes.pad()) : codes.pad();
    long i = 0;
    for (; i + Simd.BYTES <= bytes; i += Simd.BYTES) {
      IntVector.broadcast(Ints.SPECIES, pad).intoMemorySegment(m, y + i, Simd.LITTLE_ENDIAN);
    }
    for (; i < bytes; i += 4) {
      m.set(Tensor.INT, y + i, pad);
    }
  }
}
