package org.helu.device.vector.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.helu.device.vector.kernel.Simd.ADDRESS;
import static org.helu.device.vector.kernel.Simd.ALL;
import static org.helu.device.vector.kernel.Simd.OFFSET;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import org.helu.runtime.tensor.Tensor;

/** Moves elements of 4 bytes or of 1. */
public final class MoveKernels {
  /** Planes up to which they are interleaved one by one: each pass goes over the whole output. */
  private static final int MAX_PLANES = 16;

  private MoveKernels() {}

  /**
   * Copies a strided box to where its elements are neighbours: {@code y[i0,i1,…] = x[sum i_a *
   * strides_a]}.
   *
   * @param size bytes of an element: 4 or 1
   * @param first elements of the outermost axis, in place of {@code extents[0]}
   * @param extents elements per axis, the innermost last
   * @param strides of x, in elements
   * @param index as many elements as there are axes, for this caller alone
   */
  public static void gather(
      MemorySegment m,
      int size,
      long x,
      long first,
      long[] extents,
      long[] strides,
      long y,
      long[] index) {
    int last = extents.length - 1;
    Arrays.fill(index, 0);
    long width = last == 0 ? first : extents[last];
    long stride = strides[last] * size;
    long from = x;
    long to = y;
    boolean interleaved =
        last > 0
            && stride != size
            && strides[last - 1] == 1
            && width <= MAX_PLANES
            && first <= Integer.MAX_VALUE;
    int outer = interleaved ? last - 1 : last;
    long pixels = interleaved ? (outer == 0 ? first : extents[outer]) : 1;
    while (true) {
      if (interleaved) {
        interleave(m, size, from, stride, width, to, pixels);
      } else if (stride == size) {
        copyBytes(m, from, to, width * size);
      } else if (size == 4) {
        long source = from;
        for (long i = 0; i < width; i++) {
          m.set(Tensor.INT, to + (i << 2), m.get(Tensor.INT, source));
          source += stride;
        }
      } else {
        long source = from;
        for (long i = 0; i < width; i++) {
          m.set(JAVA_BYTE, to + i, m.get(JAVA_BYTE, source));
          source += stride;
        }
      }
      to += width * pixels * size;
      int axis = outer - 1;
      for (; axis >= 0; axis--) {
        from += strides[axis] * size;
        if (++index[axis] < (axis == 0 ? first : extents[axis])) {
          break;
        }
        from -= strides[axis] * size * index[axis];
        index[axis] = 0;
      }
      if (axis < 0) {
        return;
      }
    }
  }

  /**
   * Neighbours of each plane become elements of neighbouring pixels, as in NCHW to NHWC: {@code
   * y[pixel][plane] = x[plane][pixel]}. One plane after the other, in long loops: there are few.
   *
   * @param stride bytes from one plane to the next
   */
  private static void interleave(
      MemorySegment m, int size, long x, long stride, long planes, long y, long pixels) {
    long bytes = pixels * size;
    for (long plane = 0; plane < planes; plane++) {
      long source = x + plane * stride;
      Objects.checkFromIndexSize(source, bytes, m.byteSize());
      Objects.checkFromIndexSize(y, bytes * planes, m.byteSize());
      long from = m.address() + source & ADDRESS;
      long to = m.address() + y + plane * size & ADDRESS;
      long step = planes & OFFSET;
      int count = Math.toIntExact(pixels);
      if (size == 4) {
        for (int i = 0; i < count; i++) {
          ALL.set(Tensor.INT, to + i * step * 4, ALL.get(Tensor.INT, from + i * 4L));
        }
      } else {
        for (int i = 0; i < count; i++) {
          ALL.set(JAVA_BYTE, to + i * step, ALL.get(JAVA_BYTE, from + i));
        }
      }
    }
  }

  /** Copies {@code rows} rows to rows that lie further apart. */
  public static void copyRows(
      MemorySegment m, long x, long rowBytes, long rows, long y, long yStride) {
    for (long row = 0; row < rows; row++) {
      copyBytes(m, x + row * rowBytes, y + row * yStride, rowBytes);
    }
  }

  /** Copies a multiple of 4 bytes between ranges that do not overlap. */
  static void copy(MemorySegment m, long from, long to, long bytes) {
    // The bulk copy's checks and call cost more than a few loads.
    if (bytes <= 64) {
      for (long i = 0; i < bytes; i += 4) {
        m.set(Tensor.INT, to + i, m.get(Tensor.INT, from + i));
      }
    } else {
      MemorySegment.copy(m, from, m, to, bytes);
    }
  }

  /** Copies up to 64 elements of 4 bytes. */
  public static void copyFew(MemorySegment m, long from, long to, long bytes) {
    copyBytes(m, from, to, bytes);
  }

  /** Copies bytes between ranges that do not overlap. */
  public static void copyBytes(MemorySegment m, long from, long to, long bytes) {
    if (bytes > 64) {
      MemorySegment.copy(m, from, m, to, bytes);
      return;
    }
    long i = 0;
    for (; i + 8 <= bytes; i += 8) {
      m.set(Tensor.LONG, to + i, m.get(Tensor.LONG, from + i));
    }
    for (; i < bytes; i++) {
      m.set(JAVA_BYTE, to + i, m.get(JAVA_BYTE, from + i));
    }
  }

  /**
   * Copies lines of images into a frame of zeros.
   *
   * @param lineFrom first padded line, counted over all images
   * @param lineTo behind the last
   * @param repeat how many times each channel stands in the frame, one after the other
   * @param frameChannels channels of the frame, at least {@code channels * repeat}; the rest is 0
   */
  public static void frame(
      MemorySegment m,
      long x,
      int height,
      int width,
      int channels,
      long y,
      int frameHeight,
      int frameWidth,
      int frameChannels,
      int top,
      int left,
      int repeat,
      long lineFrom,
      long lineTo) {
    long lineBytes = frameWidth * (long) frameChannels * 4;
    long leftBytes = left * (long) frameChannels * 4;
    long insideBytes = width * (long) frameChannels * 4;
    for (long line = lineFrom; line < lineTo; line++) {
      long to = y + line * lineBytes;
      int row = (int) (line % frameHeight) - top;
      if (row < 0 || row >= height) {
        zero(m, to, lineBytes);
        continue;
      }
      long from = x + (line / frameHeight * height + row) * width * channels * 4L;
      zero(m, to, leftBytes);
      if (channels == frameChannels) {
        copy(m, from, to + leftBytes, insideBytes);
      } else {
        widen(m, from, width, channels, to + leftBytes, frameChannels, repeat);
      }
      zero(m, to + leftBytes + insideBytes, lineBytes - leftBytes - insideBytes);
    }
  }

  private static void widen(
      MemorySegment m, long x, int pixels, int channels, long y, int frameChannels, int repeat) {
    long from = x;
    long to = y;
    for (int pixel = 0; pixel < pixels; pixel++) {
      for (int c = 0; c < channels; c++) {
        int value = m.get(Tensor.INT, from);
        from += 4;
        for (int i = 0; i < repeat; i++) {
          m.set(Tensor.INT, to, value);
          to += 4;
        }
      }
      for (int c = channels * repeat; c < frameChannels; c++) {
        m.set(Tensor.INT, to, 0);
        to += 4;
      }
    }
  }

  private static void zero(MemorySegment m, long offset, long bytes) {
    for (long i = 0; i < bytes; i += 4) {
      m.set(Tensor.INT, offset + i, 0);
    }
  }
}
