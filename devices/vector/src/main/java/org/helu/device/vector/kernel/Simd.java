package org.helu.device.vector.kernel;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.helu.runtime.HeluException;
import org.helu.runtime.tensor.Tensor;

/**
 * The vector shape that all kernels use, and the loads that they share. Kernels pass no vector to
 * methods of their own: one that the JIT compiler does not inline would box it.
 */
public final class Simd {
  /** Forces a vector width in bits: 128, 256 or 512. */
  public static final String WIDTH_PROPERTY = "helu.vector.bits";

  /** A constant, so that the JIT compiler turns each vector operation into one instruction. */
  static final VectorSpecies<Float> SPECIES = species(System.getProperty(WIDTH_PROPERTY));

  /** Floats in one vector. */
  public static final int LANES = SPECIES.length();

  /** Bytes of one vector. */
  public static final int BYTES = LANES * 4;

  /**
   * All of the address space, by address. For inner loops alone, whose reads were checked before:
   * an address that the JIT compiler knows to be positive needs no check here, which {@code &
   * ADDRESS} of a base and {@code & OFFSET} of what is added tell it.
   */
  @SuppressWarnings("restricted")
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  /** Bits of an address in {@link #ALL}. */
  static final long ADDRESS = (1L << 56) - 1;

  /** Bits of an offset from an address in {@link #ALL}. */
  static final long OFFSET = Integer.MAX_VALUE;

  static final ByteOrder LITTLE_ENDIAN = ByteOrder.LITTLE_ENDIAN;

  private Simd() {}

  private static VectorSpecies<Float> species(String bits) {
    return switch (bits) {
      case null -> FloatVector.SPECIES_PREFERRED;
      case "128" -> FloatVector.SPECIES_128;
      case "256" -> FloatVector.SPECIES_256;
      case "512" -> FloatVector.SPECIES_512;
      default ->
          throw HeluException.invalid(
              "device/vector",
              "-D" + WIDTH_PROPERTY + " must be 128, 256 or 512, found '" + bits + "'",
              "leave it out for this machine's own width");
    };
  }

  /** Elements of a row that whole vectors cover. */
  static long bound(long count) {
    return count - count % LANES;
  }

  static FloatVector load(MemorySegment segment, long offset) {
    return FloatVector.fromMemorySegment(SPECIES, segment, offset, LITTLE_ENDIAN);
  }

  static FloatVector broadcast(MemorySegment segment, long offset) {
    return FloatVector.broadcast(SPECIES, segment.get(Tensor.FLOAT, offset));
  }

  static FloatVector broadcast(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }

  /** {@code z} where {@code !(z <= 0)}, else +0: NaN passes. */
  static float gate(float z) {
    return z <= 0f ? 0f : z;
  }
}
