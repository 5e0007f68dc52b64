package org.helu.device.vector.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.helu.runtime.tensor.Tensor;

/** Codes to 32-bit values, and floats to codes. */
public final class CodeKernels {
  private static final IntVector LANE_NUMBERS = IntVector.broadcast(Ints.SPECIES, 0).addIndex(1);

  /** Adding and subtracting it rounds a float32 of magnitude below 2^22 half to even. */
  private static final float ROUNDER = 0x1.8p23f;

  private CodeKernels() {}

  /** {@code y[i] = step * code - zero} of {@code count} bytes. */
  public static void unpackBytes(MemorySegment m, long x, long count, long y, int step, int zero) {
    long i = 0;
    int codes = Ints.NARROW.length();
    for (; i + codes <= count; i += codes) {
      ByteVector bytes = ByteVector.fromMemorySegment(Ints.NARROW, m, x + i, LITTLE_ENDIAN);
      for (int part = 0; part < codes / Simd.LANES; part++) {
        IntVector code =
            (IntVector) bytes.convertShape(VectorOperators.ZERO_EXTEND_B2I, Ints.SPECIES, part);
        code.mul(step)
            .sub(zero)
            .intoMemorySegment(m, y + (i + part * Simd.LANES) * 4, LITTLE_ENDIAN);
      }
    }
    for (; i < count; i++) {
      m.set(Tensor.INT, y + i * 4, step * (m.get(JAVA_BYTE, x + i) & 0xff) - zero);
    }
  }

  /** {@code y[i] = step * code - zero} of {@code count} bytes, as float32. */
  public static void unpackToFloats(
      MemorySegment m, long x, long count, long y, int step, int zero) {
    long i = 0;
    int codes = Ints.NARROW.length();
    for (; i + codes <= count; i += codes) {
      ByteVector bytes = ByteVector.fromMemorySegment(Ints.NARROW, m, x + i, LITTLE_ENDIAN);
      for (int part = 0; part < codes / Simd.LANES; part++) {
        IntVector code =
            (IntVector) bytes.convertShape(VectorOperators.ZERO_EXTEND_B2I, Ints.SPECIES, part);
        ((FloatVector) code.mul(step).sub(zero).convertShape(VectorOperators.I2F, Simd.SPECIES, 0))
            .intoMemorySegment(m, y + (i + part * Simd.LANES) * 4, LITTLE_ENDIAN);
      }
    }
    for (; i < count; i++) {
      m.set(Tensor.FLOAT, y + i * 4, step * (m.get(JAVA_BYTE, x + i) & 0xff) - zero);
    }
  }

  /**
   * {@code y[i] = step * code - zero} of a row of {@code count} codes in bit planes. Whole vectors
   * are written.
   *
   * @param planeBytes bytes from one plane to the next
   */
  public static void unpackBits(
      MemorySegment m, long x, int planes, long planeBytes, int count, long y, int step, int zero) {
    for (int c = 0; c < count; c += Simd.LANES) {
      IntVector code = IntVector.broadcast(Ints.SPECIES, 0);
      long word = x + (c >>> 5) * 4L;
      for (int plane = 0; plane < planes; plane++) {
        int bits = m.get(Tensor.INT, word + plane * planeBytes) >>> (c & 31);
        IntVector lanes =
            IntVector.broadcast(Ints.SPECIES, bits).lanewise(VectorOperators.LSHR, LANE_NUMBERS);
        code = code.or(lanes.and(1).lanewise(VectorOperators.LSHL, plane));
      }
      code.mul(step).sub(zero).intoMemorySegment(m, y + c * 4L, LITTLE_ENDIAN);
    }
  }

  /**
   * Codes of floats by float thresholds, into 32-bit lanes.
   *
   * @param parameters per row of {@code rowBytes}: signs, then thresholds, of the columns
   */
  static void thresholds(
      MemorySegment w,
      MemorySegment m,
      long x,
      int width,
      long parameters,
      long rowBytes,
      int steps,
      long y) {
    IntVector one = IntVector.broadcast(Ints.SPECIES, 1);
    for (int c = 0; c < width; c += Simd.LANES) {
      FloatVector z =
          FloatVector.fromMemorySegment(Simd.SPECIES, m, x + c * 4L, LITTLE_ENDIAN)
              .mul(
                  FloatVector.fromMemorySegment(
                      Simd.SPECIES, w, parameters + c * 4L, LITTLE_ENDIAN));
      IntVector code = IntVector.broadcast(Ints.SPECIES, 0);
      long at = parameters + c * 4L;
      for (int t = 0; t < steps; t++) {
        at += rowBytes;
        VectorMask<Float> reached =
            z.compare(
                VectorOperators.GE,
                FloatVector.fromMemorySegment(Simd.SPECIES, w, at, LITTLE_ENDIAN));
        code = code.add(one, reached.cast(Ints.SPECIES));
      }
      code.intoMemorySegment(m, y + c * 4L, LITTLE_ENDIAN);
    }
  }

  /** {@code code = clamp(round(z / scale) + zeroPoint, 0, high)}, a NaN giving the zero point. */
  static void quantize(
      MemorySegment m, long x, int width, float scale, int zeroPoint, int high, long y) {
    FloatVector rounder = FloatVector.broadcast(Simd.SPECIES, ROUNDER);
    FloatVector scales = FloatVector.broadcast(Simd.SPECIES, scale);
    for (int c = 0; c < width; c += Simd.LANES) {
      FloatVector z =
          FloatVector.fromMemorySegment(Simd.SPECIES, m, x + c * 4L, LITTLE_ENDIAN).div(scales);
      VectorMask<Float> number = z.compare(VectorOperators.EQ, z);
      // Clamped before it is rounded, so that rounding by addition is exact; both are monotone.
      FloatVector code =
          FloatVector.broadcast(Simd.SPECIES, 0f)
              .blend(z.max(-512f).min(512f), number)
              .add(rounder)
              .sub(rounder)
              .add((float) zeroPoint)
              .max(0f)
              .min((float) high);
      ((IntVector) code.convertShape(VectorOperators.F2I, Ints.SPECIES, 0))
          .intoMemorySegment(m, y + c * 4L, LITTLE_ENDIAN);
    }
  }

  /**
   * A block of a row of floats by thresholds.
   *
   * @param finish how codes are stored; its parameters are floats
   * @param x byte offset of the row's floats of this block
   * @param scratch byte offset of 64 elements for this caller alone
   * @param y byte offset of the output row
   */
  public static void thresholds(
      Finish finish, MemorySegment w, MemorySegment m, int block, long x, long scratch, long y) {
    int width = Math.min(Columns.BLOCK, finish.outputs - block * Columns.BLOCK);
    long parameters = finish.row32(0, block * Columns.BLOCK);
    thresholds(w, m, x, width, parameters, finish.columns * 4L, finish.steps, scratch);
    Epilogues.storeCodes(finish, m, block, width, scratch, y);
  }

  /** Quantizes {@code count} floats, see {@link #quantize}. */
  public static void quantizeAll(
      MemorySegment m,
      long x,
      long count,
      float scale,
      int zeroPoint,
      int high,
      long scratch,
      long y) {
    for (long i = 0; i < count; i += Columns.BLOCK) {
      int width = (int) Math.min(Columns.BLOCK, count - i);
      quantize(m, x + i * 4, width, scale, zeroPoint, high, scratch);
      Epilogues.narrow(m, scratch, y + i, width);
    }
  }
}
