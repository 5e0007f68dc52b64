package org.helu.device.vector.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which processors are said to have popcounts of 32 bits, and that both ways count alike. */
class PopcountTest {
  private static final int ROWS = 8;

  @Test
  void theForcedFormIsUsed() {
    String forced = System.getProperty(Simd.POPCOUNT_PROPERTY);
    if (forced != null) {
      assertEquals(Boolean.parseBoolean(forced), Simd.POPCOUNT);
    }
  }

  @Test
  void x86HasItWhereItsFlagsSaySo() {
    assertTrue(CpuInfo.hasPopcount("fpu avx512f avx512_vpopcntdq"), "Ice Lake");
    assertFalse(CpuInfo.hasPopcount("fpu popcnt avx512f avx512vl"), "Skylake");
    assertTrue(CpuInfo.hasPopcount(null), "not on Linux");
  }

  /** Around the number of words whose counts fit a byte, and with counts of 32 for each word. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 30, 31, 32, 61, 62, 63, 94, 200})
  void bothWaysCountAlike(int words) {
    SplittableRandom random = new SplittableRandom(words);
    for (int vectors : new int[] {1, 2}) {
      for (int rows : new int[] {1, ROWS}) {
        for (boolean greatest : new boolean[] {false, true}) {
          try (Arena arena = Arena.ofConfined()) {
            MemorySegment w = arena.allocate((long) words * vectors * Simd.BYTES, 64);
            MemorySegment x = arena.allocate(4L * words * ROWS, 64);
            if (greatest) {
              x.fill((byte) -1);
            } else {
              fill(w, random);
              fill(x, random);
            }
            int[] taps = new int[words];
            Arrays.setAll(taps, i -> 4 * i);
            long[] addresses = new long[ROWS];
            Arrays.setAll(addresses, i -> x.address() + i * 4L * words);
            int[] expected = new int[rows * vectors * Simd.LANES];
            int[] found = expected.clone();
            for (int scale : new int[] {0, 1, 2}) {
              MemorySegment sums = arena.allocate(ROWS * BitKernels.SUMS_BYTES, 64);
              fill(sums, new SplittableRandom(scale));
              long y = sums.address();
              long panel = w.address();
              BitKernels.multiply(taps, vectors, panel, addresses, rows, 0, scale, y);
              read(sums, rows, vectors, expected);
              fill(sums, new SplittableRandom(scale));
              BitKernels.multiplyBytewise(taps, vectors, panel, addresses, rows, 0, scale, y);
              read(sums, rows, vectors, found);
              assertArrayEquals(expected, found, rows + " rows, " + vectors + " vectors, " + scale);
              if (greatest && scale == 0) {
                assertTrue(Arrays.stream(found).allMatch(count -> count == 32 * words));
              }
            }
          }
        }
      }
    }
  }

  private static void fill(MemorySegment memory, SplittableRandom random) {
    for (long i = 0; i < memory.byteSize(); i += 4) {
      memory.set(Tensor.INT, i, random.nextInt());
    }
  }

  private static void read(MemorySegment sums, int rows, int vectors, int[] to) {
    int columns = vectors * Simd.LANES;
    for (int i = 0; i < to.length; i++) {
      to[i] = sums.get(Tensor.INT, i / columns * BitKernels.SUMS_BYTES + i % columns * 4L);
    }
  }
}
