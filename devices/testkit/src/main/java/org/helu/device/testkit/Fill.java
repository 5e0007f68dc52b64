package org.helu.device.testkit;

import java.util.SplittableRandom;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * What inputs are filled with. BOOL and INT64 tensors get small values whatever the fill; for the
 * element types of integer layers {@link #ZEROS} and {@link #ONES} say what they say, and so does
 * {@link #SPARSE} for codes, {@link #LARGE} gives extremes (of codes: all bits set) and every other
 * fill is uniform.
 */
public enum Fill {
  /** Uniform in [-1, 1). */
  UNIFORM,
  /** All 0. */
  ZEROS,
  /** All 1: with positive weights every gate opens. */
  ONES,
  /** All -1: with positive weights every gate closes. */
  MINUS_ONES,
  /** Four of five elements are 0. */
  SPARSE,
  /** Integers in -3..3: sums are exact and ties are frequent. */
  INTEGERS,
  /** Magnitudes from 1e10 to 1e16. */
  LARGE,
  /** Magnitudes below the smallest normal number, and zeros. */
  DENORMAL,
  /** -0, +0, -1 and 1. */
  SIGNED_ZERO,
  /** One of eight elements is NaN. */
  NAN,
  /** One of eight elements is +inf or -inf. */
  INFINITE;

  /** The fills under which finite arithmetic stays finite. */
  public boolean isFinite() {
    return this != NAN && this != INFINITE;
  }

  /** The next value of this fill. */
  float next(SplittableRandom random) {
    float uniform = (float) random.nextDouble(-1, 1);
    return switch (this) {
      case UNIFORM -> uniform;
      case ZEROS -> 0f;
      case ONES -> 1f;
      case MINUS_ONES -> -1f;
      case SPARSE -> random.nextInt(5) == 0 ? uniform : 0f;
      case INTEGERS -> random.nextInt(-3, 4);
      case LARGE -> (float) (uniform * Math.pow(10, random.nextInt(10, 17)));
      case DENORMAL -> random.nextInt(4) == 0 ? 0f : uniform * Float.MIN_NORMAL;
      case SIGNED_ZERO -> random.nextBoolean() ? Math.copySign(0f, uniform) : Math.signum(uniform);
      case NAN -> random.nextInt(8) == 0 ? Float.NaN : uniform;
      case INFINITE ->
          random.nextInt(8) == 0 ? Math.copySign(Float.POSITIVE_INFINITY, uniform) : uniform;
    };
  }

  /** A tensor of {@code type} (batch bound, plain) with values of this fill. */
  public Tensor tensor(TensorType type, SplittableRandom random) {
    Tensor tensor = Tensor.zeros(type);
    long count = tensor.elements();
    for (long i = 0; i < count; i++) {
      if (type.elementType() == ElementType.FLOAT32) {
        tensor.setFloat(i, next(random));
      } else {
        tensor.setLong(i, nextInteger(type, random));
      }
    }
    return tensor;
  }

  private long nextInteger(TensorType type, SplittableRandom random) {
    int bits = type.planes();
    return switch (type.elementType()) {
      case BOOL -> random.nextInt(2);
      // A code of every plane or of the byte; bytes with a sign keep the low eight bits.
      case BIT, UINT8, INT8 ->
          switch (this) {
            case ZEROS -> 0;
            case ONES -> 1;
            case LARGE -> (1 << bits) - 1;
            case SPARSE -> random.nextInt(5) == 0 ? random.nextInt(1 << bits) : 0;
            default -> random.nextInt(1 << bits);
          };
      case INT32 ->
          switch (this) {
            case ZEROS -> 0;
            case ONES -> 1;
            case LARGE -> random.nextBoolean() ? Integer.MAX_VALUE : -Integer.MAX_VALUE;
            case INTEGERS -> random.nextInt(-3, 4);
            default -> random.nextInt(-300, 301);
          };
      default -> random.nextInt(-5, 6);
    };
  }
}
