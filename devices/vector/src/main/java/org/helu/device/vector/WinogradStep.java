package org.helu.device.vector;

import java.lang.foreign.MemorySegment;
import org.helu.device.vector.kernel.Winograd;
import org.helu.runtime.tensor.TensorType;

/**
 * A 3x3 convolution of stride 1 by {@link Winograd}'s products. Rows of tiles are worked on in
 * chunks: the lines that a chunk reads are copied into a frame with their padding, transformed,
 * multiplied and transformed back, all in the part's own scratch.
 */
abstract class WinogradStep extends Step {
  /** Tiles of a chunk, about: whole rows of them, a multiple of the rows of register blocks. */
  private static final int CHUNK_TILES = 48;

  /** The most scratch of a part: beyond, chunks leave the second cache. */
  private static final long MOST_SCRATCH_BYTES = 768 << 10;

  /** The most weights: beyond, reading them costs more than products that are saved. */
  private static final long MOST_WEIGHT_BYTES = 1 << 20;

  /** A convolution cut into tiles. */
  record Tiling(ConvShape shape, int across, int down, int rowsOfChunk) {
    static Tiling of(ConvShape shape) {
      int across = (shape.outW() + 1) / 2;
      int down = (shape.outH() + 1) / 2;
      ConvShape whole =
          shape.withFrame(
              Math.max(shape.frameH(), 2 * down + 2), Math.max(shape.frameW(), 2 * across + 2));
      int most = Math.max(1, CHUNK_TILES / Math.max(1, across));
      int chunks = Math.max(1, (down + most - 1) / most);
      return new Tiling(whole, across, down, chunks > 1 ? (down + chunks - 1) / chunks : most);
    }

    /** Most tiles of a chunk. */
    int tiles() {
      return rowsOfChunk * across;
    }

    /** Most lines of the frame that a chunk reads: two a row, two more below each image. */
    int lines() {
      return 2 * rowsOfChunk + 2 * (rowsOfChunk / Math.max(1, down) + 2);
    }

    long lineBytes() {
      return shape.frameW() * (long) shape.frameChannels() * 4;
    }

    /** First line of a row of tiles, counted over all images. */
    long line(long row) {
      return row / down * shape.frameH() + row % down * 2;
    }
  }

  final Tiling tiling;
  final ConvShape shape;
  final Winograd winograd;

  WinogradStep(Tiling tiling, Winograd winograd) {
    this.tiling = tiling;
    this.shape = tiling.shape();
    this.winograd = winograd;
  }

  /** Whether a convolution of one group can be and is worth being done so. */
  static boolean suits(ConvShape shape) {
    if (!shape.window().allowsMinimalFiltering()
        || !Winograd.fits(shape.channels(), shape.outputs())) {
      return false;
    }
    Tiling tiling = Tiling.of(shape);
    long channels = shape.channels() + (long) shape.outputs();
    return 16L * shape.channels() * shape.outputs() * 4 <= MOST_WEIGHT_BYTES
        && tiling.tiles() * 16L * channels * 4 <= MOST_SCRATCH_BYTES;
  }

  /** Copies lines of the input into their frame, as float32. */
  abstract void fill(Frame frame, long y, long lineFrom, long lineTo);

  /**
   * Stores the outputs of rows of tiles.
   *
   * @param lines byte offset of the chunk's frame
   * @param products byte offset of the chunk's products
   * @param scratch byte offset of {@link #storeBytes}
   */
  abstract void store(
      Frame frame, long rowFrom, long rowTo, long lines, long products, long scratch);

  /** Bytes of scratch that {@link #store} needs. */
  abstract long storeBytes();

  @Override
  final long partScratchBytes() {
    return linesBytes()
        + TensorType.align(winograd.inputBytes())
        + TensorType.align(winograd.productBytes())
        + TensorType.align(storeBytes());
  }

  private long linesBytes() {
    return TensorType.align(tiling.lines() * tiling.lineBytes());
  }

  private long rows(int batch) {
    return shape.images(batch) * tiling.down();
  }

  @Override
  long work(int batch) {
    return rows(batch) * tiling.across() * 16 * shape.channels() * shape.outputs();
  }

  @Override
  final void run(Frame frame, int phase, int part, int parts) {
    long rows = rows(frame.batch);
    long last = begin(rows, 1, part + 1, parts);
    for (long row = begin(rows, 1, part, parts); row < last; row += tiling.rowsOfChunk()) {
      chunk(frame, row, Math.min(last, row + tiling.rowsOfChunk()), part);
    }
  }

  private void chunk(Frame frame, long rowFrom, long rowTo, int part) {
    MemorySegment m = frame.memory;
    long lines = frame.scratchOf(part);
    long inputs = lines + linesBytes();
    long products = inputs + TensorType.align(winograd.inputBytes());
    long scratch = products + TensorType.align(winograd.productBytes());
    long lineBytes = tiling.lineBytes();
    long first = tiling.line(rowFrom);
    fill(frame, lines - first * lineBytes, first, tiling.line(rowTo - 1) + 4);
    int across = tiling.across();
    for (long row = rowFrom; row < rowTo; row++) {
      long x = lines + (tiling.line(row) - first) * lineBytes;
      winograd.input(m, x, lineBytes, inputs, (int) (row - rowFrom) * across, across);
    }
    int tiles = (int) (rowTo - rowFrom) * across;
    winograd.multiply(frame.weights, m, inputs, products, tiles);
    store(frame, rowFrom, rowTo, lines, products, scratch);
  }

  /** First output pixel of a row of tiles, counted over all images. */
  final long pixel(long row) {
    return (row / tiling.down() * shape.outH() + row % tiling.down() * 2) * shape.outW();
  }

  /** Lines of output of a row of tiles. */
  final int linesOf(long row) {
    return (int) Math.min(2, shape.outH() - row % tiling.down() * 2);
  }
}
