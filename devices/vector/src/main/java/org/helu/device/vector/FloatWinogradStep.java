package org.helu.device.vector;

import java.lang.foreign.MemorySegment;
import org.helu.device.vector.kernel.DirectConv;
import org.helu.device.vector.kernel.MatrixKernels;
import org.helu.device.vector.kernel.MoveKernels;
import org.helu.device.vector.kernel.Winograd;

/**
 * Of float32. An infinity or NaN, also one that only the transforms make, would reach outputs whose
 * window does not hold it. So a chunk whose sums are not all finite is computed again, product by
 * product.
 */
final class FloatWinogradStep extends WinogradStep {
  private final DirectConv direct;
  private final long x;
  private final long y;
  private final long residual;
  private final boolean gate;

  FloatWinogradStep(
      Tiling tiling,
      Winograd winograd,
      DirectConv direct,
      long x,
      long y,
      long residual,
      boolean gate) {
    super(tiling, winograd);
    this.direct = direct;
    this.x = x;
    this.y = y;
    this.residual = residual;
    this.gate = gate;
  }

  @Override
  void fill(Frame frame, long to, long lineFrom, long lineTo) {
    MoveKernels.frame(
        frame.memory,
        x,
        shape.inH(),
        shape.inW(),
        shape.channels(),
        to,
        shape.frameH(),
        shape.frameW(),
        shape.frameChannels(),
        shape.window().padTop(),
        shape.window().padLeft(),
        1,
        lineFrom,
        lineTo);
  }

  /** A tile's four pixels, of which the frame of outputs may hold fewer. */
  @Override
  long storeBytes() {
    return 4L * shape.outputs() * 4;
  }

  @Override
  void store(Frame frame, long rowFrom, long rowTo, long lines, long products, long scratch) {
    MemorySegment m = frame.memory;
    boolean gateAtOnce = gate && residual < 0;
    boolean finite = true;
    for (long row = rowFrom; row < rowTo; row++) {
      int tile = (int) (row - rowFrom) * tiling.across();
      finite &= storeRow(m, row, tile, products, scratch, gateAtOnce);
    }
    if (!finite) {
      for (long row = rowFrom; row < rowTo; row++) {
        long from = lines + (tiling.line(row) - tiling.line(rowFrom)) * tiling.lineBytes();
        for (int line = 0; line < linesOf(row); line++) {
          long to = y + (pixel(row) + (long) line * shape.outW()) * shape.outputs() * 4;
          direct.line(
              m,
              from + line * tiling.lineBytes(),
              tiling.lineBytes(),
              shape.outW(),
              to,
              gateAtOnce);
        }
      }
    }
    if (residual >= 0) {
      for (long row = rowFrom; row < rowTo; row++) {
        long at = pixel(row) * shape.outputs() * 4;
        int width = linesOf(row) * shape.outW() * shape.outputs();
        MatrixKernels.finish(m, y + at, y + at, width, false, residual + at, gate);
      }
    }
  }

  /** Whether all sums are finite. */
  private boolean storeRow(
      MemorySegment m, long row, int tile, long products, long scratch, boolean gateAtOnce) {
    long pixelBytes = shape.outputs() * 4L;
    long lineBytes = shape.outW() * pixelBytes;
    long first = y + pixel(row) * pixelBytes;
    int whole = linesOf(row) == 2 ? shape.outW() / 2 : 0;
    boolean finite = winograd.output(m, products, tile, whole, first, lineBytes, gateAtOnce);
    for (int i = whole; i < tiling.across(); i++) {
      // The tile reaches past the image.
      finite &= winograd.output(m, products, tile + i, 1, scratch, 2 * pixelBytes, gateAtOnce);
      long width = Math.min(2, shape.outW() - 2 * i) * pixelBytes;
      for (int line = 0; line < linesOf(row); line++) {
        long to = first + 2 * i * pixelBytes + line * lineBytes;
        MoveKernels.copyBytes(m, scratch + 2 * line * pixelBytes, to, width);
      }
    }
    return finite;
  }
}
