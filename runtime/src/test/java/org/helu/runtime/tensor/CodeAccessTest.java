package org.helu.runtime.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.SplittableRandom;
import org.helu.runtime.HeluException;
import org.junit.jupiter.api.Test;

/** Packed codes: their types' sizes, and single elements read and written. */
class CodeAccessTest {
  @Test
  void sizesOfPackedTypes() {
    TensorType bits = TensorType.bits(Shape.of(2, 3, 65), 1);
    assertEquals(Encoding.PLAIN, bits.encoding());
    assertEquals(1, bits.planes());
    assertEquals(6, bits.rows());
    assertEquals(2, bits.wordsPerRow());
    assertEquals(6 * 2 * 8, bits.byteSize());
    TensorType planes = TensorType.bits(Shape.of(2, 3, 65), 3);
    assertEquals(new Encoding.Planes(3), planes.encoding());
    assertEquals(3, planes.planes());
    assertEquals(6 * 2 * 3 * 8, planes.byteSize());
    assertEquals("bit[2x3x65] planes3", planes.toString());
    assertEquals(8, new TensorType(ElementType.UINT8, Shape.of(4)).planes());
    assertEquals(0, TensorType.bits(Shape.of(3, 0), 2).byteSize());
  }

  @Test
  void planesAreOfBitsAndTwoToEight() {
    assertThrows(HeluException.class, () -> new Encoding.Planes(1));
    assertThrows(HeluException.class, () -> new Encoding.Planes(9));
    assertThrows(
        HeluException.class,
        () -> new TensorType(ElementType.UINT8, Shape.of(3), new Encoding.Planes(2)));
  }

  @Test
  void planeZeroIsTheLowestBitAndRowsHoldTheirPlanes() {
    Tensor tensor = Tensor.zeros(TensorType.bits(Shape.of(2, 66), 2));
    tensor.setLong(66 + 65, 2);
    tensor.setLong(1, 1);
    // Row 0: plane 0 in words 0 and 1, plane 1 in words 2 and 3; row 1 from word 4 on.
    long[] words = new long[8];
    for (int i = 0; i < words.length; i++) {
      words[i] = tensor.data().get(Tensor.LONG, i * 8L);
    }
    assertArrayEquals(new long[] {2, 0, 0, 0, 0, 0, 0, 2}, words);
  }

  @Test
  void everyCodeComesBackAndTailsStayZero() {
    for (int planes = 1; planes <= 8; planes++) {
      for (int channels : new int[] {1, 63, 64, 65, 130}) {
        Tensor tensor = Tensor.zeros(TensorType.bits(Shape.of(3, channels), planes));
        SplittableRandom random = new SplittableRandom(planes * 1000L + channels);
        long[] codes = random.longs(tensor.elements(), 0, 1L << planes).toArray();
        for (int pass = 0; pass < 2; pass++) {
          for (int i = 0; i < codes.length; i++) {
            tensor.setLong(i, pass == 0 ? -1 : codes[i]); // all bits set, then overwritten
          }
        }
        assertArrayEquals(codes, tensor.toLongs());
        int words = tensor.type().wordsPerRow();
        long tail = channels % 64 == 0 ? 0 : -1L << channels;
        for (long row = 0; row < 3L * planes; row++) {
          long last = tensor.data().get(Tensor.LONG, (row * words + words - 1) * 8);
          assertEquals(0, last & tail, planes + " planes of " + channels);
        }
      }
    }
  }

  @Test
  void integersAsDoublesAreNotRoundedToFloats() {
    Tensor tensor = Tensor.ofInts(Shape.of(2), Integer.MAX_VALUE, 16777217);
    assertEquals(2147483647.0, tensor.getDouble(0));
    assertEquals(16777217.0, tensor.getDouble(1));
  }

  @Test
  void reshapingKeepsPlanes() {
    Tensor tensor = Tensor.zeros(TensorType.bits(Shape.of(2, 3, 5), 2));
    tensor.setLong(29, 3);
    Tensor rows = tensor.reshaped(Shape.of(6, 5));
    assertEquals(TensorType.bits(Shape.of(6, 5), 2), rows.type());
    assertEquals(3, rows.getLong(29));
  }
}
