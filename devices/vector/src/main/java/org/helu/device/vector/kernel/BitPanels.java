package org.helu.device.vector.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Tensor;

/**
 * Weights of a product of bits, in the order in which {@link BitTiles} reads them: per panel of
 * columns, and per weight plane, one row of 32-bit words for each word of an input row. 1-bit
 * weights have one plane; int8 weights have the eight of their two's complement plus 128, which is
 * the sign plane inverted: all planes then count alike.
 *
 * <p>An input row is a number of taps, each of which begins a word of its own; where its channels
 * do not fill the last word, weights and inputs are zero there.
 */
public final class BitPanels {
  /** Byte offset of each 32-bit word of an input row from the row's address. */
  final int[] taps;

  /** Whether these words follow each other. */
  final boolean isRun;

  /** Planes of an input row. */
  final int planes;

  /** Bytes from one plane of an input row to the next. */
  final long planeBytes;

  /** Bytes from the address of an input row to the end of what is read of it. */
  final long reach;

  final int weightPlanes;
  final Columns columns;
  private final int channels;
  private final int words;
  private final int outputs;
  private final long[] offsets;
  private long bytes;

  /**
   * @param base byte offset of the first panel
   * @param tapOffsets byte offset of each tap from an input row's address
   * @param channels bits of a tap in one plane
   * @param planes planes of an input row
   * @param planeBytes bytes from one plane to the next
   * @param weight element type of the weights
   */
  public BitPanels(
      long base,
      int outputs,
      long[] tapOffsets,
      int channels,
      int planes,
      long planeBytes,
      ElementType weight) {
    this.channels = channels;
    this.outputs = outputs;
    this.words = (channels + 31) >>> 5;
    this.taps = new int[Math.multiplyExact(tapOffsets.length, words)];
    for (int i = 0; i < taps.length; i++) {
      taps[i] = Math.toIntExact(tapOffsets[i / words] + i % words * 4L);
    }
    this.isRun = IntStream.range(0, taps.length).allMatch(i -> taps[i] == 4 * i);
    this.planes = planes;
    this.planeBytes = planeBytes;
    this.reach = Arrays.stream(taps).max().orElse(0) + 4L + (planes - 1) * planeBytes;
    this.weightPlanes = weight == ElementType.BIT ? 1 : 8;
    this.columns = new Columns(outputs);
    this.offsets = new long[columns.count()];
    for (int panel = 0; panel < offsets.length; panel++) {
      offsets[panel] = base + bytes;
      bytes = Math.addExact(bytes, weightPlanes * planeBytes(panel));
    }
  }

  /** Bytes of one weight plane of a panel. */
  private long planeBytes(int panel) {
    return Math.multiplyExact((long) taps.length, rowBytes(panel));
  }

  private long rowBytes(int panel) {
    return columns.vectors(panel) * (long) Simd.BYTES;
  }

  /** Bytes of all planes of a panel of two vectors. */
  long widePanelBytes() {
    return Math.multiplyExact((long) weightPlanes * taps.length, 2L * Simd.BYTES);
  }

  /** Panels of two vectors from {@code panel} on, up to {@code end}: only the last is narrower. */
  int widePanels(int panel, int end) {
    return columns.vectors(end - 1) == 2 ? end - panel : end - 1 - panel;
  }

  /** Bytes that the panels take. */
  public long bytes() {
    return bytes;
  }

  /** Blocks of 64 columns. */
  public int blocks() {
    return columns.blocks;
  }

  /** Planes of the weights. */
  public int weightPlanes() {
    return weightPlanes;
  }

  /** Products of bits that a sum takes. */
  public long products() {
    return 32L * taps.length * planes * weightPlanes;
  }

  /** Byte offset of a weight plane, the least significant first, of a panel. */
  long offset(int panel, int weightPlane) {
    return offsets[panel] + weightPlane * planeBytes(panel);
  }

  /** Byte offset of the first panel of a block; of the number of blocks, the end of the last. */
  long blockOffset(int block) {
    int panel = columns.firstPanel(block);
    return panel < offsets.length ? offsets[panel] : offsets[0] + bytes;
  }

  /**
   * Fills the panels.
   *
   * @param memory zeroed where the panels lie
   * @param weight {@code [O, ...]}, whose elements of one output are those of the taps in turn
   */
  public void pack(MemorySegment memory, Tensor weight) {
    int inputs = taps.length / words * channels;
    for (int panel = 0; panel < offsets.length; panel++) {
      int width = columns.vectors(panel) * Simd.LANES;
      for (int i = 0; i < width && columns.column(panel) + i < outputs; i++) {
        long first = (columns.column(panel) + i) * (long) inputs;
        for (int k = 0; k < inputs; k++) {
          long value = weight.getLong(first + k) + (weightPlanes == 1 ? 0 : 128);
          int bit = k % channels;
          long word = k / channels * (long) words + (bit >>> 5);
          for (int plane = 0; plane < weightPlanes; plane++) {
            if ((value >>> plane & 1) != 0) {
              long at = offset(panel, plane) + word * rowBytes(panel) + i * 4L;
              memory.set(Tensor.INT, at, memory.get(Tensor.INT, at) | 1 << (bit & 31));
            }
          }
        }
      }
    }
  }
}
