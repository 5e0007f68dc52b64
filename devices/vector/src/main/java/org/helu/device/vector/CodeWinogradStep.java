package org.helu.device.vector;

import java.lang.foreign.MemorySegment;
import org.helu.device.vector.kernel.CodeFrame;
import org.helu.device.vector.kernel.Finish;
import org.helu.device.vector.kernel.MatrixKernels;
import org.helu.device.vector.kernel.Winograd;

/**
 * Of bytes and int8 weights, exactly: four times transformed weights are integers, and four times
 * each of the 16 products is a sum that float32 holds (see {@link ByteProductStep#EXACT}). They are
 * added up as float32 where it holds those sums too, with the finish's bias. Otherwise they become
 * INT32 before, which may overflow on the way and come back.
 */
final class CodeWinogradStep extends WinogradStep {
  private final CodeFrame codes;
  private final Finish finish;
  private final int blocks;
  private final long x;
  private final long y;
  private final long residual;

  CodeWinogradStep(
      Tiling tiling,
      Winograd winograd,
      CodeFrame codes,
      Finish finish,
      long x,
      long y,
      long residual) {
    super(tiling, winograd);
    this.codes = codes;
    this.finish = finish;
    this.blocks = (shape.outputs() + 63) / 64;
    this.x = x;
    this.y = y;
    this.residual = residual;
  }

  @Override
  void fill(Frame frame, long to, long lineFrom, long lineTo) {
    codes.fill(frame.memory, x, to, lineFrom, lineTo);
  }

  /** Pixels of two lines of tiles, 64 sums each. */
  private long pixels() {
    return 4L * tiling.across();
  }

  @Override
  long storeBytes() {
    return pixels() * MatrixKernels.SUMS_STRIDE;
  }

  @Override
  void store(Frame frame, long rowFrom, long rowTo, long lines, long products, long scratch) {
    long pixelBytes = MatrixKernels.SUMS_STRIDE;
    long lineBytes = 2 * tiling.across() * pixelBytes;
    MemorySegment m = frame.memory;
    for (long row = rowFrom; row < rowTo; row++) {
      int tile = (int) (row - rowFrom) * tiling.across();
      for (int block = 0; block < blocks; block++) {
        winograd.outputIntegers(
            m,
            products,
            tile,
            tiling.across(),
            block,
            scratch,
            lineBytes,
            pixelBytes,
            finish.bias() != 0);
        for (int line = 0; line < linesOf(row); line++) {
          finish.store(
              frame.weights,
              m,
              block,
              scratch + line * lineBytes,
              pixelBytes,
              shape.outW(),
              pixel(row) + (long) line * shape.outW(),
              y,
              residual);
        }
      }
    }
  }
}
