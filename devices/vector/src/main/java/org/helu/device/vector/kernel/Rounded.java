package org.helu.device.vector.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.helu.device.vector.kernel.Simd.ADDRESS;
import static org.helu.device.vector.kernel.Simd.ALL;
import static org.helu.device.vector.kernel.Simd.LANES;
import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;
import static org.helu.device.vector.kernel.Simd.OFFSET;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.helu.runtime.tensor.Tensor;

/**
 * Scaled and rounded in float32, to bytes; in integers where that may be wrong: {@link Rounding}.
 */
final class Rounded extends Epilogues {
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
    long outputs = finish.outputs;
    long at = row * outputs + (long) block * Columns.BLOCK;
    Objects.checkFromIndexSize(finish.parameters, finish.bytes(), w.byteSize());
    long parameters = w.address() + finish.parameters & ADDRESS;
    checkSums(m, sums, stride, rows);
    Objects.checkFromIndexSize(y + at, (rows - 1) * outputs + width, m.byteSize());
    if (residual >= 0) {
      // Whole vectors are read, of which the last may reach past the codes.
      long bytes = (rows - 1) * outputs + Columns.BLOCK;
      Objects.checkFromIndexSize(residual + at, bytes, m.byteSize());
    }
    long z = m.address() + sums & ADDRESS;
    long to = m.address() + y + at & ADDRESS;
    long added = residual < 0 ? -1 : m.address() + residual + at & ADDRESS;
    for (int c = 0; c < width; c += LANES) {
      int column = block * Columns.BLOCK + c;
      long from = z + c * 4L;
      long codesAdded = residual < 0 ? -1 : added + c;
      if (c + LANES <= width) {
        whole(finish, from, stride, rows, parameters, column, codesAdded, to + c);
      } else {
        part(finish, from, stride, rows, parameters, column, codesAdded, to + c, width - c);
      }
    }
  }

  /**
   * A vector of each row; all by address. Rows are the inner loop: one over the few vectors of a
   * row costs as much as what is in it.
   *
   * @param added of the first row's codes, or -1
   */
  private static void whole(
      Finish finish, long z, long stride, int rows, long p, int column, long added, long y) {
    // One code is counted as a tie, so that the JIT compiler leaves no trap for those that are: it
    // would be met in a run long after the first, which then allocated vectors.
    long ties = 1;
    for (int i = 0; i < rows; i++) {
      long from = z + i * stride & ADDRESS;
      long to = y + i * (long) finish.outputs & ADDRESS;
      long codes = added + i * (long) finish.outputs & ADDRESS;
      ties |=
          added < 0
              ? round(finish, from, p, column, to)
              : round(finish, from, p, column, codes, to);
      for (; ties != 0; ties &= ties - 1) {
        requantize(finish, from, p, column, codes, to, Long.numberOfTrailingZeros(ties));
      }
    }
  }

  /** Likewise of the last columns, less than a vector. */
  private static void part(
      Finish finish,
      long z,
      long stride,
      int rows,
      long p,
      int column,
      long added,
      long y,
      int columns) {
    // Codes of a vector take the place of sums that nobody reads, if these are enough.
    boolean fits = columns <= LANES * 3 / 4;
    long wanted = (1L << columns) - 1;
    long ties = 1;
    for (int i = 0; i < rows; i++) {
      long from = z + i * stride & ADDRESS;
      long to = y + i * (long) finish.outputs & ADDRESS;
      long codes = added + i * (long) finish.outputs & ADDRESS;
      long place = from + 3 * LANES;
      if (!fits) {
        ties = wanted;
      } else if (added < 0) {
        ties |= round(finish, from, p, column, place);
      } else {
        ties |= round(finish, from, p, column, codes, place);
      }
      for (int lane = 0; fits && lane < columns; lane++) {
        ALL.set(JAVA_BYTE, to + lane, ALL.get(JAVA_BYTE, place + lane));
      }
      for (ties &= wanted; ties != 0; ties &= ties - 1) {
        requantize(finish, from, p, column, codes, to, Long.numberOfTrailingZeros(ties));
      }
    }
  }

  /**
   * One vector; all by address.
   *
   * @param z of the sums
   * @param p of the layer's parameters
   * @param y of the codes
   * @return bits of the lanes whose codes may be wrong
   */
  private static long round(Finish finish, long z, long p, int column, long y) {
    long a = p + column * 4L & ADDRESS;
    long between = finish.columns * 4L & OFFSET;
    FloatVector value =
        ((FloatVector)
                IntVector.fromMemorySegment(Ints.SPECIES, ALL, z, LITTLE_ENDIAN)
                    .sub(finish.bias)
                    .convertShape(VectorOperators.I2F, Simd.SPECIES, 0))
            .mul(FloatVector.fromMemorySegment(Simd.SPECIES, ALL, a, LITTLE_ENDIAN))
            .add(FloatVector.fromMemorySegment(Simd.SPECIES, ALL, a + between, LITTLE_ENDIAN));
    FloatVector integer = value.add(Ints.BIAS);
    FloatVector distance = value.sub(integer.sub(Ints.BIAS)).abs();
    ByteVector codes =
        (ByteVector)
            integer
                .reinterpretAsInts()
                .max(Ints.BIAS_BITS)
                .min(Ints.BIAS_BITS + finish.high)
                .convertShape(VectorOperators.I2B, Ints.NARROW, 0);
    if (LANES == 4) {
      // There are no vectors of four bytes.
      ALL.set(Tensor.INT, y, codes.reinterpretAsInts().lane(0));
    } else {
      codes.intoMemorySegment(ALL, y, LITTLE_ENDIAN);
    }
    return distance.compare(VectorOperators.GE, 0.5f - finish.tolerance).toLong();
  }

  /**
   * Likewise, with codes added.
   *
   * @param added of the codes, of which a vector is read
   */
  private static long round(Finish finish, long z, long p, int column, long added, long y) {
    long a = p + column * 4L & ADDRESS;
    long between = finish.columns * 4L & OFFSET;
    FloatVector residual =
        (FloatVector)
            ByteVector.fromMemorySegment(Ints.NARROW, ALL, added, LITTLE_ENDIAN)
                .convertShape(VectorOperators.ZERO_EXTEND_B2I, Ints.SPECIES, 0)
                .convertShape(VectorOperators.I2F, Simd.SPECIES, 0);
    FloatVector value =
        ((FloatVector)
                IntVector.fromMemorySegment(Ints.SPECIES, ALL, z, LITTLE_ENDIAN)
                    .sub(finish.bias)
                    .convertShape(VectorOperators.I2F, Simd.SPECIES, 0))
            .mul(FloatVector.fromMemorySegment(Simd.SPECIES, ALL, a, LITTLE_ENDIAN))
            .add(FloatVector.fromMemorySegment(Simd.SPECIES, ALL, a + between, LITTLE_ENDIAN))
            .add(
                residual.mul(
                    FloatVector.fromMemorySegment(
                        Simd.SPECIES, ALL, a + 2 * between, LITTLE_ENDIAN)));
    FloatVector integer = value.add(Ints.BIAS);
    FloatVector distance = value.sub(integer.sub(Ints.BIAS)).abs();
    ByteVector codes =
        (ByteVector)
            integer
                .reinterpretAsInts()
                .max(Ints.BIAS_BITS)
                .min(Ints.BIAS_BITS + finish.high)
                .convertShape(VectorOperators.I2B, Ints.NARROW, 0);
    if (LANES == 4) {
      ALL.set(Tensor.INT, y, codes.reinterpretAsInts().lane(0));
    } else {
      codes.intoMemorySegment(ALL, y, LITTLE_ENDIAN);
    }
    return distance.compare(VectorOperators.GE, 0.5f - finish.tolerance).toLong();
  }

  /**
   * A lane's code in integers.
   *
   * @param added of the codes that are added; not read of a layer without
   */
  private static void requantize(
      Finish finish, long z, long p, int column, long added, long y, int lane) {
    long between = finish.columns * 8L;
    long m = p + finish.columns * 12L + (column + lane) * 8L;
    long sum =
        (ALL.get(Tensor.INT, z + lane * 4L) - finish.bias) * ALL.get(Tensor.LONG, m)
            + ALL.get(Tensor.LONG, m + between);
    if (finish.residual) {
      sum += (ALL.get(JAVA_BYTE, added + lane) & 0xff) * ALL.get(Tensor.LONG, m + 2 * between);
    }
    ALL.set(JAVA_BYTE, y + lane, (byte) Math.clamp(sum >> finish.shift, 0, finish.high));
  }
}
