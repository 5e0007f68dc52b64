package org.helu.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.Test;

class ParityTest {
  /** Logits of two of four images; the largest is 100, so the tolerance is 1e-3. */
  private static Parity parity() {
    Tensor logits = Tensor.ofFloats(Shape.of(2, 3), 1, 100, 3, 5, 5.001f, 4);
    Tensor predictions = Tensor.zeros(new TensorType(ElementType.UINT8, Shape.of(4)));
    for (int i = 0; i < 4; i++) {
      predictions.setLong(i, 1);
    }
    return new Parity(logits, predictions);
  }

  private static Tensor answer(float... logits) {
    return Tensor.ofFloats(Shape.of(1, 3), logits);
  }

  @Test
  void equalAnswersPass() {
    Parity parity = parity();
    parity.add(answer(1, 100, 3), 0, 0, 1);
    parity.add(Tensor.ofFloats(Shape.of(2, 3), 0, 0, 0, 5, 5.001f, 4), 3, 1, 2);
    parity.add(answer(0, 9, 0), 0, 3, 1);
    assertEquals("", parity.failure());
    assertEquals(3, parity.samples());
    assertEquals(2, parity.correct());
    assertEquals(2 / 3.0, parity.accuracy());
    assertEquals(2 / 3.0, parity.referenceAccuracy());
    assertEquals(1, parity.top1Agreement());
    assertEquals(0, parity.maxAbsLogitDiff());
    assertEquals(100 * Parity.RELATIVE_TOLERANCE, parity.tolerance());
  }

  @Test
  void logitsBeyondTheToleranceFail() {
    Parity parity = parity();
    parity.add(answer(1, 100, 3.0009f), 0, 0, 1);
    assertEquals("", parity.failure());
    assertEquals(0.0009, parity.maxAbsLogitDiff(), 1e-6);
    parity.add(answer(1, 100, 3.01f), 0, 0, 1);
    assertTrue(parity.failure().startsWith("logits differ by 0.0"), parity.failure());
  }

  @Test
  void logitsThatAreNoNumbersFail() {
    Parity parity = parity();
    parity.add(answer(Float.NaN, 100, 3), 0, 0, 1);
    parity.add(answer(1, 100, 3), 0, 0, 1);
    assertTrue(parity.failure().startsWith("logits differ by NaN"), parity.failure());
  }

  @Test
  void anotherClassFails() {
    Parity parity = parity();
    parity.add(answer(7, 6, 0), 0, 3, 1);
    assertEquals("1 of 1 images get another class than the reference gives", parity.failure());
    assertEquals(0, parity.top1Agreement());
    assertEquals(0, parity.ties());
  }

  @Test
  void aTieOfTheReferencePasses() {
    Parity parity = parity();
    // Off by less than the tolerance, and yet the other class wins.
    parity.add(answer(5.0007f, 5.0003f, 4), 0, 1, 1);
    assertEquals("", parity.failure());
    assertEquals(1, parity.ties());
    assertEquals(0, parity.top1Agreement());
    assertEquals(0, parity.correct());
    assertEquals(1, parity.referenceCorrect());
  }

  @Test
  void withoutReferenceLogitsTheOwnOnesTellATie() {
    Parity parity = parity();
    parity.add(answer(5.0015f, 5, 4), 0, 2, 1);
    assertEquals(1, parity.ties());
    assertEquals("", parity.failure());
    parity.add(answer(5.0025f, 5, 4), 0, 2, 1);
    assertEquals("1 of 2 images get another class than the reference gives", parity.failure());
  }

  @Test
  void nothingRunFails() {
    assertEquals("no image was run", parity().failure());
  }
}
