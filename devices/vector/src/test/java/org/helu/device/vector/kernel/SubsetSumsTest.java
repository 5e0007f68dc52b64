package org.helu.device.vector.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.helu.runtime.op.Codes;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Both forms of tables give the sums of the formula, whatever vectors this machine has. */
class SubsetSumsTest {
  /** What memory holds that nothing was written to: no zeros that hide a place that is left out. */
  private static final byte OLD = (byte) 0xa5;

  private static final int OLD_SUM = 0xa5a5a5a5;

  private final SplittableRandom random = new SplittableRandom(29);

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "3, 63",
    "4, 64",
    "5, 65",
    "7, 17",
    "8, 128",
    "9, 130",
    "15, 1",
    "16, 300",
    "17, 64",
    "59, 70",
    "60, 257",
    "61, 192",
    "255, 33",
    "784, 256",
    "784, 10",
    "4368, 3",
    "4369, 65",
    "4377, 2",
    "9001, 4"
  })
  void sumsAreThoseOfTheFormula(int inputs, int outputs) {
    for (Codes codes : new Codes[] {Codes.ofZeroPoint(128), new Codes(2, 255, -7)}) {
      check(new NibblePanels(64, outputs, inputs, codes), inputs, outputs, codes);
      check(new SubsetPanels(64, outputs, inputs, codes), inputs, outputs, codes);
    }
  }

  private void check(SubsetSums panels, int inputs, int outputs, Codes codes) {
    int[][] signs = new int[outputs][inputs];
    Tensor weight = Tensor.zeros(new TensorType(ElementType.BIT, Shape.of(outputs, inputs)));
    for (int o = 0; o < outputs; o++) {
      for (int k = 0; k < inputs; k++) {
        // The first column is all +1, so that its counts are the greatest.
        int bit = o == 0 ? 1 : random.nextInt(2);
        weight.setLong((long) o * inputs + k, bit);
        signs[o][k] = 2 * bit - 1;
      }
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment w = arena.allocate(64 + panels.bytes(), 64);
      panels.pack(w, weight);
      for (int open : new int[] {0, 1, 30, 100}) {
        checkRow(panels, w, signs, codes, row(inputs, open));
      }
      checkRow(panels, w, signs, codes, greatest(inputs));
    }
  }

  /** Codes of which so many percent may be other than 0, in runs. */
  private int[] row(int inputs, int percent) {
    int[] row = new int[inputs];
    for (int k = 0; k < inputs; ) {
      boolean open = random.nextInt(100) < percent;
      for (int end = Math.min(inputs, k + 1 + random.nextInt(12)); k < end; k++) {
        row[k] = open ? random.nextInt(256) : 0;
      }
    }
    return row;
  }

  private static int[] greatest(int inputs) {
    int[] row = new int[inputs];
    Arrays.fill(row, 255);
    return row;
  }

  private static void checkRow(
      SubsetSums panels, MemorySegment w, int[][] signs, Codes codes, int[] row) {
    // The row begins at an odd byte, and others follow it.
    long x = 3;
    long sums = TensorType.align(x + row.length + 64);
    long scratch = TensorType.align(sums + panels.columns() * 4L);
    for (int first = 0; first < Math.min(2, panels.count()); first++) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment m = arena.allocate(scratch + panels.scratchBytes(), 64).fill(OLD);
        for (int k = 0; k < row.length; k++) {
          m.set(ValueLayout.JAVA_BYTE, x + k, (byte) row[k]);
        }
        panels.sum(first, panels.count(), w, m, x, sums, scratch);
        int from = panels.firstBlock(first) * Columns.BLOCK;
        for (int o = 0; o < signs.length; o++) {
          int z = 0;
          for (int k = 0; k < row.length; k++) {
            z += (codes.step() * row[k] - codes.zero()) * signs[o][k];
          }
          assertEquals(o < from ? OLD_SUM : z, m.get(Tensor.INT, sums + o * 4L), "column " + o);
        }
      }
    }
  }
}
