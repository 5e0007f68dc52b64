package org.helu.device.vector.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.helu.runtime.op.Codes;
import org.helu.runtime.tensor.Tensor;

/**
 * 1-bit weights of a product with bytes as names of subsets of four inputs, in the order in which
 * {@link NibbleKernels} reads them: a byte holds a column's weights of eight inputs, which are the
 * names of two subsets.
 *
 * <p>A panel is a block of 64 columns, in four vectors of 16; of each vector all bytes lie one
 * after the other. Before the panels stands a row of the columns' constants, {@code -zero * sum of
 * weights}.
 */
final class NibblePanels implements SubsetSums {
  /** Inputs of a byte of names. */
  static final int UNIT = 8;

  /** Columns of a vector of names. */
  static final int LANES = 16;

  /** Vectors of a panel. */
  static final int VECTORS = Columns.BLOCK / LANES;

  final int inputs;
  final int step;

  /** Bytes of names in a column. */
  final int units;

  private final int zero;
  private final int outputs;
  private final int count;
  private final long base;

  /**
   * @param base byte offset of the constants
   * @param inputs of one output
   */
  NibblePanels(long base, int outputs, int inputs, Codes codes) {
    this.base = base;
    this.inputs = inputs;
    this.outputs = outputs;
    this.step = codes.step();
    this.zero = codes.zero();
    this.units = Math.ceilDiv(inputs, UNIT);
    this.count = Math.ceilDiv(outputs, Columns.BLOCK);
  }

  /**
   * Whether layers of so many outputs are faster by tables than by bit planes, for inputs without
   * zeros too, on vectors of 256 bits of x86 without a popcount. On a Zen 3 core rows of 784 inputs
   * took 1.5 to 1.7 times as long with 16 outputs, as long with 32, 0.75 of the time with 48.
   */
  static boolean areFaster(int outputs) {
    return Simd.LANES == 8 && CpuInfo.isX86() && !Simd.POPCOUNT && outputs >= 32;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public int columns() {
    return count * Columns.BLOCK;
  }

  @Override
  public int firstBlock(int panel) {
    return panel;
  }

  /** Byte offset of the constants from a panel's first column on. */
  long constants(int panel) {
    return base + panel * (Columns.BLOCK * 4L);
  }

  /** Byte offset of a panel; of {@link #count}, the end of the last. */
  long offset(int panel) {
    return constants(count) + panel * (long) Columns.BLOCK * units;
  }

  @Override
  public long bytes() {
    return offset(count) - base;
  }

  /**
   * The byte of a vector that holds a column. Bytes are counted in pairs: the lower ones are the
   * first eight columns, the upper ones the others.
   */
  private static int lane(int column) {
    int half = LANES / 2;
    return column % half * 2 + column / half;
  }

  @Override
  public void pack(MemorySegment memory, Tensor weight) {
    for (int o = 0; o < outputs; o++) {
      int vector = o % Columns.BLOCK / LANES;
      long column = offset(o / Columns.BLOCK) + (long) vector * units * LANES + lane(o % LANES);
      int sum = -inputs;
      for (int k = 0; k < inputs; k++) {
        int bit = (int) weight.getLong(o * (long) inputs + k);
        sum += 2 * bit;
        long at = column + (long) (k / UNIT) * LANES;
        byte names = memory.get(ValueLayout.JAVA_BYTE, at);
        memory.set(ValueLayout.JAVA_BYTE, at, (byte) (names | bit << k % UNIT));
      }
      memory.set(Tensor.INT, constants(0) + o * 4L, -zero * sum);
    }
  }

  @Override
  public long scratchBytes() {
    return NibbleKernels.scratchBytes(this);
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
    NibbleKernels.sum(this, panelFrom, panelTo, w, m, x, sums, scratch);
  }
}
