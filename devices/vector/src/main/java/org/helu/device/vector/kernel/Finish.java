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
    REQUANTIZED,
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

  private final boolean residual;
  private final Epilogues way;

  /**
   * @param base byte offset of the packed parameters
   * @param outputs columns
   */
  public Finish(long base, int outputs, List<Epilogue> epilogues, boolean residual) {
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
    this.kind =
        switch (first) {
          case null -> Kind.SUMS;
          case Epilogue.Threshold _ -> toBytes ? Kind.STEPS : Kind.PLANES;
          case Epilogue.Requantize _ -> Kind.REQUANTIZED;
          default -> Kind.FLOATS;
        };
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
      case FLOATS -> 2L * columns * 4;
    };
  }

  /** Bytes of one output row. */
  public long rowBytes() {
    return switch (kind) {
      case SUMS, FLOATS -> outputs * 4L;
      case REQUANTIZED, STEPS -> outputs;
      case PLANES -> planes * (columns / 64) * 8L;
    };
  }

  /** Packs parameters {@code [outputs or 1, n]} by columns of the same type; null where none. */
  public void pack(MemorySegment memory, Tensor values) {
    if (values == null) {
      return;
    }
    int count = values.shape().dim(1);
    boolean floats = values.type().elementType() == ElementType.FLOAT32;
    for (int c = 0; c < columns; c++) {
      long row = c < outputs && values.shape().dim(0) > 1 ? (long) c * count : 0;
      for (int i = 0; i < (kind == Kind.REQUANTIZED ? 3 : count); i++) {
        long at = (long) i * columns + c;
        if (floats) {
          memory.set(Tensor.FLOAT, parameters + at * 4, values.getFloat(row + i));
          continue;
        }
        switch (kind) {
          case SUMS, FLOATS -> throw new IllegalStateException(kind + " have no such parameters");
          case PLANES, STEPS -> {
            boolean negative = values.getLong(row) < 0;
            long value =
                i == 0 ? (negative ? -1 : 0) : threshold(values.getLong(row + i), negative);
            memory.set(
                Tensor.INT,
                parameters + at * 4,
                c < outputs ? (int) value : i == 0 ? 0 : Integer.MAX_VALUE);
          }
          case REQUANTIZED ->
              memory.set(
                  Tensor.LONG,
                  parameters + at * 8,
                  i < 2 || residual ? values.getLong(row + i) : 0L);
        }
      }
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
