package org.helu.device.vector.kernel;

import java.util.Arrays;

/**
 * Output columns in blocks of 64, one word of output bits, and each block in panels of 2 or 1
 * vectors. Threads share no block, so none writes into another's words.
 */
final class Columns {
  /** Columns of a block. */
  static final int BLOCK = 64;

  final int blocks;
  private final int[] firstPanels;
  private int[] columns = new int[16];
  private int[] vectors = new int[16];
  private int count;
  private final int outputs;

  /**
   * @param outputs columns in all
   */
  Columns(int outputs) {
    this.outputs = outputs;
    this.blocks = (outputs + BLOCK - 1) / BLOCK;
    this.firstPanels = new int[blocks + 1];
    for (int block = 0; block < blocks; block++) {
      firstPanels[block] = count;
      int end = Math.min(outputs, (block + 1) * BLOCK);
      for (int column = block * BLOCK; column < end; ) {
        column += add(column, end - column > Simd.LANES ? 2 : 1) * Simd.LANES;
      }
    }
    firstPanels[blocks] = count;
  }

  private int add(int column, int wide) {
    if (count == columns.length) {
      columns = Arrays.copyOf(columns, 2 * count);
      vectors = Arrays.copyOf(vectors, 2 * count);
    }
    columns[count] = column;
    vectors[count] = wide;
    count++;
    return wide;
  }

  int count() {
    return count;
  }

  /** The first panel of a block; of {@link #blocks}, the number of panels. */
  int firstPanel(int block) {
    return firstPanels[block];
  }

  /** Outputs of a block. */
  int width(int block) {
    return Math.min(BLOCK, outputs - block * BLOCK);
  }

  int column(int panel) {
    return columns[panel];
  }

  int vectors(int panel) {
    return vectors[panel];
  }
}
