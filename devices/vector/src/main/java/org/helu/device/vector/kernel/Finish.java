package org.helu.device.vector.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Tensor;

/**
 * What becomes of a block's sums: an epilogue, its parameters packed by columns, and how its
 * outputs are stored. Parameters of columns behind the last output reach no threshold, so that
 * packed rows end in zeros.
 */
public final class Finish {
  /** How sums are stored. */
  enum Kind {
    SUMS,
    PLANES,
    STEPS,
    /** In 64-bit integers. */
    REQUANTIZED,
    /** Likewise, in float32 where that gives the same codes. */
    ROUNDED,
    FLOATS
  }

  final Kind kind;
  final int steps;
  final int planes;
  final int shift;
  final int high;
  final boolean gate;
  final int outputs;

  /** Columns of the packed parameters: whole blocks. */
  final int columns;

  /** Byte offset of the packed parameters in the weights. */
  final long parameters;

  /** Whether codes are stored as bytes. */
  final boolean toBytes;

  /** Of {@link Kind#ROUNDED}: see {@link Rounding#tolerance}. */
  final float tolerance;

  /** Of the sums that it takes: see {@link #bias()}. */
  final int bias;

  final boolean residual;
  private final Rounding rounding;
  private final Epilogues way;

  /**
   * @param base byte offset of the packed parameters
   * @param outputs columns
   * @param values the parameters, {@code [outputs or 1, n]}; null where there are none
   * @param mayBias whether sums may come with a bias
   */
  public Finish(
      long base,
      int outputs,
      List<Epilogue> epilogues,
      boolean residual,
      Tensor values,
      boolean mayBias) {
    this.parameters = base;
    this.outputs = outputs;
    this.columns = (outputs + Columns.BLOCK - 1) / Columns.BLOCK * Columns.BLOCK;
    this.residual = residual;
    this.gate = epilogues.size() == 2;
    Epilogue first = epilogues.isEmpty() ? null : epilogues.getFirst();
    Epilogue.Threshold threshold = first instanceof Epilogue.Threshold t ? t : null;
    Epilogue.Requantize requantize = first instanceof Epilogue.Requantize r ? r : null;
    this.steps = threshold == null ? 0 : threshold.steps();
    this.toBytes = requantize != null || (threshold != null && threshold.to() == ElementType.UINT8);
    this.planes = threshold == null || toBytes ? 0 : threshold.bits();
    this.shift = requantize == null ? 0 : requantize.shift();
    this.high = requantize == null ? 0 : requantize.high();
    this.rounding = requantize == null ? null : Rounding.of(requantize, values, outputs);
    this.tolerance = rounding == null ? 0 : rounding.tolerance();
    this.kind =
        switch (first) {
          case null -> Kind.SUMS;
          case Epilogue.Threshold _ -> toBytes ? Kind.STEPS : Kind.PLANES;
          case Epilogue.Requantize _ -> rounding == null ? Kind.REQUANTIZED : Kind.ROUNDED;
          default -> Kind.FLOATS;
        };
    this.bias = mayBias && kind == Kind.ROUNDED ? Ints.BIAS_BITS : 0;
    this.way = Epilogues.of(kind);
  }

  /** Finishes rows of sums, see {@link Epilogues#store}. */
  public void store(
      MemorySegment w,
      MemorySegment m,
      int block,
      long sums,
      long stride,
      int rows,
      long row,
      long y,
      long residual) {
    way.store(this, w, m, block, sums, stride, rows, row, y, residual);
  }

  /** Whether sums become bits by thresholds, which {@link CountThresholds} then may hold. */
  public boolean isPlanes() {
    return kind == Kind.PLANES;
  }

  /** What is subtracted from sums first: 0 or {@link Ints#BIAS_BITS}. */
  public int bias() {
    return bias;
  }

  /** Thresholds of a column. */
  public int steps() {
    return steps;
  }

  /** Columns of the packed parameters: whole blocks. */
  public int columns() {
    return columns;
  }

  /** Bytes of the packed parameters. */
  public long bytes() {
    return switch (kind) {
      case SUMS -> 0;
      case PLANES, STEPS -> (1L + steps) * columns * 4;
      case REQUANTIZED -> 3L * columns * 8;
      case ROUNDED -> 3L * columns * (4 + 8);
      case FLOATS -> 2L * columns * 4;
    };
  }

  /** Bytes of one output row. */
  public long rowBytes() {
    return switch (kind) {
      case SUMS, FLOATS -> outputs * 4L;
      case REQUANTIZED, ROUNDED, STEPS -> outputs;
      case PLANES -> planes * (columns / 64) * 8L;
    };
  }

  /**
   * Writes the parameters by columns: integers in 32 or 64 bits, or floats.
   *
   * @param values those of the constructor
   */
  public void pack(MemorySegment memory, Tensor values) {
    if (kind == Kind.SUMS) {
      return;
    }
    int count = values.shape().dim(1);
    boolean floats = values.type().elementType() == ElementType.FLOAT32;
    for (int c = 0; c < columns; c++) {
      long row = c < outputs && values.shape().dim(0) > 1 ? (long) c * count : 0;
      for (int i = 0; floats && i < count; i++) {
        memory.set(Tensor.FLOAT, row32(i, c), values.getFloat(row + i));
      }
      if (!floats) {
        packIntegers(memory, values, c, row);
      }
    }
  }

  private void packIntegers(MemorySegment memory, Tensor values, int column, long row) {
    switch (kind) {
      case SUMS, FLOATS -> throw new IllegalStateException(kind + " have no such parameters");
      case PLANES, STEPS -> packThresholds(memory, values, column, row);
      case REQUANTIZED -> packMultipliers(memory, values, parameters, column, row);
      case ROUNDED -> {
        for (int i = 0; i < 3; i++) {
          float value = column < outputs ? rounding.get(i, column) : 0;
          memory.set(Tensor.FLOAT, row32(i, column), value);
        }
        packMultipliers(memory, values, row32(3, 0), column, row);
      }
    }
  }

  private void packThresholds(MemorySegment memory, Tensor values, int column, long row) {
    boolean negative = values.getLong(row) < 0;
    memory.set(Tensor.INT, row32(0, column), column < outputs && negative ? -1 : 0);
    for (int i = 1; i <= steps; i++) {
      int value =
          column < outputs ? (int) threshold(values.getLong(row + i), negative) : Integer.MAX_VALUE;
      memory.set(Tensor.INT, row32(i, column), value);
    }
  }

  private void packMultipliers(
      MemorySegment memory, Tensor values, long place, int column, long row) {
    for (int i = 0; i < 3; i++) {
      long value = i < 2 || residual ? values.getLong(row + i) : 0;
      memory.set(Tensor.LONG, place + ((long) i * columns + column) * 8, value);
    }
  }

  /**
   * A threshold on {@code ~z} instead of {@code -z}: {@code -z >= t} is {@code ~z >= t - 1}, and
   * the complement is one operation without a case that overflows.
   */
  private static long threshold(long t, boolean negative) {
    return negative ? Math.max(t, Integer.MIN_VALUE + 1L) - 1 : t;
  }

  /** Byte offset of row {@code i} of the 32-bit parameters from column {@code column} on. */
  long row32(int i, int column) {
    return parameters + ((long) i * columns + column) * 4;
  }

  /** Likewise of the 64-bit parameters. */
  long row64(int i, int column) {
    return parameters + ((long) i * columns + column) * 8;
  }
}
