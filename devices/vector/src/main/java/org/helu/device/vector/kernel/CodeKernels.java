package org.helu.device.vector.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.helu.device.vector.kernel.Simd.ADDRESS;
import static org.helu.device.vector.kernel.Simd.ALL;
import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.helu.runtime.tensor.Tensor;

/** Codes to 32-bit values, and floats to codes. */
public final class CodeKernels {
  private static final IntVector LANE_NUMBERS = IntVector.broadcast(Ints.SPECIES, 0).addIndex(1);

  private static final int PLUS_512 = Float.floatToRawIntBits(512f);

  private static final int MINUS_512 = Float.floatToRawIntBits(-512f);

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
    Objects.checkFromIndexSize(x, count, m.byteSize());
    Objects.checkFromIndexSize(y, count * 4, m.byteSize());
    long from = m.address() + x & ADDRESS;
    long to = m.address() + y & ADDRESS;
    int codes = Ints.NARROW.length();
    long whole = count / codes * codes;
    for (long i = 0; i < whole; i += codes) {
      ByteVector bytes = ByteVector.fromMemorySegment(Ints.NARROW, ALL, from + i, LITTLE_ENDIAN);
      for (int part = 0; part < codes / Simd.LANES; part++) {
        // Products of floats take less than those of integers, and are exact.
        ((FloatVector)
                bytes
                    .convertShape(VectorOperators.ZERO_EXTEND_B2I, Ints.SPECIES, part)
                    .convertShape(VectorOperators.I2F, Simd.SPECIES, 0))
            .mul(step)
            .sub(zero)
            .intoMemorySegment(ALL, to + (i + part * Simd.LANES) * 4, LITTLE_ENDIAN);
      }
    }
    for (long i = whole; i < count; i++) {
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

  /**
   * {@code code = clamp(round(z / scale) + zeroPoint, 0, high)} of {@code count} floats, to bytes;
   * a NaN gives the zero point.
   */
  public static void quantize(
      MemorySegment m, long x, long count, float scale, int zeroPoint, int high, long y) {
    Objects.checkFromIndexSize(x, count * 4, m.byteSize());
    Objects.checkFromIndexSize(y, count, m.byteSize());
    long from = m.address() + x & ADDRESS;
    long to = m.address() + y & ADDRESS;
    FloatVector rounder = FloatVector.broadcast(Simd.SPECIES, Ints.BIAS);
    FloatVector scales = FloatVector.broadcast(Simd.SPECIES, scale);
    long whole = Simd.bound(count);
    for (long i = 0; i < whole; i += Simd.LANES) {
      FloatVector z =
          FloatVector.fromMemorySegment(Simd.SPECIES, ALL, from + i * 4, LITTLE_ENDIAN).div(scales);
      // Clamped to +-512 before it is rounded, so that rounding by addition is exact. Numbers of
      // one sign compare as their bits do, which takes one instruction instead of five.
      FloatVector clamped =
          z.blend(0f, z.compare(VectorOperators.NE, z))
              .reinterpretAsInts()
              .min(PLUS_512)
              .lanewise(VectorOperators.UMIN, MINUS_512)
              .reinterpretAsFloats();
      // The sum's last bits are those of the integer.
      ByteVector codes =
          (ByteVector)
              clamped
                  .add(rounder)
                  .reinterpretAsInts()
                  .sub(Ints.BIAS_BITS - zeroPoint)
                  .max(0)
                  .min(high)
                  .convertShape(VectorOperators.I2B, Ints.NARROW, 0);
      if (Simd.LANES == 4) {
        // There are no vectors of four bytes.
        ALL.set(Tensor.INT, to + i, codes.reinterpretAsInts().lane(0));
      } else {
        codes.intoMemorySegment(ALL, to + i, LITTLE_ENDIAN);
      }
    }
    for (long i = whole; i < count; i++) {
      float z = Math.clamp(m.get(Tensor.FLOAT, x + i * 4) / scale, -512f, 512f);
      int code = Math.clamp((int) Math.rint(z) + zeroPoint, 0, high);
      m.set(JAVA_BYTE, y + i, (byte) code);
    }
  }
}
