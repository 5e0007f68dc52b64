package org.helu.device.vector.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Requantization in float32 gives the codes of its formula in 64-bit integers. */
class RoundingTest {
  private static final int LAYERS = 400;
  private static final int ROWS = 37;

  private final SplittableRandom random = new SplittableRandom(17);

  @Test
  void codesAreThoseOfTheIntegers() {
    assertTrue(roundedLayers(false) > LAYERS * 9 / 10);
  }

  @Test
  void codesWithResidualAreThoseOfTheIntegers() {
    assertTrue(roundedLayers(true) > LAYERS * 9 / 10);
  }

  @Test
  void keepsIntegersWhereFloatsAreTooCoarse() {
    // The offset takes back what the products of large codes add: the difference of large numbers.
    Tensor values = Tensor.ofLongs(Shape.of(1, 2), 1L << 20, -(1L << 40));
    assertNull(Rounding.of(new Epilogue.Requantize(20, 255), values, 1));
    Finish finish =
        new Finish(0, 1, List.of(new Epilogue.Requantize(20, 255)), false, values, true);
    assertEquals(Finish.Kind.REQUANTIZED, finish.kind);
  }

  /** How many of {@link #LAYERS} are requantized in float32. */
  private int roundedLayers(boolean residual) {
    int rounded = 0;
    for (int layer = 0; layer < LAYERS; layer++) {
      rounded += isRoundedAlike(residual) ? 1 : 0;
    }
    return rounded;
  }

  /** Compares a random layer's codes with the formula's; whether they come from float32. */
  private boolean isRoundedAlike(boolean residual) {
    int outputs = 1 + random.nextInt(90);
    int high = random.nextInt(3) == 0 ? 1 + random.nextInt(255) : 255;
    boolean biased = random.nextBoolean();
    int shift = 8 + random.nextInt(40);
    Epilogue.Requantize epilogue = new Epilogue.Requantize(shift, high);
    int count = residual ? 3 : 2;
    long[] greatest = new long[outputs];
    long[] numbers = new long[outputs * count];
    for (int o = 0; o < outputs; o++) {
      greatest[o] = 1 + random.nextInt(1 << 1 + random.nextInt(22));
      // Sums span from half the codes of the epilogue to 64 times as many.
      double span = high * Math.scalb(random.nextDouble(0.5, 1), random.nextInt(8)) / greatest[o];
      long m = Math.clamp((long) Math.scalb(span, shift), 0, Integer.MAX_VALUE);
      numbers[o * count] = random.nextInt(4) == 0 ? -m : m;
      numbers[o * count + 1] = (long) Math.scalb(random.nextDouble(-1, 2) * high, shift);
      if (residual) {
        long r = (long) Math.scalb(random.nextDouble(), shift);
        numbers[o * count + 2] = Math.clamp(r, 0, Integer.MAX_VALUE);
      }
    }
    Tensor values = Tensor.ofLongs(Shape.of(outputs, count), numbers);
    Finish finish = new Finish(0, outputs, List.of(epilogue), residual, values, biased);
    assertEquals(biased ? Ints.BIAS_BITS : 0, finish.bias());
    boolean rounded = finish.kind == Finish.Kind.ROUNDED;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment w = arena.allocate(finish.bytes(), 64);
      finish.pack(w, values);
      long stride = finish.columns() * 4L;
      long added = ROWS * stride;
      long y = added + (long) ROWS * outputs + Columns.BLOCK;
      MemorySegment m = arena.allocate(y + (long) ROWS * outputs, 64);
      long[] expected = new long[ROWS * outputs];
      for (int row = 0; row < ROWS; row++) {
        for (int o = 0; o < outputs; o++) {
          int i = row * outputs + o;
          int code = residual ? random.nextInt(256) : 0;
          long z = sum(numbers, o * count, shift, greatest[o], code, residual);
          m.set(Tensor.INT, row * stride + o * 4L, (int) z + finish.bias());
          m.set(ValueLayout.JAVA_BYTE, added + i, (byte) code);
          long r = residual ? numbers[o * count + 2] * code : 0;
          long shifted = (z * numbers[o * count] + r + numbers[o * count + 1]) >> shift;
          expected[i] = Math.clamp(shifted, 0, high);
        }
      }
      for (int block = 0; block < finish.columns() / Columns.BLOCK; block++) {
        long sums = (long) block * Columns.BLOCK * 4;
        finish.store(w, m, block, sums, stride, ROWS, 0, y, residual ? added : -1);
      }
      for (int i = 0; i < expected.length; i++) {
        int found = m.get(ValueLayout.JAVA_BYTE, y + i) & 0xff;
        assertEquals(expected[i], found, epilogue + ", output " + i % outputs);
      }
    }
    return rounded;
  }

  /** Any sum within the bound, or one on either side of a step between two codes. */
  private long sum(long[] numbers, int at, int shift, long greatest, int code, boolean residual) {
    long any = random.nextLong(-greatest, greatest + 1);
    if (numbers[at] == 0 || random.nextInt(3) == 0) {
      return any;
    }
    long offset = numbers[at + 1] + (residual ? numbers[at + 2] * code : 0);
    long reached = Math.floorDiv(any * numbers[at] + offset, 1L << shift) << shift;
    long step = Math.ceilDiv(reached - offset, numbers[at]);
    return Math.clamp(step - random.nextInt(2), -greatest, greatest);
  }
}
