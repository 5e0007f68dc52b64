package org.helu.device.vector.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static jdk.incubator.vector.VectorOperators.GE;
import static org.helu.device.vector.kernel.Simd.ADDRESS;
import static org.helu.device.vector.kernel.Simd.ALL;
import static org.helu.device.vector.kernel.Simd.BYTES;
import static org.helu.device.vector.kernel.Simd.LANES;
import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.helu.runtime.tensor.Tensor;

/**
 * Stores rows of a block's sums, one way for each kind of {@link Finish}. Ways are objects behind
 * one call: code that took them all into one method would exceed what the JIT compiler inlines, and
 * box vectors.
 */
abstract sealed class Epilogues
    permits Epilogues.Sums,
        Epilogues.Planes,
        Epilogues.Steps,
        Epilogues.Floats,
        Requantized,
        Rounded {
  Epilogues() {}

  /**
   * Finishes rows of sums, which may be overwritten.
   *
   * @param w memory of the parameters
   * @param m memory of everything else
   * @param block which 64 columns
   * @param sums byte offset of the first row's sums; whole vectors of them can be read
   * @param stride bytes from one row's sums to the next
   * @param row the first row's number in the output
   * @param y byte offset of the output
   * @param residual byte offset of the codes that are added, or -1
   */
  abstract void store(
      Finish finish,
      MemorySegment w,
      MemorySegment m,
      int block,
      long sums,
      long stride,
      int rows,
      long row,
      long y,
      long residual);

  static Epilogues of(Finish.Kind kind) {
    return switch (kind) {
      case SUMS -> new Sums();
      case PLANES -> new Planes();
      case STEPS -> new Steps();
      case REQUANTIZED -> new Requantized();
      case ROUNDED -> new Rounded();
      case FLOATS -> new Floats();
    };
  }

  static int width(Finish finish, int block) {
    return Math.min(Columns.BLOCK, finish.outputs - block * Columns.BLOCK);
  }

  /** INT32 as they are. */
  static final class Sums extends Epilogues {
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
      for (int i = 0; i < rows; i++) {
        long to = y + ((row + i) * finish.outputs + (long) block * Columns.BLOCK) * 4;
        MoveKernels.copyBytes(m, sums + i * stride, to, width * 4L);
      }
    }
  }

  /** Any number of thresholds, to planes of bits. */
  static final class Planes extends Epilogues {
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
      long flips = finish.row32(0, block * Columns.BLOCK);
      long thresholds = finish.row32(1, block * Columns.BLOCK);
      long stepBytes = finish.columns * 4L;
      storePlanes(
          finish, w, m, block, sums, stride, rows, flips, thresholds, null, stepBytes, row, y);
    }
  }

  /** Stores rows of codes in bit planes, see {@link Thresholds#store}. */
  static void storePlanes(
      Finish finish,
      MemorySegment w,
      MemorySegment m,
      int block,
      long sums,
      long stride,
      int rows,
      long flips,
      long thresholds,
      long[] shifts,
      long stepBytes,
      long row,
      long y) {
    Thresholds.store(
        w,
        m,
        sums,
        stride,
        rows,
        flips,
        thresholds,
        0,
        shifts,
        stepBytes,
        finish.steps,
        y + row * finish.rowBytes() + block * 8L,
        finish.rowBytes(),
        finish.columns / 64 * 8L,
        tail(width(finish, block)));
  }

  /** Any number of thresholds, to bytes. */
  static final class Steps extends Epilogues {
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
      long flips = finish.row32(0, block * Columns.BLOCK);
      long thresholds = finish.row32(1, block * Columns.BLOCK);
      long thresholdBytes = finish.columns * 4L;
      for (int i = 0; i < rows; i++) {
        long from = sums + i * stride;
        for (int c = 0; c < width; c += LANES) {
          IntVector flip =
              IntVector.fromMemorySegment(Ints.SPECIES, w, flips + c * 4L, LITTLE_ENDIAN);
          IntVector z =
              IntVector.fromMemorySegment(Ints.SPECIES, m, from + c * 4L, LITTLE_ENDIAN)
                  .lanewise(VectorOperators.XOR, flip);
          IntVector code = IntVector.broadcast(Ints.SPECIES, 0);
          long at = thresholds + c * 4L;
          for (int t = 0; t < finish.steps; t++) {
            code =
                code.add(
                    1,
                    z.compare(GE, IntVector.fromMemorySegment(Ints.SPECIES, w, at, LITTLE_ENDIAN)));
            at += thresholdBytes;
          }
          code.intoMemorySegment(m, from + c * 4L, LITTLE_ENDIAN);
        }
        narrow(m, from, y + (row + i) * finish.rowBytes() + block * Columns.BLOCK, width);
      }
    }
  }

  /** Scaled and shifted, each rounded once, and gated. */
  static final class Floats extends Epilogues {
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
      long scales = parameters(w, finish.row32(0, block * Columns.BLOCK), 4);
      long shifts = parameters(w, finish.row32(1, block * Columns.BLOCK), 4);
      checkSums(m, sums, stride, rows);
      // Gates at minus infinity close nothing.
      float least = finish.gate ? 0f : Float.NEGATIVE_INFINITY;
      for (int i = 0; i < rows; i++) {
        long z = m.address() + sums + i * stride & ADDRESS;
        for (long c = 0; c < Columns.BLOCK * 4L; c += 4 * BYTES) {
          affine(z + c, scales + c, shifts + c, least);
          affine(z + c + BYTES, scales + c + BYTES, shifts + c + BYTES, least);
          affine(z + c + 2 * BYTES, scales + c + 2 * BYTES, shifts + c + 2 * BYTES, least);
          affine(z + c + 3 * BYTES, scales + c + 3 * BYTES, shifts + c + 3 * BYTES, least);
        }
        long to = y + ((row + i) * finish.outputs + (long) block * Columns.BLOCK) * 4;
        MoveKernels.copyFew(m, sums + i * stride, to, width * 4L);
      }
    }
  }

  /** One vector of sums, in place; all by address. */
  private static void affine(long z, long scales, long shifts, float least) {
    FloatVector sum =
        (FloatVector)
            IntVector.fromMemorySegment(Ints.SPECIES, ALL, z, LITTLE_ENDIAN)
                .convertShape(VectorOperators.I2F, Simd.SPECIES, 0);
    FloatVector value =
        sum.mul(FloatVector.fromMemorySegment(Simd.SPECIES, ALL, scales, LITTLE_ENDIAN))
            .add(FloatVector.fromMemorySegment(Simd.SPECIES, ALL, shifts, LITTLE_ENDIAN));
    value
        .blend(FloatVector.broadcast(Simd.SPECIES, least), value.compare(VectorOperators.LE, least))
        .intoMemorySegment(ALL, z, LITTLE_ENDIAN);
  }

  static void checkSums(MemorySegment m, long sums, long stride, int rows) {
    Objects.checkFromIndexSize(sums, (rows - 1) * stride + Columns.BLOCK * 4L, m.byteSize());
  }

  /** The address of a block's parameters of {@code bytes} each. */
  static long parameters(MemorySegment w, long offset, long bytes) {
    Objects.checkFromIndexSize(offset, Columns.BLOCK * bytes, w.byteSize());
    return w.address() + offset & ADDRESS;
  }

  /** Bits of the columns that are outputs: the lanes behind them may hold anything. */
  private static long tail(int width) {
    return -1L >>> Columns.BLOCK - width;
  }

  /** Stores codes in 32-bit lanes as bytes or bit planes of an output row at {@code to}. */
  static void storeCodes(Finish finish, MemorySegment m, int block, int width, long from, long to) {
    if (finish.toBytes) {
      narrow(m, from, to + (long) block * Columns.BLOCK, width);
    } else {
      planes(m, from, width, finish.planes, to + block * 8L, finish.columns / 64 * 8L);
    }
  }

  /** Codes in 32-bit lanes to bit planes of one word each. */
  private static void planes(
      MemorySegment m, long from, int width, int planes, long to, long stride) {
    for (int plane = 0; plane < planes; plane++) {
      long word = 0;
      for (int c = 0; c < width; c += LANES) {
        IntVector code = IntVector.fromMemorySegment(Ints.SPECIES, m, from + c * 4L, LITTLE_ENDIAN);
        word |= code.and(1 << plane).compare(VectorOperators.NE, 0).toLong() << c;
      }
      m.set(Tensor.LONG, to + plane * stride, word & tail(width));
    }
  }

  /** Codes in 32-bit lanes to bytes. */
  static void narrow(MemorySegment m, long from, long to, int width) {
    int c = 0;
    for (; c + LANES <= width; c += LANES) {
      IntVector code = IntVector.fromMemorySegment(Ints.SPECIES, m, from + c * 4L, LITTLE_ENDIAN);
      ByteVector bytes = (ByteVector) code.convertShape(VectorOperators.I2B, Ints.NARROW, 0);
      if (LANES == 4) {
        // There are no vectors of four bytes.
        m.set(Tensor.INT, to + c, bytes.reinterpretAsInts().lane(0));
      } else {
        bytes.intoMemorySegment(m, to + c, LITTLE_ENDIAN);
      }
    }
    for (; c < width; c++) {
      m.set(JAVA_BYTE, to + c, m.get(JAVA_BYTE, from + c * 4L));
    }
  }
}
