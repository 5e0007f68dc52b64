package org.helu.device.vector.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import org.helu.runtime.tensor.Tensor;

/** Borders around tensors of elements of 4 bytes or of 1. */
public final class PadKernels {
  private PadKernels() {}

  /**
   * One output row: {@code y[i] = x[source[i]]}, or the fill where {@code source[i]} is negative.
   *
   * @param size bytes of an element: 4 or 1
   * @param x byte offset of the input row, or -1 for a row of fill
   * @param source for each output element the input element; inputs are neighbours from {@code
   *     from} to {@code to - 1}
   */
  public static void row(
      MemorySegment m, int size, long x, int[] source, int from, int to, int fill, long y) {
    if (x < 0) {
      for (int i = 0; i < source.length; i++) {
        set(m, size, y, i, fill);
      }
      return;
    }
    for (int i = 0; i < from; i++) {
      set(m, size, y, i, source[i] < 0 ? fill : get(m, size, x, source[i]));
    }
    if (to > from) {
      long start = x + (long) source[from] * size;
      MoveKernels.copyBytes(m, start, y + (long) from * size, (long) (to - from) * size);
    }
    for (int i = to; i < source.length; i++) {
      set(m, size, y, i, source[i] < 0 ? fill : get(m, size, x, source[i]));
    }
  }

  private static int get(MemorySegment m, int size, long x, int i) {
    return size == 4 ? m.get(Tensor.INT, x + i * 4L) : m.get(JAVA_BYTE, x + i);
  }

  private static void set(MemorySegment m, int size, long y, int i, int value) {
    if (size == 4) {
      m.set(Tensor.INT, y + i * 4L, value);
    } else {
      m.set(JAVA_BYTE, y + i, (byte) value);
    }
  }
}
