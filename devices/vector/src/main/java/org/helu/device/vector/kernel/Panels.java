package org.helu.device.vector.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.helu.runtime.tensor.Tensor;

/**
 * How the weights of a matrix product lie in memory: column blocks of 1, 2 or 4 vectors, each with
 * its bias first and then one row of columns per input, so that a kernel reads a panel from front
 * to back. Columns behind the last output are zero.
 *
 * <p>Inputs are read in runs: {@code runLength} neighbouring floats from each of the {@code runs}
 * byte offsets. A dense layer has one run; a convolution has one per kernel row, whose taps and
 * channels are neighbours in NHWC.
 */
public final class Panels {
  final long[] runs;
  final int runLength;

  /** Byte offset of each input from a row's first. */
  final int[] taps;

  private final int inputs;
  private final long[] offsets;
  private final int[] vectors;
  private final int[] columns;
  private final int[] widths;
  private final long[] xShifts;
  private int count;
  private long bytes;

  /**
   * @param base byte offset of the first panel
   * @param groups independent products, each with its own columns and its own part of the input
   * @param groupOutputs columns of one group
   * @param runs byte offsets of the runs from a row's first input
   * @param runLength floats of one run
   * @param groupShiftBytes distance between the inputs of two groups
   */
  public Panels(
      long base, int groups, int groupOutputs, long[] runs, int runLength, long groupShiftBytes) {
    this(base, groups, groupOutputs, runs, runLength, groupShiftBytes, Simd.MAX_VECTORS);
  }

  /**
   * @param most vectors of the widest panel, 2 or 4
   */
  Panels(
      long base,
      int groups,
      int groupOutputs,
      long[] runs,
      int runLength,
      long groupShiftBytes,
      int most) {
    this.runs = runs.clone();
    this.runLength = runLength;
    this.inputs = Math.multiplyExact(runs.length, runLength);
    this.taps = new int[inputs];
    for (int k = 0; k < inputs; k++) {
      taps[k] = Math.toIntExact(runs[k / runLength] + k % runLength * 4L);
    }
    int capacity = Math.multiplyExact(groups, groupOutputs / Simd.LANES / most + 3);
    this.offsets = new long[capacity];
    this.vectors = new int[capacity];
    this.columns = new int[capacity];
    this.widths = new int[capacity];
    this.xShifts = new long[capacity];
    for (int group = 0; group < groups; group++) {
      for (int column = 0; column < groupOutputs; ) {
        int left = groupOutputs - column;
        int wide = left > 2 * Simd.LANES ? most : left > Simd.LANES ? 2 : 1;
        offsets[count] = base + bytes;
        vectors[count] = wide;
        columns[count] = group * groupOutputs + column;
        widths[count] = Math.min(left, wide * Simd.LANES);
        xShifts[count] = group * groupShiftBytes;
        bytes = Math.addExact(bytes, Math.multiplyExact(1L + inputs, wide * (long) Simd.BYTES));
        column += widths[count];
        count++;
      }
    }
  }

  /** Panels in all. */
  public int count() {
    return count;
  }

  /** Blocks of 64 columns, which panels do not straddle where there is one group. */
  public int blocks() {
    return count == 0 ? 0 : columns[count - 1] / Columns.BLOCK + 1;
  }

  /**
   * The first panel of a block of 64 columns; of {@link #blocks}, the number of panels. Where there
   * is one group, every panel but the last is as wide as panels are.
   */
  int firstPanel(int block) {
    return Math.min(count, block * (Columns.BLOCK / (Simd.MAX_VECTORS * Simd.LANES)));
  }

  /** Bytes that the panels take. */
  public long bytes() {
    return bytes;
  }

  /** Inputs of one output. */
  public int inputs() {
    return inputs;
  }

  long offset(int panel) {
    return offsets[panel];
  }

  int vectors(int panel) {
    return vectors[panel];
  }

  int column(int panel) {
    return columns[panel];
  }

  /** Columns that are outputs; fewer than the panel's where outputs end. */
  int width(int panel) {
    return widths[panel];
  }

  boolean isPartial(int panel) {
    return widths[panel] < vectors[panel] * Simd.LANES;
  }

  long xShift(int panel) {
    return xShifts[panel];
  }

  /**
   * Fills the panels.
   *
   * @param memory zeroed where the panels lie
   * @param weight float32 {@code [O, inputs]}, each row in the order in which runs are read
   * @param bias float32 {@code [O]}, or null
   */
  public void pack(MemorySegment memory, MemorySegment weight, MemorySegment bias) {
    float[] row = new float[inputs];
    // Transposed in an array: a cold JVM moves floats of arrays ten times as fast as of segments.
    float[] panelRows = new float[0];
    for (int panel = 0; panel < count; panel++) {
      int stride = vectors[panel] * Simd.LANES;
      int floats = Math.multiplyExact(1 + inputs, stride);
      if (panelRows.length < floats) {
        panelRows = new float[floats];
      }
      for (int i = 0; i < widths[panel]; i++) {
        int column = columns[panel] + i;
        panelRows[i] = bias == null ? 0 : bias.get(Tensor.FLOAT, column * 4L);
        MemorySegment.copy(weight, Tensor.FLOAT, column * (long) inputs * 4, row, 0, inputs);
        for (int k = 0, at = stride + i; k < inputs; k++, at += stride) {
          panelRows[at] = row[k];
        }
      }
      for (int i = widths[panel]; i < stride; i++) {
        for (int at = i; at < floats; at += stride) {
          panelRows[at] = 0;
        }
      }
      MemorySegment.copy(panelRows, 0, memory, Tensor.FLOAT, offsets[panel], floats);
    }
  }

  @Override
  public String toString() {
    return count + " panels of " + Arrays.toString(Arrays.copyOf(vectors, count)) + " vectors";
  }
}
