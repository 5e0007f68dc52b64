package org.helu.device.vector.kernel;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.helu.runtime.tensor.Tensor;

/** Matrix products over {@link Panels}: dense layers, and convolutions as products over pixels. */
public final class MatrixKernels {
  /** Rows of the largest register block. */
  public static final int MAX_ROWS = 8;

  /** Bytes that a caller lends for outputs of panels that are wider than the outputs left. */
  public static final long SCRATCH_BYTES = MAX_ROWS * 4L * 64;

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
    for (int panel = panelFrom; panel < panelTo; panel++) {
      int block = panels.vectors(panel) == 1 ? 8 : 4;
      long row = rowFrom;
      for (; row + block <= rowTo; row += block) {
        rows.offsets(x, row, block, offsets);
        block(panels, panel, w, m, offsets, block, row, y, yStride, residual, gate, scratch);
      }
      int left = (int) (rowTo - row);
      if (left > 0) {
        rows.offsets(x, row, left, offsets);
        for (int i = 0; i < left; i++) {
          panel +=
              single(
                      panels,
                      panel,
                      panelTo,
                      w,
                      m,
                      offsets[i],
                      row + i,
                      y,
                      yStride,
                      residual,
                      gate,
                      scratch,
                      left == 1 && rowFrom + 1 == rowTo)
                  - 1;
        }
      }
    }
  }

  private static void block(
      Panels panels,
      int panel,
      MemorySegment w,
      MemorySegment m,
      long[] offsets,
      int block,
      long row,
      long y,
      long yStride,
      long residual,
      boolean gate,
      long scratch) {
    long at = row * yStride + panels.column(panel) * 4L;
    boolean partial = panels.isPartial(panel);
    int vectors = panels.vectors(panel);
    long to = partial ? scratch : y + at;
    long stride = partial ? vectors * (long) Simd.BYTES : yStride;
    long source = panels.offset(panel);
    long shift = panels.xShift(panel);
    switch (vectors) {
      case 4 -> Tiles.tile4x4(w, source, m, offsets, shift, panels, to, stride);
      case 2 -> Tiles.tile4x2(w, source, m, offsets, shift, panels, to, stride);
      default -> Tiles.tile8x1(w, source, m, offsets, shift, panels, to, stride);
    }
    for (int i = 0; i < block; i++) {
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

  /** One row; returns how many panels it took, 2 where {@code pair} allows it. */
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
      long scratch,
      boolean pair) {
    long at = row * yStride + panels.column(panel) * 4L;
    boolean partial = panels.isPartial(panel);
    long to = partial ? scratch : y + at;
    long source = panels.offset(panel);
    long from = x + panels.xShift(panel);
    int width = panels.width(panel);
    int taken = 1;
    switch (panels.vectors(panel)) {
      case 4 -> {
        if (pair && !partial && isPair(panels, panel, panelTo)) {
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
   * One row of outputs from the inputs that a list names.
   *
   * @param list byte offset of {@code count} int32 indices, ascending
   */
  public static void multiplySparse(
      Panels panels,
      int panelFrom,
      int panelTo,
      MemorySegment w,
      MemorySegment m,
      long x,
      long list,
      int count,
      long y,
      long residual,
      boolean gate,
      long scratch) {
    for (int panel = panelFrom; panel < panelTo; panel++) {
      long at = panels.column(panel) * 4L;
      boolean partial = panels.isPartial(panel);
      long to = partial ? scratch : y + at;
      long source = panels.offset(panel);
      int width = panels.width(panel);
      switch (panels.vectors(panel)) {
        case 4 -> {
          if (!partial && isPair(panels, panel, panelTo)) {
            panel++;
            long second = panels.offset(panel);
            width *= 2;
            SingleRow.sparse8(w, source, second, m, x, list, count, to);
          } else {
            SingleRow.sparse4(w, source, m, x, list, count, to);
          }
        }
        case 2 -> SingleRow.sparse2(w, source, m, x, list, count, to);
        default -> SingleRow.sparse1(w, source, m, x, list, count, to);
      }
      finish(m, to, y + at, width, partial, shifted(residual, at), gate);
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
  static void finish(
      MemorySegment m, long from, long y, int width, boolean partial, long residual, boolean gate) {
    if (partial) {
      for (int i = 0; i < width; i++) {
        float z = m.get(Tensor.FLOAT, from + i * 4L);
        if (residual >= 0) {
          z += m.get(Tensor.FLOAT, residual + i * 4L);
        }
        m.set(Tensor.FLOAT, y + i * 4L, gate ? Simd.gate(z) : z);
      }
    } else if (residual >= 0) {
      addResidual(m, y, width, residual, gate);
    } else if (gate) {
      ElementwiseKernels.gate(m, y, y, width);
    }
  }

  private static void addResidual(MemorySegment m, long y, int width, long residual, boolean gate) {
    for (int i = 0; i < width; i += Simd.LANES) {
      long at = y + i * 4L;
      FloatVector z = Simd.load(m, at).add(Simd.load(m, residual + i * 4L));
      if (gate) {
        z = z.blend(0f, z.compare(VectorOperators.LE, 0f));
      }
      z.intoMemorySegment(m, at, Simd.LITTLE_ENDIAN);
    }
  }
}
