package org.helu.device.vector.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.helu.runtime.op.Codes;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Tensor;

/**
 * Weights of a product of 32-bit values and 8-bit weights, in the order in which {@link IntTiles}
 * reads them: per panel of columns one vector for each input, widened to 32 bits. Inputs are read
 * in runs, as {@link Panels} does.
 */
public final class IntPanels {
  final long[] runs;
  final int runLength;
  private final int groups;
  private final int groupOutputs;
  private final long groupShiftBytes;
  private final int[] blocks;
  private int[] columns = new int[8];
  private int count;
  private final long base;
  private long[] offsets = new long[8];
  private long bytes;

  /**
   * @param base byte offset of the first panel
   * @param groups independent products, each with its own columns and its own part of the input
   * @param groupOutputs columns of one group
   * @param runs byte offsets of the runs from a row's first input
   * @param runLength values of one run
   * @param groupShiftBytes distance between the inputs of two groups
   */
  public IntPanels(
      long base, int groups, int groupOutputs, long[] runs, int runLength, long groupShiftBytes) {
    this.base = base;
    this.runs = runs.clone();
    this.runLength = runLength;
    this.groups = groups;
    this.groupOutputs = groupOutputs;
    this.groupShiftBytes = groupShiftBytes;
    // Of one product, panels stay within blocks of 64 columns, which threads take one by one.
    int size = groups == 1 ? Columns.BLOCK : groupOutputs;
    int outputs = Math.multiplyExact(groups, groupOutputs);
    this.blocks = new int[(outputs + size - 1) / size + 1];
    for (int block = 0; block + 1 < blocks.length; block++) {
      int end = Math.min(outputs, (block + 1) * size);
      for (int column = block * size; column < end; ) {
        add(column);
        column += Simd.LANES;
      }
      blocks[block + 1] = count;
    }
  }

  private void add(int column) {
    if (count == columns.length) {
      columns = Arrays.copyOf(columns, 2 * count);
      offsets = Arrays.copyOf(offsets, 2 * count);
    }
    columns[count] = column;
    offsets[count] = base + bytes;
    bytes = Math.addExact(bytes, Math.multiplyExact((long) inputs(), (long) Simd.BYTES));
    count++;
  }

  /** Bytes that the panels take. */
  public long bytes() {
    return bytes;
  }

  /** Blocks of columns: of 64, or the groups' own. */
  public int blocks() {
    return blocks.length - 1;
  }

  /** Products of one sum. */
  public int inputs() {
    return runs.length * runLength;
  }

  int firstPanel(int block) {
    return blocks[block];
  }

  int column(int panel) {
    return columns[panel];
  }

  long offset(int panel) {
    return offsets[panel];
  }

  long xShift(int panel) {
    return columns[panel] / groupOutputs * groupShiftBytes;
  }

  /** A weight as a number. */
  public static int value(Tensor weight, long element) {
    int stored = (int) weight.getLong(element);
    return weight.type().elementType() == ElementType.BIT ? Codes.BIPOLAR.value(stored) : stored;
  }

  /**
   * Fills the panels.
   *
   * @param memory zeroed where the panels lie
   * @param weight {@code [O, ...]}, each output's elements in the order in which runs are read
   */
  public void pack(MemorySegment memory, Tensor weight) {
    for (int panel = 0; panel < count; panel++) {
      int end = groups == 1 ? groupOutputs : (columns[panel] / groupOutputs + 1) * groupOutputs;
      int width = Math.min(Simd.LANES, end - columns[panel]);
      for (int i = 0; i < width; i++) {
        for (int k = 0; k < inputs(); k++) {
          long at = offsets[panel] + (long) k * Simd.BYTES + i * 4L;
          long element = (columns[panel] + i) * (long) inputs() + k;
          memory.set(Tensor.INT, at, value(weight, element));
        }
      }
    }
  }
}
