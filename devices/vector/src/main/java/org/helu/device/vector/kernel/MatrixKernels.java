package org.helu.device.vector.kernel;

import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.helu.runtime.tensor.Tensor;

/** Matrix products over {@link Panels}: dense layers, and convolutions as products over pixels. */
public final class MatrixKernels {
  /** Rows of the tallest register block. */
  public static final int MAX_ROWS = 8;

  /** A multiple of the rows of every register block: how rows are best divided among threads. */
  public static final int ROW_UNIT = 24;

  /** Bytes that a caller lends for outputs that a register block has and the product has not. */
  public static final long SCRATCH_BYTES = MAX_ROWS * 4L * 64;

  /**
   * Inputs of a chunk for {@link #multiplySparse}: their weights in two panels, 48 KiB, stay in the
   * first cache while many rows take them. Measured by {@code SkipSpeed}.
   */
  public static final int SPARSE_CHUNK = (48 << 10) / (8 * Simd.BYTES);

  /** Bytes of a row of {@link #sums}. */
  public static final long SUMS_STRIDE = Columns.BLOCK * 4L;

  /** Bytes that {@link #sums} writes. */
  public static final long SUMS_BYTES = ROW_UNIT * SUMS_STRIDE;

  private MatrixKernels() {}

  /**
   * Outputs {@code y[row, column]} for a range of rows and of panels.
   *
   * @param w memory of the panels
   * @param m memory of everything else
   * @param x byte offset of the inputs, from which {@code rows} counts
   * @param y byte offset of the outputs {@code [rows, outputs]}
   * @param residual byte offset of what is added, laid out as y, or -1
   * @param scratch byte offset of {@link #SCRATCH_BYTES} for this caller alone
   * @param offsets {@link #MAX_ROWS} elements for this caller alone
   */
  public static void multiply(
      Panels panels,
      int panelFrom,
      int panelTo,
      MemorySegment w,
      MemorySegment m,
      Rows rows,
      long rowFrom,
      long rowTo,
      long x,
      long y,
      int outputs,
      long residual,
      boolean gate,
      long scratch,
      long[] offsets) {
    long yStride = outputs * 4L;
    boolean single = rowFrom + 1 == rowTo;
    for (int panel = panelFrom; panel < panelTo; panel++) {
      if (single) {
        rows.offsets(x, rowFrom, 1, offsets);
        panel +=
            single(
                    panels,
                    panel,
                    panelTo,
                    w,
                    m,
                    offsets[0],
                    rowFrom,
                    y,
                    yStride,
                    residual,
                    gate,
                    scratch)
                - 1;
        continue;
      }
      int block = Tiles.rows(panels.vectors(panel));
      for (long row = rowFrom; row < rowTo; row += block) {
        int count = (int) Math.min(block, rowTo - row);
        rows.offsets(x, row, count, offsets);
        block(panels, panel, w, m, offsets, count, row, y, yStride, residual, gate, scratch);
      }
    }
  }

  /**
   * Sums of a block of 64 columns as INT32: they are integers in float32, or their bits.
   *
   * @param count rows from {@code rowFrom} on, at most {@link #ROW_UNIT}
   * @param bits whether the panels' biases are {@link Ints#BIAS}, so that bits are integers
   * @param sums byte offset of {@link #SUMS_BYTES}, a row of {@link #SUMS_STRIDE} bytes each
   * @param offsets {@link #MAX_ROWS} elements for this caller alone
   */
  public static void sums(
      Panels panels,
      int block,
      MemorySegment w,
      MemorySegment m,
      Rows rows,
      long rowFrom,
      int count,
      long x,
      boolean bits,
      long sums,
      long[] offsets) {
    int end = panels.firstPanel(block + 1);
    for (int panel = panels.firstPanel(block); panel < end; panel++) {
      int vectors = panels.vectors(panel);
      int tall = Tiles.rows(vectors);
      long to = sums + (panels.column(panel) - block * Columns.BLOCK) * 4L;
      for (int row = 0; row < count; row += tall) {
        int taken = Math.min(tall, count - row);
        rows.offsets(x, rowFrom + row, taken, offsets);
        for (int i = taken; i < tall; i++) {
          offsets[i] = offsets[taken - 1];
        }
        Tiles.run(
            vectors,
            taken,
            w,
            panels.offset(panel),
            m,
            offsets,
            panels.xShift(panel),
            panels.taps,
            to + row * SUMS_STRIDE,
            SUMS_STRIDE,
            false);
      }
    }
    if (bits) {
      return;
    }
    long width = panels.column(end - 1) + panels.width(end - 1);
    long used = (width - block * Columns.BLOCK) * 4L;
    for (int row = 0; row < count; row++) {
      long from = sums + row * SUMS_STRIDE;
      for (long at = from; at < from + used; at += Simd.BYTES) {
        FloatVector sum = FloatVector.fromMemorySegment(Simd.SPECIES, m, at, LITTLE_ENDIAN);
        ((IntVector) sum.convertShape(VectorOperators.F2I, Ints.SPECIES, 0))
            .intoMemorySegment(m, at, LITTLE_ENDIAN);
      }
    }
  }

  /**
   * One register block.
   *
   * @param count rows that are wanted: the block's, or less where rows end; it then computes the
   *     last one again, into scratch
   */
  private static void block(
      Panels panels,
      int panel,
      MemorySegment w,
      MemorySegment m,
      long[] offsets,
      int count,
      long row,
      long y,
      long yStride,
      long residual,
      boolean gate,
      long scratch) {
    long at = row * yStride + panels.column(panel) * 4L;
    int vectors = panels.vectors(panel);
    int block = Tiles.rows(vectors);
    for (int i = count; i < block; i++) {
      offsets[i] = offsets[count - 1];
    }
    boolean partial = panels.isPartial(panel) || count < block;
    long to = partial ? scratch : y + at;
    long stride = partial ? vectors * (long) Simd.BYTES : yStride;
    boolean gateInBlock = gate && residual < 0;
    Tiles.run(
        vectors,
        count,
        w,
        panels.offset(panel),
        m,
        offsets,
        panels.xShift(panel),
        panels.taps,
        to,
        stride,
        gateInBlock);
    if (!partial && residual < 0) {
      return;
    }
    for (int i = 0; i < count; i++) {
      long rowAt = at + i * yStride;
      finish(
          m,
          to + i * stride,
          y + rowAt,
          panels.width(panel),
          partial,
          shifted(residual, rowAt),
          gate);
    }
  }

  /** One row; returns how many panels it took, 1 or 2. */
  private static int single(
      Panels panels,
      int panel,
      int panelTo,
      MemorySegment w,
      MemorySegment m,
      long x,
      long row,
      long y,
      long yStride,
      long residual,
      boolean gate,
      long scratch) {
    long at = row * yStride + panels.column(panel) * 4L;
    boolean partial = panels.isPartial(panel);
    long to = partial ? scratch : y + at;
    long source = panels.offset(panel);
    long from = x + panels.xShift(panel);
    int width = panels.width(panel);
    int taken = 1;
    switch (panels.vectors(panel)) {
      case 4 -> {
        if (!partial && isPair(panels, panel, panelTo)) {
          long second = panels.offset(panel + 1);
          SingleRow.row8(w, source, second, m, from, panels, to);
          width *= 2;
          taken = 2;
        } else {
          SingleRow.row4(w, source, m, from, panels, to);
        }
      }
      case 2 -> SingleRow.row2(w, source, m, from, panels, to);
      default -> SingleRow.row1(w, source, m, from, panels, to);
    }
    finish(m, to, y + at, width, partial, shifted(residual, at), gate);
    return taken;
  }

  /** Whether the next panel continues this one: as wide, and over the same inputs. */
  private static boolean isPair(Panels panels, int panel, int panelTo) {
    int next = panel + 1;
    return next < panelTo
        && panels.vectors(next) == 4
        && !panels.isPartial(next)
        && panels.xShift(next) == panels.xShift(panel);
  }

  /**
   * Rows of outputs from the inputs that lists name, see {@link OpenGates#list}.
   *
   * @param x byte offset of the first row of inputs
   * @param starts byte offset of the first row's starts
   * @param lists byte offset of the first row's list, {@code inputs} elements before the next
   * @param chunk inputs of a start
   * @param y byte offset of the first row of outputs
   * @param residual byte offset of what is added, laid out as y, or -1
   */
  public static void multiplySparse(
      Panels panels,
      int panelFrom,
      int panelTo,
      MemorySegment w,
      MemorySegment m,
      long x,
      int rows,
      long starts,
      long lists,
      int chunk,
      long y,
      int outputs,
      long residual,
      boolean gate,
      long scratch) {
    long inputBytes = panels.inputs() * 4L;
    int chunks = OpenGates.chunks(panels.inputs(), chunk);
    long startsBytes = (chunks + 1) * 4L;
    Objects.checkFromIndexSize(x, rows * inputBytes, m.byteSize());
    Objects.checkFromIndexSize(lists, rows * inputBytes, m.byteSize());
    Objects.checkFromIndexSize(panels.offset(0), panels.bytes(), w.byteSize());
    for (int panel = panelFrom; panel < panelTo; panel++) {
      int vectors = panels.vectors(panel);
      boolean partial = panels.isPartial(panel);
      boolean pair = vectors == 4 && !partial && isPair(panels, panel, panelTo);
      int width = panels.width(panel) * (pair ? 2 : 1);
      long source = w.address() + panels.offset(panel);
      long column = panels.column(panel) * 4L;
      if (pair) {
        panel++;
        long second = w.address() + panels.offset(panel);
        long stored = y + column;
        Objects.checkFromIndexSize(stored, (rows - 1) * outputs * 4L + width * 4L, m.byteSize());
        // A chunk's weights stay in the first cache while all rows take from them.
        for (int c = 0; c < chunks; c++) {
          for (int row = 0; row < rows; row++) {
            long start = starts + row * startsBytes + c * 4L;
            int from = m.get(Tensor.INT, start);
            SingleRow.sparse8(
                source,
                second,
                m.address() + x + row * inputBytes,
                m.address() + lists + row * inputBytes + from * 4L,
                m.get(Tensor.INT, start + 4) - from,
                m.address() + stored + row * outputs * 4L,
                c == 0);
          }
        }
      }
      for (int row = 0; row < rows; row++) {
        long at = row * outputs * 4L + column;
        long stored = partial ? scratch : y + at;
        if (!pair) {
          Objects.checkFromIndexSize(stored, vectors * (long) Simd.BYTES, m.byteSize());
          int count = m.get(Tensor.INT, starts + (row + 1) * startsBytes - 4);
          long from = m.address() + x + row * inputBytes;
          long list = m.address() + lists + row * inputBytes;
          long to = m.address() + stored;
          switch (vectors) {
            case 4 -> SingleRow.sparse4(source, from, list, count, to);
            case 2 -> SingleRow.sparse2(source, from, list, count, to);
            default -> SingleRow.sparse1(source, from, list, count, to);
          }
        }
        finish(m, stored, y + at, width, partial, shifted(residual, at), gate);
      }
    }
  }

  private static long shifted(long residual, long at) {
    return residual < 0 ? -1 : residual + at;
  }

  /**
   * Adds the residual to a row's stored accumulators, where there is one, and applies the gate.
   *
   * @param from where the accumulators are: at {@code y}, or in scratch where {@code partial}
   */
  public static void finish(
      MemorySegment m, long from, long y, int width, boolean partial, long residual, boolean gate) {
    if (partial) {
      int whole = width - width % Simd.LANES;
      finishWhole(m, from, y, whole, residual, gate);
      for (int i = whole; i < width; i++) {
        float z = m.get(Tensor.FLOAT, from + i * 4L);
        if (residual >= 0) {
          z += m.get(Tensor.FLOAT, residual + i * 4L);
        }
        m.set(Tensor.FLOAT, y + i * 4L, gate ? Simd.gate(z) : z);
      }
    } else if (residual >= 0 || gate) {
      finishWhole(m, y, y, width, residual, gate);
    }
  }

  /** Of whole vectors. No vector comes from two branches: it might be boxed where they meet. */
  private static void finishWhole(
      MemorySegment m, long from, long y, int width, long residual, boolean gate) {
    // Gates at minus infinity close nothing.
    FloatVector least = FloatVector.broadcast(Simd.SPECIES, gate ? 0f : Float.NEGATIVE_INFINITY);
    if (residual >= 0) {
      for (int i = 0; i < width; i += Simd.LANES) {
        FloatVector z =
            FloatVector.fromMemorySegment(Simd.SPECIES, m, from + i * 4L, LITTLE_ENDIAN)
                .add(
                    FloatVector.fromMemorySegment(
                        Simd.SPECIES, m, residual + i * 4L, LITTLE_ENDIAN));
        z.blend(least, z.compare(VectorOperators.LE, least))
            .intoMemorySegment(m, y + i * 4L, LITTLE_ENDIAN);
      }
      return;
    }
    for (int i = 0; i < width; i += Simd.LANES) {
      FloatVector z = FloatVector.fromMemorySegment(Simd.SPECIES, m, from + i * 4L, LITTLE_ENDIAN);
      z.blend(least, z.compare(VectorOperators.LE, least))
          .intoMemorySegment(m, y + i * 4L, LITTLE_ENDIAN);
    }
  }
}
