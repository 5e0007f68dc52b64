package org.helu.device.vector.kernel;

import java.lang.foreign.MemorySegment;
import org.helu.runtime.op.Codes;
import org.helu.runtime.tensor.Tensor;

/**
 * Products of bytes and 1-bit weights by tables of subset sums ("four Russians"): {@code z = step *
 * (2 * c - s) - zero * sum of weights}, where {@code c} is the sum of the codes whose weight is +1
 * and {@code s} the sum of all. Of a few inputs a table holds the sums of all subsets; a column's
 * weights name the subset whose sum it takes, and one permutation takes it for a vector of columns.
 * Inputs of zeros have no tables and are skipped: in images they are many.
 *
 * <p>Columns lie in panels of whole blocks of 64.
 */
public sealed interface SubsetSums permits SubsetPanels, NibblePanels {
  /**
   * Whether layers of so many outputs are faster by tables than by bit planes, for inputs without
   * zeros too.
   */
  static boolean areFaster(int outputs) {
    return SubsetPanels.areFaster(outputs) || NibblePanels.areFaster(outputs);
  }

  /**
   * The weights for this machine's vectors.
   *
   * @param base byte offset of all that they pack
   * @param inputs of one output
   */
  static SubsetSums of(long base, int outputs, int inputs, Codes codes) {
    return SubsetPanels.areFaster(outputs)
        ? new SubsetPanels(base, outputs, inputs, codes)
        : new NibblePanels(base, outputs, inputs, codes);
  }

  /** Panels in all. */
  int count();

  /** Columns of all panels, a multiple of 64. */
  int columns();

  /** The first block of 64 columns of a panel; of {@link #count}, the number of blocks. */
  int firstBlock(int panel);

  /** Bytes that {@link #pack} fills. */
  long bytes();

  /**
   * Packs the weights.
   *
   * @param memory zeroed where they lie
   * @param weight {@code [outputs, inputs]} of bits
   */
  void pack(MemorySegment memory, Tensor weight);

  /** Bytes that a caller of {@link #sum} lends, for itself alone. */
  long scratchBytes();

  /**
   * Sums of one row of codes, of the columns of some panels.
   *
   * @param x byte offset of the row's codes; up to 64 bytes behind them are read
   * @param sums where to: byte offset of a row of all columns
   * @param scratch byte offset of {@link #scratchBytes} for this caller alone, aligned
   */
  void sum(
      int panelFrom,
      int panelTo,
      MemorySegment w,
      MemorySegment m,
      long x,
      long sums,
      long scratch);
}
