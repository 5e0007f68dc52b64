package org.helu.device.vector.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.helu.runtime.tensor.Tensor;

/**
 * Times a dense layer with and without its zeros skipped, by hand: where the columns cross lie the
 * thresholds of {@code DenseStep}.
 */
final class SkipSpeed {
  private static final double[] OPEN = {1, 0.95, 0.9, 0.8, 0.7, 0.5, 0.35, 0.25, 0.15, 0.1};

  private SkipSpeed() {}

  public static void main(String[] arguments) {
    for (int[] size : new int[][] {{64, 64}, {256, 256}, {784, 256}, {1024, 1024}}) {
      for (int rows : new int[] {1, 3, 16}) {
        for (double open : OPEN) {
          compare(size[0], size[1], rows, open);
        }
      }
    }
  }

  private static void compare(int inputs, int outputs, int rows, double open) {
    Panels panels = new Panels(0, 1, outputs, new long[] {0}, inputs, 0);
    SplittableRandom random = new SplittableRandom(1);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment w = arena.allocate(panels.bytes(), 64);
      long y = rows * inputs * 4L;
      long lists = y + rows * outputs * 4L;
      int chunk = rows < 4 ? inputs : MatrixKernels.SPARSE_CHUNK;
      long startsOf = (OpenGates.chunks(inputs, chunk) + 1) * 4L;
      long starts = lists + rows * inputs * 4L;
      long scratch = starts + rows * startsOf;
      MemorySegment m = arena.allocate(scratch + MatrixKernels.SCRATCH_BYTES, 64);
      for (long i = 0; i < rows * inputs; i++) {
        m.set(Tensor.FLOAT, i * 4, random.nextDouble() < open ? 1f : 0f);
      }
      long[] offsets = new long[MatrixKernels.MAX_ROWS];
      Rows evenly = Rows.evenly(inputs * 4L);
      int count = panels.count();
      long dense =
          best(
              () ->
                  MatrixKernels.multiply(
                      panels, 0, count, w, m, evenly, 0, rows, 0, y, outputs, -1, true, scratch,
                      offsets));
      long sparse =
          best(
              () -> {
                for (int row = 0; row < rows; row++) {
                  long x = row * inputs * 4L;
                  OpenGates.countOpen(m, x, inputs);
                  OpenGates.list(m, x, inputs, lists + x, chunk, starts + row * startsOf);
                }
                MatrixKernels.multiplySparse(
                    panels, 0, count, w, m, 0, rows, starts, lists, chunk, y, outputs, -1, true,
                    scratch);
              });
      System.out.printf(
          "%4d to %4d, %2d rows, %3.0f %% open: all %8.2f us, skipping %8.2f us, ratio %.2f%n",
          inputs, outputs, rows, 100 * open, dense / 1e3, sparse / 1e3, (double) dense / sparse);
    }
  }

  /** The best time of one run. */
  private static long best(Runnable run) {
    long best = Long.MAX_VALUE;
    long until = System.nanoTime() + 400_000_000L;
    while (System.nanoTime() < until) {
      long start = System.nanoTime();
      for (int i = 0; i < 20; i++) {
        run.run();
      }
      best = Math.min(best, (System.nanoTime() - start) / 20);
    }
    return best;
  }
}
