package org.helu.device.vector.kernel;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorOperators;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Tensor;

/**
 * Packed input rows of a convolution: the bits of all taps of one output pixel without gaps, plane
 * after plane (im2col on packed bits). Taps outside of the image leave zeros.
 */
public final class BitRows {
  private final Window window;
  private final int height;
  private final int width;
  private final int channels;
  private final int outH;
  private final int outW;
  private final int planes;
  private final long planeBytes;
  private final boolean wholeWords;
  private final long pixelBytes;

  /** Bytes that {@link #fromBytes} needs for the codes of one row. */
  private final long codeBytes;

  /**
   * @param planes bit planes of the input, 8 where it is bytes
   */
  public BitRows(
      Window window, int height, int width, int channels, int outH, int outW, int planes) {
    this.window = window;
    this.height = height;
    this.width = width;
    this.channels = channels;
    this.outH = outH;
    this.outW = outW;
    this.planes = planes;
    long bits = (long) window.taps() * channels;
    this.planeBytes = ((bits + 63) >>> 6) * 8;
    this.codeBytes = planeBytes * 8;
    this.wholeWords = (channels & 63) == 0;
    this.pixelBytes = (channels + 63 >>> 6) * 8L;
  }

  /** Bytes of a packed row. */
  public long rowBytes() {
    return planes * planeBytes;
  }

  /** Bytes that {@link #fromBytes} needs beside the rows; vectors may write past the end. */
  public long scratchBytes() {
    return codeBytes + 64;
  }

  /** First tap of an axis that lies inside of the image, for windows starting at {@code start}. */
  private static int firstInside(int start, int dilation, int taps) {
    return start >= 0 ? 0 : Math.min(taps, (-start + dilation - 1) / dilation);
  }

  private static int endInside(int start, int dilation, int taps, int size) {
    int room = size - start;
    return room <= 0 ? 0 : Math.min(taps, (room + dilation - 1) / dilation);
  }

  /**
   * Packs row {@code row} of an input in bits.
   *
   * @param x byte offset of the input
   * @param y where to: {@link #rowBytes} and a vector behind them that later rows overwrite
   */
  public void fromBits(MemorySegment m, long x, long row, long y) {
    long line = row / outW;
    long image = line / outH;
    int top = (int) (line % outH) * window.strideH() - window.padTop();
    int left = (int) (row % outW) * window.strideW() - window.padLeft();
    int kernelH = window.kernelH();
    int kernelW = window.kernelW();
    int hFrom = firstInside(top, window.dilationH(), kernelH);
    int hTo = endInside(top, window.dilationH(), kernelH, height);
    int wFrom = firstInside(left, window.dilationW(), kernelW);
    int wTo = endInside(left, window.dilationW(), kernelW, width);
    boolean whole = hFrom == 0 && wFrom == 0 && hTo == kernelH && wTo == kernelW;
    long pixels = x + image * height * width * planes * pixelBytes;
    if (wholeWords && planes == 1 && whole && window.dilationW() == 1) {
      copyRuns(m, pixels, top, left, y);
      return;
    }
    if (!whole || !wholeWords) {
      for (long i = 0; i < rowBytes(); i += 8) {
        m.set(Tensor.LONG, y + i, 0L);
      }
    }
    for (int kh = hFrom; kh < hTo; kh++) {
      long inLine = (top + kh * window.dilationH()) * (long) width;
      for (int kw = wFrom; kw < wTo; kw++) {
        long pixel = inLine + left + kw * window.dilationW();
        long from = pixels + pixel * planes * pixelBytes;
        long bit = (long) (kh * kernelW + kw) * channels;
        for (int plane = 0; plane < planes; plane++) {
          long to = y + plane * planeBytes;
          if (wholeWords) {
            for (long i = 0; i < pixelBytes; i += 8) {
              m.set(Tensor.LONG, to + (bit >>> 3) + i, m.get(Tensor.LONG, from + i));
            }
          } else {
            append(m, from, to, bit);
          }
          from += pixelBytes;
        }
      }
    }
  }

  /** Kernel rows of whole words, copied by vectors; what they write too much is overwritten. */
  private void copyRuns(MemorySegment m, long pixels, int top, int left, long y) {
    long runBytes = window.kernelW() * pixelBytes;
    long to = y;
    for (int kh = 0; kh < window.kernelH(); kh++) {
      long pixel = (top + kh * window.dilationH()) * (long) width + left;
      long from = pixels + pixel * pixelBytes;
      for (long i = 0; i < runBytes; i += Simd.BYTES) {
        Ints.load(m, from + i).intoMemorySegment(m, to + i, Simd.LITTLE_ENDIAN);
      }
      to += runBytes;
    }
  }

  /** Sets a pixel's bits from bit {@code bit} of a zeroed plane on. */
  private void append(MemorySegment m, long from, long plane, long bit) {
    int shift = (int) (bit & 63);
    long to = plane + (bit >>> 6) * 8;
    for (int c = 0; c < channels; c += 64) {
      long word = m.get(Tensor.LONG, from);
      m.set(Tensor.LONG, to, m.get(Tensor.LONG, to) | word << shift);
      to += 8;
      if (shift != 0 && shift + Math.min(64, channels - c) > 64) {
        m.set(Tensor.LONG, to, m.get(Tensor.LONG, to) | word >>> 64 - shift);
      }
      from += 8;
    }
  }

  /**
   * Packs row {@code row} of an input in bytes.
   *
   * @param codes byte offset of {@link #scratchBytes} for this caller alone
   */
  public void fromBytes(MemorySegment m, long x, long row, long y, long codes) {
    long line = row / outW;
    long image = line / outH;
    int top = (int) (line % outH) * window.strideH() - window.padTop();
    int left = (int) (row % outW) * window.strideW() - window.padLeft();
    int kernelW = window.kernelW();
    int wFrom = firstInside(left, window.dilationW(), kernelW);
    int wTo = endInside(left, window.dilationW(), kernelW, width);
    int hFrom = firstInside(top, window.dilationH(), window.kernelH());
    int hTo = endInside(top, window.dilationH(), window.kernelH(), height);
    for (long i = 0; i < codeBytes; i += 8) {
      m.set(Tensor.LONG, codes + i, 0L);
    }
    for (int kh = hFrom; kh < hTo; kh++) {
      long inLine = (image * height + top + kh * window.dilationH()) * width;
      for (int kw = wFrom; kw < wTo; kw++) {
        long from = x + (inLine + left + kw * window.dilationW()) * channels;
        MoveKernels.copyBytes(m, from, codes + (long) (kh * kernelW + kw) * channels, channels);
      }
    }
    slice(m, codes, y);
  }

  /** Bytes into eight planes of bits. */
  private void slice(MemorySegment m, long codes, long y) {
    for (long word = 0; word < planeBytes; word += 8) {
      for (int plane = 0; plane < 8; plane++) {
        long bits = 0;
        byte bit = (byte) (1 << plane);
        for (int i = 0; i < 64; i += Simd.BYTES) {
          ByteVector bytes =
              ByteVector.fromMemorySegment(Ints.BYTES, m, codes + word * 8 + i, Simd.LITTLE_ENDIAN);
          bits |= bytes.and(bit).compare(VectorOperators.NE, (byte) 0).toLong() << i;
        }
        m.set(Tensor.LONG, y + plane * planeBytes + word, bits);
      }
    }
  }
}
