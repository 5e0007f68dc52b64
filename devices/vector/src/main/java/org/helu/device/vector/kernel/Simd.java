package org.helu.device.vector.kernel;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.helu.runtime.HeluException;

/**
 * The vector shape that all kernels use. Kernels pass no vector to methods of their own and take
 * none from them, not for a load or a broadcast either: one that the JIT compiler does not inline
 * would box it. It always inlines the Vector API's.
 */
public final class Simd {
  /** Forces a vector width in bits: 128, 256 or 512. */
  public static final String WIDTH_PROPERTY = "helu.vector.bits";

  /** Forces fused multiply-add, true or false. */
  public static final String FMA_PROPERTY = "helu.vector.fma";

  /** Forces popcounts of 32 bits, true or false: else of bytes. */
  public static final String POPCOUNT_PROPERTY = "helu.vector.popcount";

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

  /**
   * Whether {@code a * b + c} is one instruction, rounded once. Without one Java computes each lane
   * by BigDecimal, so kernels then multiply and add, which rounds twice. A constant, so that the
   * JIT compiler sees one form alone.
   */
  public static final boolean FMA = fma(System.getProperty(FMA_PROPERTY));

  /**
   * Whether a popcount of 32 bits is one instruction. Without one, popcounts of bytes are added up
   * first ({@link ByteCountTiles}).
   */
  static final boolean POPCOUNT = popcount(System.getProperty(POPCOUNT_PROPERTY));

  /** Vectors that the widest register block has in a row: what the registers hold. */
  static final int MAX_VECTORS = LANES < 16 && CpuInfo.isX86() ? 2 : 4;

  /**
   * 1, as a field that is not final: the JIT compiler does not unroll a loop whose stride it does
   * not know, nor set iterations before and behind it apart. That is for bodies that are long, and
   * loops that are short.
   */
  static int step = 1;

  static final ByteOrder LITTLE_ENDIAN = ByteOrder.LITTLE_ENDIAN;

  private Simd() {}

  private static VectorSpecies<Float> species(String bits) {
    if (bits == null) {
      return FloatVector.SPECIES_PREFERRED;
    }
    return switch (bits) {
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

  private static boolean fma(String forced) {
    if (forced != null) {
      return isTrue(FMA_PROPERTY, forced);
    }
    int floatBits = VectorSpecies.ofLargestShape(float.class).vectorBitSize();
    int preferredBits = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    return !CpuInfo.isX86()
        || preferredBits >= 512
        || CpuInfo.hasFma(floatBits, preferredBits, CpuInfo.field("flags"));
  }

  private static boolean popcount(String forced) {
    if (forced != null) {
      return isTrue(POPCOUNT_PROPERTY, forced);
    }
    int preferredBits = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    // Of other processors SVE has one, NEON has not; where SVE is 128 bits wide, both ways cost the
    // same.
    return CpuInfo.isX86()
        ? preferredBits >= 512 && CpuInfo.hasPopcount(CpuInfo.field("flags"))
        : preferredBits > 128;
  }

  private static boolean isTrue(String property, String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw HeluException.invalid(
              "device/vector",
              "-D" + property + " must be true or false, found '" + value + "'",
              "leave it out for what this machine has");
    };
  }

  /** Elements of a row that whole vectors cover. */
  static long bound(long count) {
    return count - count % LANES;
  }

  /** {@code z} where {@code !(z <= 0)}, else +0: NaN passes. */
  static float gate(float z) {
    return z <= 0f ? 0f : z;
  }
}
