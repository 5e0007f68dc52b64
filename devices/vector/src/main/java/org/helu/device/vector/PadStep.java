package org.helu.device.vector;

import org.helu.device.vector.kernel.PadKernels;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.PadMode;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.TensorType;

/** A border around elements of 4 bytes or of 1, in parts of rows of the last dimension. */
final class PadStep extends Step {
  private final int size;
  private final int fill;

  /** For each axis but the batch and each output index, the input's index, or -1 for the fill. */
  private final int[][] sources;

  private final long[] strides;
  private final int firstAxis;
  private final int from;
  private final int to;
  private final Count rows;
  private final long x;
  private final long y;

  /**
   * @param in the input's type, of at least one dimension; the last is not the batch
   */
  PadStep(DeviceOp.Pad op, TensorType in, Shape out, long x, long y) {
    int rank = out.rank();
    this.size = in.elementType().bytes();
    this.fill =
        in.elementType() == ElementType.FLOAT32
            ? Float.floatToRawIntBits(op.value())
            : (int) (long) op.value();
    this.firstAxis = out.isBatched() ? 1 : 0;
    this.strides = in.shape().strides();
    this.sources = new int[rank][];
    for (int axis = firstAxis; axis < rank; axis++) {
      sources[axis] =
          sources(op.mode(), in.shape().dim(axis), op.before().get(axis), out.dim(axis));
    }
    this.from = op.before().getLast();
    this.to = from + in.shape().last();
    this.rows = Count.outer(out, rank - 1);
    this.x = x;
    this.y = y;
  }

  private static int[] sources(PadMode mode, int size, int before, int outs) {
    int[] sources = new int[outs];
    for (int i = 0; i < outs; i++) {
      int at = i - before;
      boolean inside = at >= 0 && at < size;
      sources[i] =
          inside
              ? at
              : switch (mode) {
                case CONSTANT -> -1;
                case EDGE -> at < 0 ? 0 : size - 1;
                case REFLECT -> at < 0 ? -at : 2 * (size - 1) - at;
              };
    }
    return sources;
  }

  @Override
  long work(int batch) {
    return rows.of(batch) * (rowSources().length + 8L);
  }

  @Override
  void run(Frame frame, int phase, int part, int parts) {
    long total = rows.of(frame.batch);
    long rowBytes = rowSources().length * (long) size;
    long rowTo = begin(total, 1, part + 1, parts);
    for (long row = begin(total, 1, part, parts); row < rowTo; row++) {
      long input = inputRow(row);
      PadKernels.row(
          frame.memory,
          size,
          input < 0 ? -1 : x + input * size,
          rowSources(),
          from,
          to,
          fill,
          y + row * rowBytes);
    }
  }

  private int[] rowSources() {
    return sources[sources.length - 1];
  }

  /** The first element of the input's row that an output row holds, or -1 for one of fill. */
  private long inputRow(long row) {
    long left = row;
    long element = 0;
    for (int axis = sources.length - 2; axis >= firstAxis; axis--) {
      int source = sources[axis][(int) (left % sources[axis].length)];
      if (source < 0) {
        return -1;
      }
      element += source * strides[axis];
      left /= sources[axis].length;
    }
    return firstAxis == 0 || sources.length == 1 ? element : element + left * strides[0];
  }
}
