package org.helu.device.vector.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Maxima of codes and sums over windows. A window without a tap in the image gives the least. No
 * two loops carry a vector, which C2 boxed in some processes.
 */
public final class CodePools {
  private CodePools() {}

  /** Pools output lines {@code lineFrom..lineTo-1}, counted over all images. */
  public static void max(
      MemorySegment m,
      TensorType type,
      Window w,
      long x,
      int outH,
      int outW,
      long y,
      long lineFrom,
      long lineTo) {
    int inH = type.shape().dim(1);
    int inW = type.shape().dim(2);
    int channels = type.shape().last();
    long pixelBytes = pixelBytes(type);
    int reachW = (w.kernelW() - 1) * w.dilationW();
    for (long line = lineFrom; line < lineTo; line++) {
      long image = x + line / outH * inH * inW * pixelBytes;
      int top = (int) (line % outH) * w.strideH() - w.padTop();
      int khFrom = WindowKernels.firstTap(top, w.dilationH());
      int countH = WindowKernels.lastTap(top, w.dilationH(), w.kernelH(), inH) - khFrom;
      for (int ow = 0; ow < outW; ow++) {
        int left = ow * w.strideW() - w.padLeft();
        boolean inside = left >= 0 && left + reachW < inW;
        int kwFrom = inside ? 0 : WindowKernels.firstTap(left, w.dilationW());
        int kwTo =
            inside ? w.kernelW() : WindowKernels.lastTap(left, w.dilationW(), w.kernelW(), inW);
        int countW = kwTo - kwFrom;
        long firstLine = top + (long) khFrom * w.dilationH();
        long firstPixel = left + (long) kwFrom * w.dilationW();
        long first = image + (firstLine * inW + firstPixel) * pixelBytes;
        long stepH = w.dilationH() * (long) inW * pixelBytes;
        long stepW = w.dilationW() * pixelBytes;
        long to = y + (line * outW + ow) * pixelBytes;
        switch (type.elementType()) {
          case UINT8 -> bytes(m, first, stepH, countH, stepW, countW, channels, to);
          case INT32 -> ints(m, first, stepH, countH, stepW, countW, channels, to);
          default -> {
            if (type.planes() == 1) {
              bits(m, first, stepH, countH, stepW, countW, pixelBytes, to);
            } else {
              planes(m, first, stepH, countH, stepW, countW, type.planes(), pixelBytes, to);
            }
          }
        }
      }
    }
  }

  private static long pixelBytes(TensorType type) {
    return switch (type.elementType()) {
      case UINT8 -> type.shape().last();
      case INT32 -> type.shape().last() * 4L;
      default -> type.planes() * type.wordsPerRow() * 8L;
    };
  }

  /** Of single bits the maximum is OR. */
  private static void bits(
      MemorySegment m, long x, long stepH, int countH, long stepW, int countW, long bytes, long y) {
    if (countH == 2 && countW == 2) {
      // The usual window; loops over it would take longer than what is in them.
      for (long i = 0; i < bytes; i += 8) {
        long at = x + i;
        long above = m.get(Tensor.LONG, at) | m.get(Tensor.LONG, at + stepW);
        long below = m.get(Tensor.LONG, at + stepH) | m.get(Tensor.LONG, at + stepH + stepW);
        m.set(Tensor.LONG, y + i, above | below);
      }
      return;
    }
    for (long i = 0; i < bytes; i += 8) {
      long any = 0;
      for (int h = 0; h < countH; h++) {
        long at = x + h * stepH + i;
        for (int w = 0; w < countW; w++) {
          any |= m.get(Tensor.LONG, at);
          at += stepW;
        }
      }
      m.set(Tensor.LONG, y + i, any);
    }
  }

  /** Compares 64 codes at once, from the highest plane to the lowest. */
  private static void planes(
      MemorySegment m,
      long x,
      long stepH,
      int countH,
      long stepW,
      int countW,
      int planes,
      long bytes,
      long y) {
    long planeBytes = bytes / planes;
    for (long i = 0; i < bytes; i += 8) {
      m.set(Tensor.LONG, y + i, 0L);
    }
    for (int h = 0; h < countH; h++) {
      for (int w = 0; w < countW; w++) {
        long at = x + h * stepH + w * stepW;
        for (long i = 0; i < planeBytes; i += 8) {
          long greater = 0;
          long equal = -1;
          for (int plane = planes - 1; plane >= 0; plane--) {
            long a = m.get(Tensor.LONG, at + plane * planeBytes + i);
            long b = m.get(Tensor.LONG, y + plane * planeBytes + i);
            greater |= equal & a & ~b;
            equal &= ~(a ^ b);
          }
          for (int plane = 0; plane < planes && greater != 0; plane++) {
            long a = m.get(Tensor.LONG, at + plane * planeBytes + i);
            long b = m.get(Tensor.LONG, y + plane * planeBytes + i);
            m.set(Tensor.LONG, y + plane * planeBytes + i, (b & ~greater) | (a & greater));
          }
        }
      }
    }
  }

  private static void bytes(
      MemorySegment m,
      long x,
      long stepH,
      int countH,
      long stepW,
      int countW,
      int channels,
      long y) {
    for (int i = 0; i < channels; i++) {
      m.set(JAVA_BYTE, y + i, (byte) 0);
    }
    int c = 0;
    for (int h = 0; h < countH; h++) {
      for (int w = 0; w < countW; w++) {
        c = raise(m, x + h * stepH + w * stepW, channels, y);
      }
    }
    for (; c < channels; c++) {
      int best = 0;
      for (int h = 0; h < countH; h++) {
        long at = x + h * stepH + c;
        for (int w = 0; w < countW; w++) {
          best = Math.max(best, m.get(JAVA_BYTE, at) & 0xff);
          at += stepW;
        }
      }
      m.set(JAVA_BYTE, y + c, (byte) best);
    }
  }

  /**
   * Raises bytes in place to those of a tap, in vectors as far as they go. Maxima lie in memory
   * between taps: C2 boxed vectors that a loop over taps carried in some processes.
   */
  private static int raise(MemorySegment m, long x, int channels, long y) {
    int c = 0;
    for (; c + Ints.BYTES.length() <= channels; c += Ints.BYTES.length()) {
      ByteVector.fromMemorySegment(Ints.BYTES, m, x + c, LITTLE_ENDIAN)
          .lanewise(
              VectorOperators.UMAX,
              ByteVector.fromMemorySegment(Ints.BYTES, m, y + c, LITTLE_ENDIAN))
          .intoMemorySegment(m, y + c, LITTLE_ENDIAN);
    }
    for (; c + 8 <= channels; c += 8) {
      m.set(Tensor.LONG, y + c, greater(m.get(Tensor.LONG, x + c), m.get(Tensor.LONG, y + c)));
    }
    return c;
  }

  /** The greater of each of eight bytes: C2 boxed vectors of eight here in some processes. */
  private static long greater(long a, long b) {
    long highs = 0x8080808080808080L;
    // The high bit of each byte tells whether the other seven bits of a are at least those of b.
    long lows = (a | highs) - (b & ~highs);
    long atLeast = (a & ~b | ~(a ^ b) & lows) & highs;
    long mask = (atLeast >>> 7) * 0xff;
    return a & mask | b & ~mask;
  }

  private static void ints(
      MemorySegment m,
      long x,
      long stepH,
      int countH,
      long stepW,
      int countW,
      int channels,
      long y) {
    int taps = Math.max(0, countH) * Math.max(0, countW);
    long nextLine = stepH - countW * stepW;
    int c = 0;
    for (; c + Simd.LANES <= channels; c += Simd.LANES) {
      IntVector best = IntVector.broadcast(Ints.SPECIES, Integer.MIN_VALUE);
      long at = x + c * 4L;
      for (int tap = 0, w = 0; tap < taps; tap++) {
        best = best.max(IntVector.fromMemorySegment(Ints.SPECIES, m, at, LITTLE_ENDIAN));
        at += stepW;
        if (++w == countW) {
          w = 0;
          at += nextLine;
        }
      }
      best.intoMemorySegment(m, y + c * 4L, LITTLE_ENDIAN);
    }
    for (; c < channels; c++) {
      int best = Integer.MIN_VALUE;
      for (int h = 0; h < countH; h++) {
        long at = x + h * stepH + c * 4L;
        for (int w = 0; w < countW; w++) {
          best = Math.max(best, m.get(Tensor.INT, at));
          at += stepW;
        }
      }
      m.set(Tensor.INT, y + c * 4L, best);
    }
  }
}
