package org.helu.compiler.lowbit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.helu.runtime.op.Rounding;
import org.junit.jupiter.api.Test;

/** Thresholds and fixed point against the formula itself, over every integer that occurs. */
class StepsTest {
  private static final PerChannel ONE = PerChannel.of(1);
  private static final PerChannel ZERO = PerChannel.of(0);

  private static Chain batchNorm(double scale, double gamma, double beta, double mean) {
    return Chain.IDENTITY
        .then(ChannelFunction.scale(PerChannel.of(scale)))
        .then(
            ChannelFunction.batchNorm(
                PerChannel.of(gamma),
                PerChannel.of(beta),
                PerChannel.of(mean),
                PerChannel.of(3.7),
                1e-5));
  }

  /** Searches, compares every integer with the formula, and returns the thresholds. */
  private static Steps check(Chain chain, Quantizer quantizer, int low, int high) {
    Steps steps =
        Steps.search(
            z -> quantizer.code(chain.apply(z, 0), 0),
            chain.direction(0),
            low,
            high,
            quantizer.high());
    boolean[] reached = new boolean[quantizer.high() + 1];
    steps.markReached(low, high, reached);
    boolean[] occurring = new boolean[quantizer.high() + 1];
    for (int z = low; z <= high; z++) {
      int code = quantizer.code(chain.apply(z, 0), 0);
      occurring[code] = true;
      assertEquals(code, steps.code(z), "code of " + z + " by " + steps);
    }
    assertArrayEquals(occurring, reached);
    for (int t = 1; t < steps.thresholds().length; t++) {
      assertTrue(steps.thresholds()[t - 1] <= steps.thresholds()[t]);
    }
    return steps;
  }

  @Test
  void positiveAndNegativeGamma() {
    Quantizer step = Quantizer.thresholds(new double[][] {{0}}, true);
    Steps up = check(batchNorm(0.013, 1.7, -0.4, 0.21), step, -784, 784);
    Steps down = check(batchNorm(0.013, -1.7, -0.4, 0.21), step, -784, 784);
    assertEquals(1, up.sign());
    assertEquals(-1, down.sign());
  }

  @Test
  void zeroGammaIsAConstant() {
    Quantizer step = Quantizer.thresholds(new double[][] {{0}}, true);
    Steps open = check(batchNorm(0.013, 0, 0.5, 0.21), step, -99, 99);
    Steps closed = check(batchNorm(0.013, 0, 0, 0.21), step, -99, 99);
    assertArrayEquals(new int[] {Steps.ALWAYS}, open.thresholds());
    assertArrayEquals(new int[] {Steps.NEVER}, closed.thresholds());
  }

  @Test
  void tiesFallWhereTheComparisonSays() {
    Chain exact = Chain.IDENTITY.then(ChannelFunction.shift(1, PerChannel.of(-5)));
    Steps strict = check(exact, Quantizer.thresholds(new double[][] {{0}}, true), -20, 20);
    Steps inclusive = check(exact, Quantizer.thresholds(new double[][] {{0}}, false), -20, 20);
    assertArrayEquals(new int[] {6}, strict.thresholds());
    assertArrayEquals(new int[] {5}, inclusive.thresholds());
    Chain falling = exact.then(ChannelFunction.shift(-1, ZERO));
    check(falling, Quantizer.thresholds(new double[][] {{0}}, true), -20, 20);
    check(falling, Quantizer.thresholds(new double[][] {{0}}, false), -20, 20);
  }

  @Test
  void halfEvenTies() {
    Chain quarter = Chain.IDENTITY.then(ChannelFunction.scale(PerChannel.of(0.25)));
    for (Rounding rounding : Rounding.values()) {
      check(quarter, Quantizer.uniform(ONE, ZERO, -8, 7, rounding), -60, 60);
      check(
          quarter.then(ChannelFunction.shift(-1, ZERO)),
          Quantizer.uniform(ONE, PerChannel.of(3), -8, 7, rounding),
          -60,
          60);
    }
  }

  @Test
  void extremeBounds() {
    Quantizer step = Quantizer.thresholds(new double[][] {{0.5}}, false);
    int edge = Integer.MAX_VALUE - 8;
    Chain tiny = Chain.IDENTITY.then(ChannelFunction.scale(PerChannel.of(1e-9)));
    Steps steps = Steps.search(z -> step.code(tiny.apply(z, 0), 0), 1, -edge, edge, step.high());
    int threshold = steps.thresholds()[0];
    assertEquals(1, step.code(tiny.apply(threshold, 0), 0));
    assertEquals(0, step.code(tiny.apply(threshold - 1, 0), 0));
    Steps one = Steps.search(z -> 0, 1, 7, 7, 3);
    assertArrayEquals(new int[] {Steps.NEVER, Steps.NEVER, Steps.NEVER}, one.thresholds());
  }

  @Test
  void randomChainsAgainstEveryInteger() {
    SplittableRandom random = new SplittableRandom(11);
    for (int i = 0; i < 300; i++) {
      Chain chain =
          batchNorm(
              random.nextDouble(),
              4 * random.nextDouble() - 2,
              8 * random.nextDouble() - 4,
              8 * random.nextDouble() - 4);
      if (random.nextBoolean()) {
        chain = chain.then(ChannelFunction.clamp(ZERO, PerChannel.of(6)));
      }
      Rounding rounding = Rounding.values()[random.nextInt(7)];
      int bits = 1 + random.nextInt(8);
      Quantizer quantizer =
          Quantizer.uniform(
              PerChannel.of(0.01 + random.nextDouble()),
              PerChannel.of(random.nextInt(5)),
              0,
              (1 << bits) - 1,
              rounding);
      int low = -random.nextInt(3000);
      check(chain, quantizer, low, low + random.nextInt(4000));
    }
  }

  @Test
  void fixedPointEqualsThresholdsForEveryInteger() {
    SplittableRandom random = new SplittableRandom(12);
    int found = 0;
    for (int i = 0; i < 200; i++) {
      double slope = (random.nextBoolean() ? 1 : -1) * Math.exp(6 * random.nextDouble() - 7);
      double shift = 60 * random.nextDouble() - 20;
      Chain chain =
          Chain.IDENTITY
              .then(ChannelFunction.scale(PerChannel.of(slope)))
              .then(ChannelFunction.shift(1, PerChannel.of(shift)));
      Quantizer quantizer = Quantizer.uniform(ONE, ZERO, 0, 255, Rounding.HALF_EVEN);
      int low = -20000;
      int high = 30000;
      Steps steps = check(chain, quantizer, low, high);
      FixedPoint fixed =
          FixedPoint.search(
              new Steps[] {steps}, new double[] {slope}, new int[] {low}, new int[] {high});
      if (fixed == null) {
        continue;
      }
      found++;
      assertTrue(Math.abs(fixed.m()[0]) < 1L << 31 && Math.abs(fixed.b()[0]) < 1L << 62);
      for (int z = low; z <= high; z++) {
        assertEquals(steps.code(z), fixed.code(0, z, 255), "slope " + slope + " at " + z);
      }
    }
    assertTrue(found > 190, found + " of 200 have a fixed point");
  }

  @Test
  void tiesToEvenHaveNoFixedPoint() {
    Chain quarter = Chain.IDENTITY.then(ChannelFunction.scale(PerChannel.of(0.25)));
    Quantizer quantizer = Quantizer.uniform(ONE, ZERO, 0, 255, Rounding.HALF_EVEN);
    Steps[] steps = {check(quarter, quantizer, -100, 2000)};
    int[] low = {-100};
    int[] high = {2000};
    assertNull(FixedPoint.search(steps, new double[] {0.25}, low, high));
    Quantizer floor = Quantizer.uniform(ONE, ZERO, 0, 255, Rounding.FLOOR);
    Steps[] floors = {check(quarter, floor, -100, 2000)};
    assertNotNull(FixedPoint.search(floors, new double[] {0.25}, low, high));
  }

  @Test
  void floatStepsAgainstTheFormula() {
    for (Rounding rounding : Rounding.values()) {
      FloatSteps.Code code = z -> (int) Math.clamp(rounding.round(z / 0.3f) + 2, 0, 7);
      float[] thresholds = FloatSteps.search(code, 7);
      for (float threshold : thresholds) {
        for (float z : new float[] {Math.nextDown(threshold), threshold, Math.nextUp(threshold)}) {
          int reached = 0;
          for (float t : thresholds) {
            reached += z >= t ? 1 : 0;
          }
          assertEquals(code.of(z), reached, rounding + " of " + z);
        }
      }
    }
  }

  @Test
  void dropsLevelsThatNeverOccur() {
    // Sign of an odd sum: 0 never occurs, one bipolar bit is left.
    Levels odd = Levels.of(new boolean[] {true, false, true}, 1, -1);
    assertEquals(new Levels(0, 2, 1), odd);
    assertEquals(new IntegerForm(1, org.helu.runtime.op.Codes.BIPOLAR), IntegerForm.of(2, -1));
    // Levels above the reachable ones.
    assertEquals(new Levels(0, 1, 2), Levels.of(new boolean[] {true, true, true, false}, 0.5, 0));
    // Without integer form nothing is dropped below.
    assertEquals(new Levels(0, 1, 3), Levels.of(new boolean[] {false, false, true, true}, 1, 0.3));
  }
}
