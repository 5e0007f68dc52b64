package org.helu.device.vector.kernel;

import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.XOR;
import static org.helu.device.vector.kernel.Simd.ADDRESS;
import static org.helu.device.vector.kernel.Simd.ALL;
import static org.helu.device.vector.kernel.Simd.BYTES;
import static org.helu.device.vector.kernel.Simd.LANES;
import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import jdk.incubator.vector.IntVector;
import org.helu.runtime.tensor.Tensor;

/**
 * Thresholds of a block's sums, to words of bits: bit {@code c} of step {@code t} is {@code (z[c]
 * XOR flip[c]) >= threshold[t][c]}. As thresholds do not decrease, plane {@code p} of the number of
 * steps reached is the parity of the bits of steps {@code 2^p, 2 * 2^p, ...}.
 */
final class Thresholds {
  private static final long ROW_BYTES = Columns.BLOCK * 4L;

  private Thresholds() {}

  /**
   * Stores codes in bit planes: rows of one block, or the blocks of one row, which stand here for
   * rows.
   *
   * @param sums byte offset of the first row's sums, {@code stride} bytes apart; 64 of each row are
   *     read
   * @param flips byte offset of the block's flips in {@code w}
   * @param thresholds byte offset of the block's first thresholds in {@code w}
   * @param blockBytes from one row's flips and thresholds to the next: 0 for rows of one block
   * @param shifts for each row what is added to {@code thresholds}, or null for nothing
   * @param stepBytes from one step's thresholds to the next
   * @param y byte offset of the first row's word of plane 0, {@code rowBytes} apart
   * @param planeBytes from one plane to the next
   * @param mask bits of the columns that are outputs
   */
  static void store(
      MemorySegment w,
      MemorySegment m,
      long sums,
      long stride,
      int rows,
      long flips,
      long thresholds,
      long blockBytes,
      long[] shifts,
      long stepBytes,
      int steps,
      long y,
      long rowBytes,
      long planeBytes,
      long mask) {
    long lastShift = 0;
    for (int row = 0; shifts != null && row < rows; row++) {
      lastShift = Math.max(lastShift, shifts[row]);
    }
    Objects.checkFromIndexSize(sums, (rows - 1) * stride + ROW_BYTES, m.byteSize());
    long lastBlock = (rows - 1) * blockBytes + ROW_BYTES;
    Objects.checkFromIndexSize(flips, lastBlock, w.byteSize());
    Objects.checkFromIndexSize(
        thresholds, lastShift + (steps - 1) * stepBytes + lastBlock, w.byteSize());
    long flip = w.address() + flips;
    long to = y;
    for (int unit = 1; unit <= steps; unit <<= 1) {
      for (int step = unit; step <= steps; step += unit) {
        long first = w.address() + thresholds + (step - 1) * stepBytes;
        long keep = step == unit ? 0 : -1;
        for (int row = 0; row < rows; row++) {
          long z = m.address() + sums + row * stride;
          long block = row * blockBytes;
          long threshold = first + block + (shifts == null ? 0 : shifts[row]);
          long word = word(z, flip + block, threshold) & mask;
          long at = to + row * rowBytes;
          m.set(Tensor.LONG, at, m.get(Tensor.LONG, at) & keep ^ word);
        }
      }
      to += planeBytes;
    }
  }

  /** The bits of one step. */
  private static long word(long sums, long flips, long thresholds) {
    long z = sums & ADDRESS;
    long f = flips & ADDRESS;
    long t = thresholds & ADDRESS;
    long word = 0;
    for (int c = 0; c < Columns.BLOCK; c += 4 * LANES) {
      long at = c * 4L;
      word |= bits(z + at, f + at, t + at) << c;
      word |= bits(z + at + BYTES, f + at + BYTES, t + at + BYTES) << c + LANES;
      word |= bits(z + at + 2L * BYTES, f + at + 2L * BYTES, t + at + 2L * BYTES) << c + 2 * LANES;
      word |= bits(z + at + 3L * BYTES, f + at + 3L * BYTES, t + at + 3L * BYTES) << c + 3 * LANES;
    }
    return word;
  }

  private static long bits(long z, long flip, long threshold) {
    return IntVector.fromMemorySegment(Ints.SPECIES, ALL, z, LITTLE_ENDIAN)
        .lanewise(XOR, IntVector.fromMemorySegment(Ints.SPECIES, ALL, flip, LITTLE_ENDIAN))
        .compare(GE, IntVector.fromMemorySegment(Ints.SPECIES, ALL, threshold, LITTLE_ENDIAN))
        .toLong();
  }
}
