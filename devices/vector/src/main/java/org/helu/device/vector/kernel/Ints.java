package org.helu.device.vector.kernel;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link Simd}'s vector shape for the element types of integer layers. */
public final class Ints {
  /** 32-bit lanes: sums, and packed words of bits. */
  static final VectorSpecies<Integer> SPECIES = Simd.SPECIES.withLanes(int.class);

  /** All bytes of a vector. */
  static final VectorSpecies<Byte> BYTES = Simd.SPECIES.withLanes(byte.class);

  /** Lanes of 64 bits, half as many. */
  static final VectorSpecies<Long> LONGS = Simd.SPECIES.withLanes(long.class);

  /** As many 32-bit lanes as {@link #LONGS} has. */
  static final VectorSpecies<Integer> HALF =
      switch (Simd.LANES) {
        case 16 -> IntVector.SPECIES_256;
        case 8 -> IntVector.SPECIES_128;
        default -> IntVector.SPECIES_64;
      };

  /** Bytes that widen to {@link #SPECIES}: as many; of 128-bit vectors twice as many. */
  static final VectorSpecies<Byte> NARROW =
      Simd.LANES == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;

  /**
   * Added to a float32 of a magnitude of at most 2^22, rounds it half to even to an integer, which
   * is left in the lowest bits: less {@link #BIAS_BITS} the sum's bits are the integer.
   */
  public static final float BIAS = 0x1.8p23f;

  /** The bits of {@link #BIAS}, which are those of 0 with it. */
  public static final int BIAS_BITS = Float.floatToRawIntBits(BIAS);

  private Ints() {}
}
