package org.helu.device.vector.kernel;

import java.lang.foreign.MemorySegment;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Tensor;

/**
 * Weights of a product of bits, in the order in which {@link BitTiles} reads them: per panel of
 * columns, and per weight plane, one row of 32-bit words for each word of a packed input row. 1-bit
 * weights have one plane; int8 weights have the eight of their two's complement, the sign first.
 */
public final class BitPanels {
  /** Words of 32 bits in a plane of an input row. */
  final int ints;

  /** Planes of an input row. */
  final int planes;

  /** Bytes from one plane of an input row to the next. */
  final long planeBytes;

  final int weightPlanes;
  final Columns columns;
  private final int inputs;
  private final int outputs;
  private final long[] offsets;
  private long bytes;

  /**
   * @param base byte offset of the first panel
   * @param inputs bits in a plane of an input row
   */
  public BitPanels(long base, int outputs, int inputs, int planes, ElementType weight) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.ints = (inputs + 31) >>> 5;
    this.planes = planes;
    this.planeBytes = ((inputs + 63) >>> 6) * 8L;
    this.weightPlanes = weight == ElementType.BIT ? 1 : 8;
    this.columns = new Columns(outputs);
    this.offsets = new long[columns.count()];
    for (int panel = 0; panel < offsets.length; panel++) {
      offsets[panel] = base + bytes;
      bytes = Math.addExact(bytes, Math.multiplyExact((long) weightPlanes * ints, rowBytes(panel)));
    }
  }

  private long rowBytes(int panel) {
    return columns.vectors(panel) * (long) Simd.BYTES;
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

  /** Bytes of a packed input row. */
  public long rowBytes() {
    return planes * planeBytes;
  }

  /** Byte offset of a weight plane, 0 the sign's, of a panel. */
  long offset(int panel, int weightPlane) {
    return offsets[panel] + (long) weightPlane * ints * rowBytes(panel);
  }

  /**
   * Fills the panels.
   *
   * @param memory zeroed where the panels lie
   * @param weight {@code [O, ...]}, whose elements of one output are {@code inputs}
   */
  public void pack(MemorySegment memory, Tensor weight) {
    for (int panel = 0; panel < offsets.length; panel++) {
      int width = columns.vectors(panel) * Simd.LANES;
      for (int i = 0; i < width && columns.column(panel) + i < outputs; i++) {
        long first = (columns.column(panel) + i) * (long) inputs;
        for (int k = 0; k < inputs; k++) {
          long value = weight.getLong(first + k);
          for (int plane = 0; plane < weightPlanes; plane++) {
            if ((value >>> (weightPlanes - 1 - plane) & 1) != 0) {
              long at = offset(panel, plane) + (k >>> 5) * rowBytes(panel) + i * 4L;
              memory.set(Tensor.INT, at, memory.get(Tensor.INT, at) | 1 << (k & 31));
            }
          }
        }
      }
    }
  }
}
