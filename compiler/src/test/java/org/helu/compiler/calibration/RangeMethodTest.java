package org.helu.compiler.calibration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.helu.runtime.HeluException;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.Test;

class RangeMethodTest {
  private static EdgeStatistics edge(boolean nonNegative, float... values) {
    EdgeStatistics edge = new EdgeStatistics("v", nonNegative, 1, 1);
    Tensor tensor = Tensor.ofFloats(Shape.of(values.length), values);
    edge.addRange(tensor);
    edge.addHistogram(tensor);
    return edge;
  }

  @Test
  void minMaxCoversEverything() {
    Quantizer unsigned = RangeMethod.MIN_MAX.fit(edge(true, 0, 0.5f, 5.1f), 255);
    assertEquals(new Quantizer(5.1f / 255, 0, 255), unsigned);
    Quantizer signed = RangeMethod.MIN_MAX.fit(edge(false, -1, 4), 255);
    assertEquals(5f / 255, signed.scale());
    assertEquals(51, signed.zeroPoint());
    assertEquals(-1, signed.apply(-1), 1e-6);
    assertEquals(0, signed.apply(0));
    assertEquals(4, signed.apply(9), 1e-6);
  }

  @Test
  void signedRangesHoldZero() {
    // Padding is 0: it must have a code even where every value is far from it.
    Quantizer quantizer = RangeMethod.MIN_MAX.fit(edge(false, 3, 5), 255);
    assertEquals(0, quantizer.zeroPoint());
    assertEquals(5f / 255, quantizer.scale());
    Quantizer negative = RangeMethod.MIN_MAX.fit(edge(false, -5, -3), 255);
    assertEquals(255, negative.zeroPoint());
  }

  @Test
  void percentileLeavesOutliersOutside() {
    float[] values = new float[100_000];
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble();
    }
    values[7] = 1000;
    EdgeStatistics edge = edge(true, values);
    float whole = RangeMethod.MIN_MAX.fit(edge, 255).scale() * 255;
    float most = RangeMethod.PERCENTILE.fit(edge, 255).scale() * 255;
    assertEquals(1000, whole, 1e-3);
    // The bins are as wide as a 4096th of the whole range.
    assertTrue(most >= 1 && most < 1.5, "seed 3: " + most);
  }

  @Test
  void leastErrorIsNoWorseThanAnyOther() {
    float[] values = new float[20_000];
    SplittableRandom random = new SplittableRandom(4);
    for (int i = 0; i < values.length; i++) {
      double r = random.nextDouble();
      values[i] = (float) (-Math.log(1 - r));
    }
    EdgeStatistics edge = edge(true, values);
    for (int high : new int[] {1, 3, 7, 15, 255}) {
      double least = edge.meanSquaredError(RangeMethod.MSE.fit(edge, high));
      for (double share = 0.05; share <= 1; share += 0.05) {
        Quantizer other = Quantizer.covering(0, share * edge.max(), high);
        assertTrue(least <= 1.02 * edge.meanSquaredError(other), "high " + high + " at " + share);
      }
    }
    // An exponential distribution's best single step is far below its maximum.
    assertTrue(RangeMethod.MSE.fit(edge, 1).scale() < 0.5 * edge.max());
    assertEquals(
        RangeMethod.MSE.fit(edge, 3),
        RangeMethod.MIN_MAX.fit(edge, 3),
        "few bits always take the least error");
  }

  @Test
  void aValueThatIsAlwaysZeroHasAQuantizer() {
    for (RangeMethod method : RangeMethod.values()) {
      Quantizer quantizer = method.fit(edge(true, 0, 0, 0), 255);
      assertEquals(0, quantizer.apply(0));
    }
  }

  @Test
  void meansAreByFeature() {
    EdgeStatistics image = new EdgeStatistics("v", false, 2, 2);
    image.addRange(Tensor.ofFloats(Shape.of(2, 2, 1, 2), 1, 3, 10, 20, 5, 7, 30, 40));
    assertArrayEquals(new double[] {4, 25}, image.means());
    EdgeStatistics rows = new EdgeStatistics("v", false, 2, 1);
    rows.addRange(Tensor.ofFloats(Shape.of(2, 2), 1, 10, 3, 20));
    assertArrayEquals(new double[] {2, 15}, rows.means());
  }

  @Test
  void valuesThatAreNotFiniteAreErrors() {
    EdgeStatistics edge = new EdgeStatistics("h1", true, 1, 1);
    HeluException e =
        assertThrows(
            HeluException.class, () -> edge.addRange(Tensor.ofFloats(Shape.of(1), Float.NaN)));
    assertTrue(e.getMessage().contains("'h1': expected finite numbers"), e.getMessage());
  }
}
