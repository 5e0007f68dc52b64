package org.helu.device.vector.kernel;

import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import org.helu.runtime.tensor.Tensor;

/** Sums of products of 32-bit values and 8-bit weights. */
public final class IntKernels {
  /** Rows of a block. */
  private static final int TALL = 4;

  private IntKernels() {}

  /**
   * Multiplies rows by the columns of a block.
   *
   * @param x byte offsets of {@code rows} rows' first values
   * @param sums where to: the sums of column {@code origin} come first
   * @param stride bytes from one row's sums to the next; whole vectors are written
   */
  public static void multiply(
      IntPanels panels,
      int block,
      MemorySegment w,
      MemorySegment m,
      long[] x,
      int rows,
      int origin,
      long sums,
      long stride) {
    int end = panels.firstPanel(block + 1);
    for (int panel = panels.firstPanel(block); panel < end; panel++) {
      long source = panels.offset(panel);
      long shift = panels.xShift(panel);
      long y = sums + (panels.column(panel) - origin) * 4L;
      for (int row = 0; row + TALL <= rows; row += TALL) {
        IntTiles.tile4x1(w, source, m, x, row, shift, panels, y + row * stride, stride);
      }
    }
    for (int row = rows - rows % TALL; row < rows; row++) {
      IntTiles.row(w, m, x[row], panels, block, sums + row * stride - origin * 4L);
    }
  }

  /**
   * Depthwise products of one output pixel, lanes being channels.
   *
   * @param taps byte offset of one row of weights, 32 bits each, per tap
   * @param tapShifts byte offset of each tap in the frame
   * @param x byte offset of the window's first pixel in a frame of whole vectors of channels
   * @param channelBytes bytes of a row of weights: whole vectors
   */
  public static void depthwise(
      MemorySegment w,
      MemorySegment m,
      long taps,
      long[] tapShifts,
      long x,
      long channelBytes,
      long sums) {
    for (long shift = 0; shift < channelBytes; shift += Simd.BYTES) {
      IntVector sum = IntVector.broadcast(Ints.SPECIES, 0);
      long weight = taps + shift;
      for (long tapShift : tapShifts) {
        sum =
            sum.add(
                IntVector.fromMemorySegment(Ints.SPECIES, m, x + tapShift + shift, LITTLE_ENDIAN)
                    .mul(IntVector.fromMemorySegment(Ints.SPECIES, w, weight, LITTLE_ENDIAN)));
        weight += channelBytes;
      }
      sum.intoMemorySegment(m, sums + shift, LITTLE_ENDIAN);
    }
  }

  /** {@code y = a + b} over {@code count} elements. */
  public static void add(MemorySegment m, long a, long b, long y, long count) {
    long bound = Simd.bound(count);
    for (long i = 0; i < bound; i += Simd.LANES) {
      IntVector.fromMemorySegment(Ints.SPECIES, m, a + i * 4, LITTLE_ENDIAN)
          .add(IntVector.fromMemorySegment(Ints.SPECIES, m, b + i * 4, LITTLE_ENDIAN))
          .intoMemorySegment(m, y + i * 4, LITTLE_ENDIAN);
    }
    for (long i = bound; i < count; i++) {
      m.set(Tensor.INT, y + i * 4, m.get(Tensor.INT, a + i * 4) + m.get(Tensor.INT, b + i * 4));
    }
  }
}
