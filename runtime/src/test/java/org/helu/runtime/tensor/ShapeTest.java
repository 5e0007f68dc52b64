package org.helu.runtime.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.helu.runtime.HeluException;
import org.junit.jupiter.api.Test;

class ShapeTest {
  @Test
  void countsElementsWithAndWithoutBatch() {
    Shape shape = Shape.of(Shape.BATCH, 3, 4);
    assertTrue(shape.isBatched());
    assertEquals(12, shape.elementsPerSample());
    assertEquals(60, shape.withBatch(5).elements());
    assertThrows(IllegalStateException.class, shape::elements);
    assertEquals("[Nx3x4]", shape.toString());
    assertEquals(1, Shape.of().elements());
    assertEquals(0, Shape.of(3, 0).elements());
  }

  @Test
  void permutesAndStrides() {
    Shape shape = Shape.of(2, 3, 4);
    assertEquals(Shape.of(4, 2, 3), shape.permuted(List.of(2, 0, 1)));
    assertArrayEquals(new long[] {12, 4, 1}, shape.strides());
    assertEquals(4, shape.dim(-1));
    assertEquals(Shape.of(2, 3, 9), shape.withDim(-1, 9));
    assertNotEquals(shape, Shape.of(2, 3));
  }

  @Test
  void rejectsNegativeOverflowingAndDeepShapes() {
    assertThrows(HeluException.class, () -> Shape.of(2, -1));
    assertThrows(HeluException.class, () -> Shape.of(-2));
    assertThrows(HeluException.class, () -> Shape.of(1 << 30, 1 << 30, 1 << 30));
    assertThrows(HeluException.class, () -> Shape.of(1, 1, 1, 1, 1, 1, 1, 1, 1));
  }

  @Test
  void gatedTensorsCarryAnAlignedMaskBehindTheirMagnitudes() {
    TensorType type = TensorType.float32(2, 3, 65).withEncoding(Encoding.GATED);
    assertEquals(2, type.wordsPerRow());
    assertEquals(6, type.rows());
    assertEquals(2 * 3 * 65 * 4, type.dataBytes());
    assertEquals(1600, type.maskOffset());
    assertEquals(1600 + 6 * 2 * 8, type.byteSize());
  }
}
