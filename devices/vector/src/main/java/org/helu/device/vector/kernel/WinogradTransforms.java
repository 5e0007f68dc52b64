package org.helu.device.vector.kernel;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.F2I;
import static jdk.incubator.vector.VectorOperators.LE;
import static org.helu.device.vector.kernel.Simd.ADDRESS;
import static org.helu.device.vector.kernel.Simd.ALL;
import static org.helu.device.vector.kernel.Simd.BYTES;
import static org.helu.device.vector.kernel.Simd.LITTLE_ENDIAN;
import static org.helu.device.vector.kernel.Simd.OFFSET;
import static org.helu.device.vector.kernel.Simd.SPECIES;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * The transforms of {@link Winograd}, a tile at a time, over all channels. Planes hold one of the
 * 16 numbers of every tile each: plane {@code 4 i + j} that of row {@code i} and column {@code j}.
 *
 * <p>As in {@link Tiles}, memory is checked once a call and then read by address. Of sums the loop
 * over tiles is the inner one: around one over channels, which may be a single vector, C2 made code
 * of a third of the speed in half of all processes.
 */
final class WinogradTransforms {
  private WinogradTransforms() {}

  /**
   * {@code B^T d B} of the patches of 4 x 4 pixels of a row of tiles, each two pixels behind the
   * one before it.
   *
   * @param x byte offset of the first patch's first pixel
   * @param lineBytes from one line to the next
   * @param pixelBytes from one pixel to the next: the bytes of the channels, whole vectors
   * @param y byte offset of the first tile's first vector of channels in plane 0; the next tile's
   *     follows
   * @param columnBytes from one vector of channels to the next
   */
  static void input(
      MemorySegment m,
      long x,
      long lineBytes,
      long pixelBytes,
      long y,
      long planeBytes,
      long columnBytes,
      int tiles) {
    Objects.checkFromIndexSize(x, 3 * lineBytes + (2L * tiles + 2) * pixelBytes, m.byteSize());
    long columns = pixelBytes / BYTES;
    Objects.checkFromIndexSize(
        y, 15 * planeBytes + (columns - 1) * columnBytes + tiles * (long) BYTES, m.byteSize());
    long first = m.address() + x;
    long p1 = pixelBytes & OFFSET;
    long p2 = 2 * pixelBytes & OFFSET;
    long p3 = 3 * pixelBytes & OFFSET;
    int bytes = (int) pixelBytes;
    for (int tile = 0; tile < tiles; tile++) {
      long to = (m.address() + y + tile * (long) BYTES) & ADDRESS;
      long x0 = (first + 2 * tile * pixelBytes) & ADDRESS;
      long x1 = (x0 + lineBytes) & ADDRESS;
      long x2 = (x1 + lineBytes) & ADDRESS;
      long x3 = (x2 + lineBytes) & ADDRESS;
      for (int c = 0; c < bytes; c += BYTES) {
        FloatVector d00 = FloatVector.fromMemorySegment(SPECIES, ALL, x0 + c, LITTLE_ENDIAN);
        FloatVector d10 = FloatVector.fromMemorySegment(SPECIES, ALL, x1 + c, LITTLE_ENDIAN);
        FloatVector d20 = FloatVector.fromMemorySegment(SPECIES, ALL, x2 + c, LITTLE_ENDIAN);
        FloatVector d30 = FloatVector.fromMemorySegment(SPECIES, ALL, x3 + c, LITTLE_ENDIAN);
        FloatVector t00 = d00.sub(d20);
        FloatVector t10 = d10.add(d20);
        FloatVector t20 = d20.sub(d10);
        FloatVector t30 = d10.sub(d30);
        FloatVector d01 = FloatVector.fromMemorySegment(SPECIES, ALL, x0 + p1 + c, LITTLE_ENDIAN);
        FloatVector d11 = FloatVector.fromMemorySegment(SPECIES, ALL, x1 + p1 + c, LITTLE_ENDIAN);
        FloatVector d21 = FloatVector.fromMemorySegment(SPECIES, ALL, x2 + p1 + c, LITTLE_ENDIAN);
        FloatVector d31 = FloatVector.fromMemorySegment(SPECIES, ALL, x3 + p1 + c, LITTLE_ENDIAN);
        FloatVector t01 = d01.sub(d21);
        FloatVector t11 = d11.add(d21);
        FloatVector t21 = d21.sub(d11);
        FloatVector t31 = d11.sub(d31);
        FloatVector d02 = FloatVector.fromMemorySegment(SPECIES, ALL, x0 + p2 + c, LITTLE_ENDIAN);
        FloatVector d12 = FloatVector.fromMemorySegment(SPECIES, ALL, x1 + p2 + c, LITTLE_ENDIAN);
        FloatVector d22 = FloatVector.fromMemorySegment(SPECIES, ALL, x2 + p2 + c, LITTLE_ENDIAN);
        FloatVector d32 = FloatVector.fromMemorySegment(SPECIES, ALL, x3 + p2 + c, LITTLE_ENDIAN);
        FloatVector t02 = d02.sub(d22);
        FloatVector t12 = d12.add(d22);
        FloatVector t22 = d22.sub(d12);
        FloatVector t32 = d12.sub(d32);
        FloatVector d03 = FloatVector.fromMemorySegment(SPECIES, ALL, x0 + p3 + c, LITTLE_ENDIAN);
        FloatVector d13 = FloatVector.fromMemorySegment(SPECIES, ALL, x1 + p3 + c, LITTLE_ENDIAN);
        FloatVector d23 = FloatVector.fromMemorySegment(SPECIES, ALL, x2 + p3 + c, LITTLE_ENDIAN);
        FloatVector d33 = FloatVector.fromMemorySegment(SPECIES, ALL, x3 + p3 + c, LITTLE_ENDIAN);
        FloatVector t03 = d03.sub(d23);
        FloatVector t13 = d13.add(d23);
        FloatVector t23 = d23.sub(d13);
        FloatVector t33 = d13.sub(d33);
        t00.sub(t02).intoMemorySegment(ALL, to, LITTLE_ENDIAN);
        t01.add(t02).intoMemorySegment(ALL, to + planeBytes, LITTLE_ENDIAN);
        t02.sub(t01).intoMemorySegment(ALL, to + 2 * planeBytes, LITTLE_ENDIAN);
        t01.sub(t03).intoMemorySegment(ALL, to + 3 * planeBytes, LITTLE_ENDIAN);
        t10.sub(t12).intoMemorySegment(ALL, to + 4 * planeBytes, LITTLE_ENDIAN);
        t11.add(t12).intoMemorySegment(ALL, to + 5 * planeBytes, LITTLE_ENDIAN);
        t12.sub(t11).intoMemorySegment(ALL, to + 6 * planeBytes, LITTLE_ENDIAN);
        t11.sub(t13).intoMemorySegment(ALL, to + 7 * planeBytes, LITTLE_ENDIAN);
        t20.sub(t22).intoMemorySegment(ALL, to + 8 * planeBytes, LITTLE_ENDIAN);
        t21.add(t22).intoMemorySegment(ALL, to + 9 * planeBytes, LITTLE_ENDIAN);
        t22.sub(t21).intoMemorySegment(ALL, to + 10 * planeBytes, LITTLE_ENDIAN);
        t21.sub(t23).intoMemorySegment(ALL, to + 11 * planeBytes, LITTLE_ENDIAN);
        t30.sub(t32).intoMemorySegment(ALL, to + 12 * planeBytes, LITTLE_ENDIAN);
        t31.add(t32).intoMemorySegment(ALL, to + 13 * planeBytes, LITTLE_ENDIAN);
        t32.sub(t31).intoMemorySegment(ALL, to + 14 * planeBytes, LITTLE_ENDIAN);
        t31.sub(t33).intoMemorySegment(ALL, to + 15 * planeBytes, LITTLE_ENDIAN);
        to += columnBytes;
      }
    }
  }

  /**
   * {@code A^T m A}: 2 x 2 pixels of each tile of a row.
   *
   * @param x byte offset of the first tile in plane 0
   * @param tileBytes from one tile to the next
   * @param y byte offset of the first pixel
   * @param lineBytes from one line to the next
   * @param pixelBytes from one pixel to the next: the bytes of the channels, whole vectors
   * @param gate whether {@code z <= 0} becomes +0
   * @return whether all {@code z}, before the gate, are finite; sums near the greatest float may
   *     count as not
   */
  static boolean output(
      MemorySegment m,
      long x,
      long tileBytes,
      long planeBytes,
      long y,
      long lineBytes,
      long pixelBytes,
      int tiles,
      boolean gate) {
    Objects.checkFromIndexSize(x, 15 * planeBytes + tiles * tileBytes, m.byteSize());
    Objects.checkFromIndexSize(y, lineBytes + 2L * tiles * pixelBytes, m.byteSize());
    // Gates at minus infinity close nothing.
    FloatVector least = FloatVector.broadcast(SPECIES, gate ? 0f : Float.NEGATIVE_INFINITY);
    boolean finite = true;
    int bytes = (int) pixelBytes;
    for (int c = 0; c < bytes; c += BYTES) {
      for (int tile = 0; tile < tiles; tile++) {
        long from = (m.address() + x + tile * tileBytes) & ADDRESS;
        long to = (m.address() + y + 2 * tile * pixelBytes) & ADDRESS;
        FloatVector m00 = FloatVector.fromMemorySegment(SPECIES, ALL, from + c, LITTLE_ENDIAN);
        FloatVector m10 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 4 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector m20 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 8 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector m30 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 12 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector s00 = m00.add(m10).add(m20);
        FloatVector s10 = m10.sub(m20).sub(m30);
        FloatVector m01 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + planeBytes + c, LITTLE_ENDIAN);
        FloatVector m11 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 5 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector m21 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 9 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector m31 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 13 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector s01 = m01.add(m11).add(m21);
        FloatVector s11 = m11.sub(m21).sub(m31);
        FloatVector m02 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 2 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector m12 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 6 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector m22 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 10 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector m32 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 14 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector s02 = m02.add(m12).add(m22);
        FloatVector s12 = m12.sub(m22).sub(m32);
        FloatVector m03 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 3 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector m13 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 7 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector m23 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 11 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector m33 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 15 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector s03 = m03.add(m13).add(m23);
        FloatVector s13 = m13.sub(m23).sub(m33);
        FloatVector y00 = s00.add(s01).add(s02);
        FloatVector y01 = s01.sub(s02).sub(s03);
        FloatVector y10 = s10.add(s11).add(s12);
        FloatVector y11 = s11.sub(s12).sub(s13);
        finite &= y00.add(y01).add(y10.add(y11)).mul(0f).compare(EQ, 0f).allTrue();
        long at = to + c;
        y00.blend(least, y00.compare(LE, least)).intoMemorySegment(ALL, at, LITTLE_ENDIAN);
        y01.blend(least, y01.compare(LE, least))
            .intoMemorySegment(ALL, at + pixelBytes, LITTLE_ENDIAN);
        y10.blend(least, y10.compare(LE, least))
            .intoMemorySegment(ALL, at + lineBytes, LITTLE_ENDIAN);
        y11.blend(least, y11.compare(LE, least))
            .intoMemorySegment(ALL, at + lineBytes + pixelBytes, LITTLE_ENDIAN);
      }
    }
    return finite;
  }

  /**
   * {@code A^T m A / 4} of integers as INT32: the weights were four times the layer's.
   *
   * @param tileBytes from one tile to the next
   * @param channelBytes bytes of the channels, whole vectors
   */
  static void outputIntegers(
      MemorySegment m,
      long x,
      long tileBytes,
      long planeBytes,
      long y,
      long lineBytes,
      long pixelBytes,
      long channelBytes,
      int tiles) {
    Objects.checkFromIndexSize(x, 15 * planeBytes + tiles * tileBytes, m.byteSize());
    Objects.checkFromIndexSize(y, lineBytes + 2L * tiles * pixelBytes, m.byteSize());
    int bytes = (int) channelBytes;
    for (int c = 0; c < bytes; c += BYTES) {
      for (int tile = 0; tile < tiles; tile++) {
        long from = (m.address() + x + tile * tileBytes) & ADDRESS;
        long to = (m.address() + y + 2 * tile * pixelBytes) & ADDRESS;
        IntVector m00 =
            (IntVector)
                FloatVector.fromMemorySegment(SPECIES, ALL, from + c, LITTLE_ENDIAN)
                    .convertShape(F2I, Ints.SPECIES, 0);
        IntVector m10 =
            (IntVector)
                FloatVector.fromMemorySegment(
                        SPECIES, ALL, from + 4 * planeBytes + c, LITTLE_ENDIAN)
                    .convertShape(F2I, Ints.SPECIES, 0);
        IntVector m20 =
            (IntVector)
                FloatVector.fromMemorySegment(
                        SPECIES, ALL, from + 8 * planeBytes + c, LITTLE_ENDIAN)
                    .convertShape(F2I, Ints.SPECIES, 0);
        IntVector m30 =
            (IntVector)
                FloatVector.fromMemorySegment(
                        SPECIES, ALL, from + 12 * planeBytes + c, LITTLE_ENDIAN)
                    .convertShape(F2I, Ints.SPECIES, 0);
        IntVector s00 = m00.add(m10).add(m20);
        IntVector s10 = m10.sub(m20).sub(m30);
        IntVector m01 =
            (IntVector)
                FloatVector.fromMemorySegment(SPECIES, ALL, from + planeBytes + c, LITTLE_ENDIAN)
                    .convertShape(F2I, Ints.SPECIES, 0);
        IntVector m11 =
            (IntVector)
                FloatVector.fromMemorySegment(
                        SPECIES, ALL, from + 5 * planeBytes + c, LITTLE_ENDIAN)
                    .convertShape(F2I, Ints.SPECIES, 0);
        IntVector m21 =
            (IntVector)
                FloatVector.fromMemorySegment(
                        SPECIES, ALL, from + 9 * planeBytes + c, LITTLE_ENDIAN)
                    .convertShape(F2I, Ints.SPECIES, 0);
        IntVector m31 =
            (IntVector)
                FloatVector.fromMemorySegment(
                        SPECIES, ALL, from + 13 * planeBytes + c, LITTLE_ENDIAN)
                    .convertShape(F2I, Ints.SPECIES, 0);
        IntVector s01 = m01.add(m11).add(m21);
        IntVector s11 = m11.sub(m21).sub(m31);
        IntVector m02 =
            (IntVector)
                FloatVector.fromMemorySegment(
                        SPECIES, ALL, from + 2 * planeBytes + c, LITTLE_ENDIAN)
                    .convertShape(F2I, Ints.SPECIES, 0);
        IntVector m12 =
            (IntVector)
                FloatVector.fromMemorySegment(
                        SPECIES, ALL, from + 6 * planeBytes + c, LITTLE_ENDIAN)
                    .convertShape(F2I, Ints.SPECIES, 0);
        IntVector m22 =
            (IntVector)
                FloatVector.fromMemorySegment(
                        SPECIES, ALL, from + 10 * planeBytes + c, LITTLE_ENDIAN)
                    .convertShape(F2I, Ints.SPECIES, 0);
        IntVector m32 =
            (IntVector)
                FloatVector.fromMemorySegment(
                        SPECIES, ALL, from + 14 * planeBytes + c, LITTLE_ENDIAN)
                    .convertShape(F2I, Ints.SPECIES, 0);
        IntVector s02 = m02.add(m12).add(m22);
        IntVector s12 = m12.sub(m22).sub(m32);
        IntVector m03 =
            (IntVector)
                FloatVector.fromMemorySegment(
                        SPECIES, ALL, from + 3 * planeBytes + c, LITTLE_ENDIAN)
                    .convertShape(F2I, Ints.SPECIES, 0);
        IntVector m13 =
            (IntVector)
                FloatVector.fromMemorySegment(
                        SPECIES, ALL, from + 7 * planeBytes + c, LITTLE_ENDIAN)
                    .convertShape(F2I, Ints.SPECIES, 0);
        IntVector m23 =
            (IntVector)
                FloatVector.fromMemorySegment(
                        SPECIES, ALL, from + 11 * planeBytes + c, LITTLE_ENDIAN)
                    .convertShape(F2I, Ints.SPECIES, 0);
        IntVector m33 =
            (IntVector)
                FloatVector.fromMemorySegment(
                        SPECIES, ALL, from + 15 * planeBytes + c, LITTLE_ENDIAN)
                    .convertShape(F2I, Ints.SPECIES, 0);
        IntVector s03 = m03.add(m13).add(m23);
        IntVector s13 = m13.sub(m23).sub(m33);
        IntVector y00 = s00.add(s01).add(s02);
        IntVector y01 = s01.sub(s02).sub(s03);
        IntVector y10 = s10.add(s11).add(s12);
        IntVector y11 = s11.sub(s12).sub(s13);
        long at = to + c;
        y00.lanewise(ASHR, 2).intoMemorySegment(ALL, at, LITTLE_ENDIAN);
        y01.lanewise(ASHR, 2).intoMemorySegment(ALL, at + pixelBytes, LITTLE_ENDIAN);
        y10.lanewise(ASHR, 2).intoMemorySegment(ALL, at + lineBytes, LITTLE_ENDIAN);
        y11.lanewise(ASHR, 2).intoMemorySegment(ALL, at + lineBytes + pixelBytes, LITTLE_ENDIAN);
      }
    }
  }

  /**
   * {@code A^T m A} of multiples of 1/4 whose sums float32 holds, as bits with {@link Ints#BIAS}:
   * magnitudes are at most 2^22.
   *
   * @param tileBytes from one tile to the next
   * @param channelBytes bytes of the channels, whole vectors
   */
  static void outputBiased(
      MemorySegment m,
      long x,
      long tileBytes,
      long planeBytes,
      long y,
      long lineBytes,
      long pixelBytes,
      long channelBytes,
      int tiles) {
    Objects.checkFromIndexSize(x, 15 * planeBytes + tiles * tileBytes, m.byteSize());
    Objects.checkFromIndexSize(y, lineBytes + 2L * tiles * pixelBytes, m.byteSize());
    // One for all: with a broadcast for each sum C2 inlined all but the last, and boxed it.
    FloatVector bias = FloatVector.broadcast(SPECIES, Ints.BIAS);
    int bytes = (int) channelBytes;
    for (int c = 0; c < bytes; c += BYTES) {
      for (int tile = 0; tile < tiles; tile++) {
        long from = (m.address() + x + tile * tileBytes) & ADDRESS;
        long to = (m.address() + y + 2 * tile * pixelBytes) & ADDRESS;
        FloatVector m00 = FloatVector.fromMemorySegment(SPECIES, ALL, from + c, LITTLE_ENDIAN);
        FloatVector m10 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 4 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector m20 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 8 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector m30 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 12 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector s00 = m00.add(m10).add(m20);
        FloatVector s10 = m10.sub(m20).sub(m30);
        FloatVector m01 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + planeBytes + c, LITTLE_ENDIAN);
        FloatVector m11 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 5 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector m21 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 9 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector m31 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 13 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector s01 = m01.add(m11).add(m21);
        FloatVector s11 = m11.sub(m21).sub(m31);
        FloatVector m02 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 2 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector m12 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 6 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector m22 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 10 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector m32 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 14 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector s02 = m02.add(m12).add(m22);
        FloatVector s12 = m12.sub(m22).sub(m32);
        FloatVector m03 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 3 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector m13 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 7 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector m23 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 11 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector m33 =
            FloatVector.fromMemorySegment(SPECIES, ALL, from + 15 * planeBytes + c, LITTLE_ENDIAN);
        FloatVector s03 = m03.add(m13).add(m23);
        FloatVector s13 = m13.sub(m23).sub(m33);
        FloatVector y00 = s00.add(s01).add(s02).add(bias);
        FloatVector y01 = s01.sub(s02).sub(s03).add(bias);
        FloatVector y10 = s10.add(s11).add(s12).add(bias);
        FloatVector y11 = s11.sub(s12).sub(s13).add(bias);
        long at = to + c;
        y00.intoMemorySegment(ALL, at, LITTLE_ENDIAN);
        y01.intoMemorySegment(ALL, at + pixelBytes, LITTLE_ENDIAN);
        y10.intoMemorySegment(ALL, at + lineBytes, LITTLE_ENDIAN);
        y11.intoMemorySegment(ALL, at + lineBytes + pixelBytes, LITTLE_ENDIAN);
      }
    }
  }
}
