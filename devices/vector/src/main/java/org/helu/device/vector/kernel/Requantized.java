package org.helu.device.vector.kernel;

import static org.helu.device.vector.kernel.Simd.ADDRESS;
import static org.helu.device.vector.kernel.Simd.ALL;
import static org.helu.device.vector.kernel.Simd.BYTES;
import static org.helu.device.vector.kernel.Simd.LANES;
import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;

/** Multiplied and shifted in 64-bit lanes, to bytes. */
final class Requantized extends Epilogues {
  private static final long HALF = BYTES / 2;

  @Override
  void store(
      Finish finish,
      MemorySegment w,
      MemorySegment m,
      int block,
      long sums,
      long stride,
      int rows,
      long row,
      long y,
      long residual) {
    int width = width(finish, block);
    long column = (long) block * Columns.BLOCK;
    long multipliers = parameters(w, finish.row64(0, block * Columns.BLOCK), 8);
    long offsets = parameters(w, finish.row64(1, block * Columns.BLOCK), 8);
    long residuals = parameters(w, finish.row64(2, block * Columns.BLOCK), 8);
    checkSums(m, sums, stride, rows);
    for (int i = 0; i < rows; i++) {
      long from = sums + i * stride;
      long z = m.address() + from & ADDRESS;
      long at = (row + i) * finish.outputs + column;
      // Two halves at a time: short loops cost as much as what is in them.
      for (int c = 0; c < width; c += LANES) {
        long p = c * 8L;
        if (residual < 0) {
          requantize(finish, z + c * 4L, multipliers + p, offsets + p);
          requantize(finish, z + c * 4L + HALF, multipliers + p + BYTES, offsets + p + BYTES);
        } else {
          long added = residual + at + c;
          addResidual(finish, m, z + c * 4L, multipliers + p, offsets + p, residuals + p, added);
          if (c + LANES / 2 < width) {
            addResidual(
                finish,
                m,
                z + c * 4L + HALF,
                multipliers + p + BYTES,
                offsets + p + BYTES,
                residuals + p + BYTES,
                added + LANES / 2);
          }
        }
      }
    }
    // In a loop of its own: a load that spans two stores waits until they have left the core.
    for (int i = 0; i < rows; i++) {
      narrow(m, sums + i * stride, y + (row + i) * finish.outputs + column, width);
    }
  }

  /** Half a vector of sums, to codes in place; all by address. */
  private static void requantize(Finish finish, long z, long multipliers, long offsets) {
    LongVector sum =
        widen(z)
            .mul(LongVector.fromMemorySegment(Ints.LONGS, ALL, multipliers, LITTLE_ENDIAN))
            .add(LongVector.fromMemorySegment(Ints.LONGS, ALL, offsets, LITTLE_ENDIAN));
    ((IntVector)
            sum.lanewise(VectorOperators.ASHR, finish.shift)
                .max(0)
                .min(finish.high)
                .convertShape(VectorOperators.L2I, Ints.HALF, 0))
        .intoMemorySegment(ALL, z, LITTLE_ENDIAN);
  }

  /**
   * Likewise, with codes added.
   *
   * @param added byte offset of the codes, of which eight are read
   */
  private static void addResidual(
      Finish finish,
      MemorySegment m,
      long z,
      long multipliers,
      long offsets,
      long residuals,
      long added) {
    LongVector sum =
        widen(z)
            .mul(LongVector.fromMemorySegment(Ints.LONGS, ALL, multipliers, LITTLE_ENDIAN))
            .add(LongVector.fromMemorySegment(Ints.LONGS, ALL, offsets, LITTLE_ENDIAN));
    LongVector codes =
        (LongVector)
            ByteVector.fromMemorySegment(ByteVector.SPECIES_64, m, added, LITTLE_ENDIAN)
                .convertShape(VectorOperators.ZERO_EXTEND_B2L, Ints.LONGS, 0);
    ((IntVector)
            sum.add(
                    codes.mul(
                        LongVector.fromMemorySegment(Ints.LONGS, ALL, residuals, LITTLE_ENDIAN)))
                .lanewise(VectorOperators.ASHR, finish.shift)
                .max(0)
                .min(finish.high)
                .convertShape(VectorOperators.L2I, Ints.HALF, 0))
        .intoMemorySegment(ALL, z, LITTLE_ENDIAN);
  }

  private static LongVector widen(long z) {
    return (LongVector)
        IntVector.fromMemorySegment(Ints.HALF, ALL, z, LITTLE_ENDIAN)
            .convertShape(VectorOperators.I2L, Ints.LONGS, 0);
  }
}
