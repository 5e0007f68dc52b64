package org.helu.device.vector;

import java.lang.foreign.MemorySegment;
import org.helu.device.vector.kernel.BitKernels;
import org.helu.device.vector.kernel.MatrixKernels;
import org.helu.runtime.tensor.Shape;

/**
 * What one session's steps work on: its memory, the executable's weights, and small arrays for each
 * part of a step, made once so that a run makes none.
 */
final class Frame {
  final MemorySegment memory;
  final MemorySegment weights;

  /** Byte offset of the memory that a step may use while it runs. */
  final long scratch;

  /** Samples of the current run. */
  int batch;

  /** Whether the current step multiplies listed inputs only, see {@link DenseStep}. */
  boolean sparse;

  private final long partScratch;
  private final long partBytes;
  private final long[][] rowOffsets;
  private final long[][] indices;
  private final long[][] addresses;
  private final long[][] bases;

  /**
   * @param scratch byte offset of the scratch that steps share
   * @param partScratch byte offset of the scratch that each part has for itself
   * @param partBytes bytes of it
   * @param parts the most parts that a step is split into
   */
  Frame(
      MemorySegment memory,
      MemorySegment weights,
      long scratch,
      long partScratch,
      long partBytes,
      int parts) {
    this.memory = memory;
    this.weights = weights;
    this.scratch = scratch;
    this.partScratch = partScratch;
    this.partBytes = partBytes;
    this.rowOffsets = new long[parts][MatrixKernels.MAX_ROWS];
    this.indices = new long[parts][Shape.MAX_RANK];
    this.addresses = new long[parts][BitKernels.ROWS];
    this.bases = new long[parts][BitKernels.ROWS];
  }

  /** Byte offset of scratch that {@code part} has for itself. */
  long scratchOf(int part) {
    return partScratch + part * partBytes;
  }

  /** An array that {@code part} has for itself. */
  long[] rowOffsetsOf(int part) {
    return rowOffsets[part];
  }

  /** An array that {@code part} has for itself, one element a row. */
  long[] addressesOf(int part) {
    return addresses[part];
  }

  /** Another one. */
  long[] basesOf(int part) {
    return bases[part];
  }

  /** An array that {@code part} has for itself. */
  long[] indexOf(int part) {
    return indices[part];
  }
}
