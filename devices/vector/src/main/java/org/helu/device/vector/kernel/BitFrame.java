package org.helu.device.vector.kernel;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorOperators;
import org.helu.runtime.tensor.Tensor;

/**
 * Images of packed bits in a frame of zeros, so that every tap of a window reads memory that
 * exists: lines of bits as they are, lines of bytes in eight bit planes.
 *
 * @param bytes whether the input is bytes
 * @param planes bit planes of a pixel in the frame, 8 for bytes
 */
public record BitFrame(
    boolean bytes,
    int planes,
    int height,
    int width,
    int channels,
    int frameHeight,
    int frameWidth,
    int top,
    int left) {

  /** Bytes of one plane of a pixel. */
  public long planeBytes() {
    return (channels + 63 >>> 6) * 8L;
  }

  private long pixelBytes() {
    return planes * planeBytes();
  }

  /** Writes frame lines {@code lineFrom..lineTo-1}, counted over all images. */
  public void fill(MemorySegment m, long x, long y, long lineFrom, long lineTo) {
    long lineBytes = frameWidth * pixelBytes();
    long leftBytes = left * pixelBytes();
    long insideBytes = width * pixelBytes();
    long imageLineBytes = bytes ? (long) width * channels : insideBytes;
    for (long line = lineFrom; line < lineTo; line++) {
      long to = y + line * lineBytes;
      int row = (int) (line % frameHeight) - top;
      if (row < 0 || row >= height) {
        zero(m, to, lineBytes);
        continue;
      }
      long from = x + (line / frameHeight * height + row) * imageLineBytes;
      zero(m, to, leftBytes);
      if (bytes) {
        slice(m, from, to + leftBytes);
      } else {
        MoveKernels.copyBytes(m, from, to + leftBytes, insideBytes);
      }
      zero(m, to + leftBytes + insideBytes, lineBytes - leftBytes - insideBytes);
    }
  }

  private static void zero(MemorySegment m, long offset, long bytes) {
    for (long i = 0; i < bytes; i += 8) {
      m.set(Tensor.LONG, offset + i, 0L);
    }
  }

  /** A line of bytes into eight planes of bits a pixel; vectors read past the line's end. */
  private void slice(MemorySegment m, long x, long y) {
    long planeBytes = planeBytes();
    for (int pixel = 0; pixel < width; pixel++) {
      for (int c = 0; c < channels; c += 64) {
        long from = x + (long) pixel * channels + c;
        long to = y + pixel * 8 * planeBytes + (c >>> 3);
        long tail = -1L >>> Math.max(0, 64 - (channels - c));
        for (int plane = 0; plane < 8; plane++) {
          m.set(Tensor.LONG, to + plane * planeBytes, word(m, from, (byte) (1 << plane)) & tail);
        }
      }
    }
  }

  /** One bit of each of 64 bytes. */
  private static long word(MemorySegment m, long from, byte bit) {
    long word = 0;
    for (int i = 0; i < 64; i += Simd.BYTES) {
      ByteVector codes = ByteVector.fromMemorySegment(Ints.BYTES, m, from + i, Simd.LITTLE_ENDIAN);
      word |= codes.and(bit).compare(VectorOperators.NE, (byte) 0).toLong() << i;
    }
    return word;
  }
}
