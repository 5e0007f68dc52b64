package org.helu.device.vector.kernel;

import java.lang.foreign.MemorySegment;
import org.helu.runtime.op.Codes;
import org.helu.runtime.tensor.Tensor;

/**
 * 1-bit weights of a product with bytes as places in tables of subset sums, in the order in which
 * {@link SubsetKernels} reads them. Of each {@link #GROUP} inputs a table holds the sums of all
 * subsets; a column's bits for them name the subset whose weights are +1. An element of 16 bits
 * holds the names of three groups.
 *
 * <p>Columns lie in panels of eight or two vectors of 16-bit lanes. Before the panels stands a row
 * of the columns' constants, {@code -zero * sum of weights}.
 */
final class SubsetPanels implements SubsetSums {
  /** Inputs of a table, as many as 32 lanes have subsets of. */
  static final int GROUP = 5;

  /** Groups whose names share an element. */
  static final int GROUPS = 3;

  /** Inputs of one element. */
  static final int INPUTS = GROUPS * GROUP;

  private static final int LANES = 32;
  private static final int WIDE = 8;
  private static final int NARROW = 2;

  final int inputs;
  final int step;
  private final int zero;
  private final int outputs;
  private final int rows;
  private final long base;
  private final int wide;
  private final int columns;

  /**
   * @param base byte offset of the constants
   * @param inputs of one output
   */
  SubsetPanels(long base, int outputs, int inputs, Codes codes) {
    this.base = base;
    this.inputs = inputs;
    this.outputs = outputs;
    this.step = codes.step();
    this.zero = codes.zero();
    this.rows = (inputs + INPUTS - 1) / INPUTS;
    // A wide panel that is half empty still costs no more than the narrow ones that it replaces.
    int unit = WIDE * LANES;
    this.wide = outputs / unit + (outputs % unit > unit / 2 ? 1 : 0);
    int left = Math.max(0, outputs - wide * unit);
    this.columns = wide * unit + (left + Columns.BLOCK - 1) / Columns.BLOCK * Columns.BLOCK;
  }

  /**
   * Whether layers of so many outputs are faster by tables than by bit planes, for inputs without
   * zeros too: where vectors have a lane for each subset, and enough columns share a table. On a
   * Zen 5 core a row of 784 inputs took 1.15 times as long with 192 outputs, 0.9 with 256.
   */
  static boolean areFaster(int outputs) {
    return Simd.LANES * 2 == LANES && outputs > 3 * Columns.BLOCK;
  }

  @Override
  public int count() {
    return wide + (columns - wide * WIDE * LANES) / Columns.BLOCK;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public int firstBlock(int panel) {
    int blocks = WIDE * LANES / Columns.BLOCK;
    return Math.min(panel, wide) * blocks + Math.max(0, panel - wide);
  }

  /** Groups of inputs. */
  int groups() {
    return rows * GROUPS;
  }

  int vectors(int panel) {
    return panel < wide ? WIDE : NARROW;
  }

  /** Byte offset of the constants from a panel's first column on. */
  long constants(int panel) {
    return base + firstBlock(panel) * (Columns.BLOCK * 4L);
  }

  /** Byte offset of a panel; of {@link #count}, the end of the last. */
  long offset(int panel) {
    return base + columns * 4L + firstBlock(panel) * (long) Columns.BLOCK * 2 * rows;
  }

  @Override
  public long bytes() {
    return Math.addExact(columns * 4L, Math.multiplyExact(columns * 2L, (long) rows));
  }

  @Override
  public void pack(MemorySegment memory, Tensor weight) {
    for (int panel = 0; panel < count(); panel++) {
      int first = firstBlock(panel) * Columns.BLOCK;
      int width = vectors(panel) * LANES;
      for (int i = 0; i < width && first + i < outputs; i++) {
        int sum = -inputs;
        for (int k = 0; k < inputs; k++) {
          int bit = (int) weight.getLong((first + i) * (long) inputs + k);
          sum += 2 * bit;
          long at = offset(panel) + (k / INPUTS * (long) width + i) * 2;
          short names = memory.get(SubsetKernels.SHORT, at);
          memory.set(SubsetKernels.SHORT, at, (short) (names | bit << k % INPUTS));
        }
        memory.set(Tensor.INT, constants(panel) + i * 4L, -zero * sum);
      }
    }
  }

  @Override
  public long scratchBytes() {
    return SubsetKernels.scratchBytes(this);
  }

  @Override
  public void sum(
      int panelFrom,
      int panelTo,
      MemorySegment w,
      MemorySegment m,
      long x,
      long sums,
      long scratch) {
    SubsetKernels.sum(this, panelFrom, panelTo, w, m, x, sums, scratch);
  }
}
