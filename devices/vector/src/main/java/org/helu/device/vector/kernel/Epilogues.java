package org.helu.device.vector.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static jdk.incubator.vector.VectorOperators.GE;
import static org.helu.device.vector.kernel.Simd.LANES;
import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import org.helu.runtime.tensor.Tensor;

/**
 * Stores rows of a block's sums, one way for each kind of {@link Finish}. Ways are objects behind
 * one call: code that took them all into one method would exceed what the JIT compiler inlines, and
 * box vectors.
 */
abstract sealed class Epilogues {
  private Epilogues() {}

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
      case FLOATS -> new Floats();
    };
  }

  private static int width(Finish finish, int block) {
    return Math.min(Columns.BLOCK, finish.outputs - block * Columns.BLOCK);
  }

  /** INT32 as they are. */
  private static final class Sums extends Epilogues {
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
  private static final class Planes extends Epilogues {
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
        shifts,
        stepBytes,
        finish.steps,
        y + row * finish.rowBytes() + block * 8L,
        finish.rowBytes(),
        finish.columns / 64 * 8L,
        tail(width(finish, block)));
  }

  /** Any number of thresholds, to bytes. */
  private static final class Steps extends Epilogues {
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
          IntVector flip = Ints.load(w, flips + c * 4L);
          IntVector z = Ints.load(m, from + c * 4L).lanewise(VectorOperators.XOR, flip);
          IntVector code = Ints.broadcast(0);
          long at = thresholds + c * 4L;
          for (int t = 0; t < finish.steps; t++) {
            code = code.add(1, z.compare(GE, Ints.load(w, at)));
            at += thresholdBytes;
          }
          code.intoMemorySegment(m, from + c * 4L, LITTLE_ENDIAN);
        }
        narrow(m, from, y + (row + i) * finish.rowBytes() + block * Columns.BLOCK, width);
      }
    }
  }

  /** Multiplied and shifted in 64-bit lanes, to bytes. */
  private static final class Requantized extends Epilogues {
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
      for (int i = 0; i < rows; i++) {
        long from = sums + i * stride;
        long at = (row + i) * finish.outputs + column;
        if (residual < 0) {
          requantize(finish, w, m, block, width, from);
        } else {
          addResidual(finish, w, m, block, width, from, residual + at);
        }
        narrow(m, from, y + at, width);
      }
    }
  }

  /** Scaled and shifted, each rounded once, and gated. */
  private static final class Floats extends Epilogues {
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
      long scales = finish.row32(0, block * Columns.BLOCK);
      long shifts = finish.row32(1, block * Columns.BLOCK);
      // Gates at minus infinity close nothing.
      FloatVector least = Simd.broadcast(finish.gate ? 0f : Float.NEGATIVE_INFINITY);
      for (int i = 0; i < rows; i++) {
        long from = sums + i * stride;
        for (int c = 0; c < width; c += LANES) {
          IntVector z = Ints.load(m, from + c * 4L);
          FloatVector product =
              ((FloatVector) z.convertShape(VectorOperators.I2F, Simd.SPECIES, 0))
                  .mul(Simd.load(w, scales + c * 4L));
          FloatVector value = product.add(Simd.load(w, shifts + c * 4L));
          value
              .blend(least, value.compare(VectorOperators.LE, least))
              .intoMemorySegment(m, from + c * 4L, LITTLE_ENDIAN);
        }
        long to = y + ((row + i) * finish.outputs + (long) block * Columns.BLOCK) * 4;
        MoveKernels.copyBytes(m, from, to, width * 4L);
      }
    }
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
        IntVector code = Ints.load(m, from + c * 4L);
        word |= code.and(1 << plane).compare(VectorOperators.NE, 0).toLong() << c;
      }
      m.set(Tensor.LONG, to + plane * stride, word & tail(width));
    }
  }

  /** Codes in 32-bit lanes to bytes. */
  static void narrow(MemorySegment m, long from, long to, int width) {
    int c = 0;
    for (; c + LANES <= width; c += LANES) {
      IntVector code = Ints.load(m, from + c * 4L);
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

  /** Codes in place of sums. */
  private static void requantize(
      Finish finish, MemorySegment w, MemorySegment m, int block, int width, long from) {
    long multipliers = finish.row64(0, block * Columns.BLOCK);
    long offsets = finish.row64(1, block * Columns.BLOCK);
    LongVector high = LongVector.broadcast(Ints.LONGS, finish.high);
    for (int c = 0; c < width; c += LANES / 2) {
      IntVector half = IntVector.fromMemorySegment(Ints.HALF, m, from + c * 4L, LITTLE_ENDIAN);
      LongVector z = (LongVector) half.convertShape(VectorOperators.I2L, Ints.LONGS, 0);
      LongVector code =
          z.mul(Ints.loadLongs(w, multipliers + c * 8L))
              .add(Ints.loadLongs(w, offsets + c * 8L))
              .lanewise(VectorOperators.ASHR, finish.shift)
              .max(0)
              .min(high);
      ((IntVector) code.convertShape(VectorOperators.L2I, Ints.HALF, 0))
          .intoMemorySegment(m, from + c * 4L, LITTLE_ENDIAN);
    }
  }

  private static void addResidual(
      Finish finish,
      MemorySegment w,
      MemorySegment m,
      int block,
      int width,
      long from,
      long residual) {
    long multipliers = finish.row64(0, block * Columns.BLOCK);
    long offsets = finish.row64(1, block * Columns.BLOCK);
    long residuals = finish.row64(2, block * Columns.BLOCK);
    for (int c = 0; c < width; c++) {
      long sum =
          m.get(Tensor.INT, from + c * 4L) * w.get(Tensor.LONG, multipliers + c * 8L)
              + w.get(Tensor.LONG, offsets + c * 8L)
              + (m.get(JAVA_BYTE, residual + c) & 0xffL) * w.get(Tensor.LONG, residuals + c * 8L);
      long code = Math.clamp(sum >> finish.shift, 0, (long) finish.high);
      m.set(Tensor.INT, from + c * 4L, (int) code);
    }
  }
}
