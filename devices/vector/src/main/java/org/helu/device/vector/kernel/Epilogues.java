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

/** Stores rows of a block's sums through {@link Finish}. Sums may be overwritten. */
public final class Epilogues {
  private Epilogues() {}

  /**
   * Finishes rows of sums.
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
  public static void store(
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
    int column = block * Columns.BLOCK;
    int width = Math.min(Columns.BLOCK, finish.outputs - column);
    long rowBytes = finish.rowBytes();
    for (int i = 0; i < rows; i++) {
      long from = sums + i * stride;
      long to = y + (row + i) * rowBytes;
      switch (finish.kind) {
        case SUMS -> copy(m, from, to + column * 4L, width);
        case BITS -> bits(finish, w, m, column, width, from, to + block * 8L);
        case STEPS -> steps(finish, w, m, block, width, from, to);
        case REQUANTIZED -> {
          long added = residual < 0 ? -1 : residual + (row + i) * rowBytes + column;
          requantize(finish, w, m, column, width, from, added);
          narrow(m, from, to + column, width);
        }
        case FLOATS -> floats(finish, w, m, column, width, from, to + column * 4L);
      }
    }
  }

  /** Copies 32-bit elements; the last vector of a row that it does not fill goes one by one. */
  private static void copy(MemorySegment m, long from, long to, int width) {
    int c = 0;
    for (; c + LANES <= width; c += LANES) {
      Ints.load(m, from + c * 4L).intoMemorySegment(m, to + c * 4L, LITTLE_ENDIAN);
    }
    for (; c < width; c++) {
      m.set(Tensor.INT, to + c * 4L, m.get(Tensor.INT, from + c * 4L));
    }
  }

  private static void bits(
      Finish finish, MemorySegment w, MemorySegment m, int column, int width, long from, long to) {
    long flips = finish.row32(0, column);
    long thresholds = finish.row32(1, column);
    long word = 0;
    for (int c = 0; c < width; c += LANES) {
      IntVector z = Ints.load(m, from + c * 4L).lanewise(VectorOperators.XOR, Ints.load(w, flips + c * 4L));
      word |= z.compare(GE, Ints.load(w, thresholds + c * 4L)).toLong() << c;
    }
    m.set(Tensor.LONG, to, word & tail(width));
  }

  /** Bits of the columns that are outputs: the lanes behind them may hold anything. */
  private static long tail(int width) {
    return -1L >>> Columns.BLOCK - width;
  }

  private static void steps(
      Finish finish, MemorySegment w, MemorySegment m, int block, int width, long from, long to) {
    int column = block * Columns.BLOCK;
    long flips = finish.row32(0, column);
    IntVector one = Ints.broadcast(1);
    for (int c = 0; c < width; c += LANES) {
      IntVector z = Ints.load(m, from + c * 4L).lanewise(VectorOperators.XOR, Ints.load(w, flips + c * 4L));
      IntVector code = Ints.broadcast(0);
      long thresholds = finish.row32(1, column) + c * 4L;
      for (int t = 0; t < finish.steps; t++) {
        code = code.add(one, z.compare(GE, Ints.load(w, thresholds)));
        thresholds += finish.columns * 4L;
      }
      code.intoMemorySegment(m, from + c * 4L, LITTLE_ENDIAN);
    }
    storeCodes(finish, m, block, width, from, to);
  }

  /** Stores codes in 32-bit lanes as bytes or bit planes of an output row at {@code to}. */
  static void storeCodes(
      Finish finish, MemorySegment m, int block, int width, long from, long to) {
    if (finish.toBytes) {
      narrow(m, from, to + (long) block * Columns.BLOCK, width);
    } else {
      planes(m, from, width, finish.planes, to + block * 8L, finish.columns / 64 * 8L);
    }
  }

  /** Codes in 32-bit lanes to bit planes of one word each. */
  static void planes(MemorySegment m, long from, int width, int planes, long to, long stride) {
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

  /** Codes in place of sums, in 64-bit lanes. */
  private static void requantize(
      Finish finish,
      MemorySegment w,
      MemorySegment m,
      int column,
      int width,
      long from,
      long residual) {
    long multipliers = finish.row64(0, column);
    long offsets = finish.row64(1, column);
    if (residual >= 0) {
      scaleResidual(finish, w, m, column, width, from, residual);
      return;
    }
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

  private static void scaleResidual(
      Finish finish,
      MemorySegment w,
      MemorySegment m,
      int column,
      int width,
      long from,
      long residual) {
    long multipliers = finish.row64(0, column);
    long offsets = finish.row64(1, column);
    long residuals = finish.row64(2, column);
    for (int c = 0; c < width; c++) {
      long sum =
          m.get(Tensor.INT, from + c * 4L) * w.get(Tensor.LONG, multipliers + c * 8L)
              + w.get(Tensor.LONG, offsets + c * 8L)
              + (m.get(JAVA_BYTE, residual + c) & 0xffL) * w.get(Tensor.LONG, residuals + c * 8L);
      m.set(
          Tensor.INT, from + c * 4L, (int) Math.clamp(sum >> finish.shift, 0, (long) finish.high));
    }
  }

  private static void floats(
      Finish finish, MemorySegment w, MemorySegment m, int column, int width, long from, long to) {
    long scales = finish.row32(0, column);
    long shifts = finish.row32(1, column);
    for (int c = 0; c < width; c += LANES) {
      IntVector z = Ints.load(m, from + c * 4L);
      FloatVector y =
          ((FloatVector) z.convertShape(VectorOperators.I2F, Simd.SPECIES, 0))
              .mul(Ints.loadFloats(w, scales + c * 4L))
              .add(Ints.loadFloats(w, shifts + c * 4L));
      if (finish.gate) {
        y = y.blend(0f, y.compare(VectorOperators.LE, 0f));
      }
      if (c + LANES <= width) {
        y.intoMemorySegment(m, to + c * 4L, LITTLE_ENDIAN);
      } else {
        y.intoMemorySegment(m, from + c * 4L, LITTLE_ENDIAN);
        copy(m, from + c * 4L, to + c * 4L, width - c);
      }
    }
  }
}
