package org.helu.bench;

import java.util.List;
import org.helu.compiler.Mode;
import org.helu.runtime.HeluException;

/**
 * What is measured and how.
 *
 * @param modes how .onnx files are lowered, one after the other; empty takes every mode that needs
 *     nothing but what is there
 * @param devices names, see {@link org.helu.runtime.device.Devices#open}; {@code all} is every
 *     available one but the scalar reference
 * @param batches samples of a run
 * @param threads threads of a run
 * @param against name of a competitor, or null
 * @param effort how long to measure
 * @param images test images that give a sample's accuracy; 0 leaves it out
 * @param coldStarts processes whose time from start to first answer is measured; 0 leaves it out
 * @param layers whether the time of every layer is measured
 * @param ceilings whether the machine's ceilings are measured
 */
public record BenchOptions(
    List<Mode> modes,
    List<String> devices,
    List<Integer> batches,
    List<Integer> threads,
    String against,
    Effort effort,
    int images,
    int coldStarts,
    boolean layers,
    boolean ceilings) {
  /** Every available device but the scalar reference. */
  public static final String ALL = "all";

  private static final int MAX_THREADS = 1024;
  private static final int MAX_BATCH = 1 << 16;
  private static final int MAX_COLD_STARTS = 100;

  public BenchOptions {
    modes = List.copyOf(modes);
    devices = List.copyOf(devices);
    batches = List.copyOf(batches);
    threads = List.copyOf(threads);
    require(!devices.isEmpty(), "a device", "none");
    requireAll(batches, MAX_BATCH, "batches");
    requireAll(threads, MAX_THREADS, "threads");
    require(
        coldStarts >= 0 && coldStarts <= MAX_COLD_STARTS,
        "cold starts in 0.." + MAX_COLD_STARTS,
        Integer.toString(coldStarts));
    require(images >= 0, "images of at least 0", Integer.toString(images));
  }

  private static void requireAll(List<Integer> values, int max, String what) {
    boolean fits = !values.isEmpty() && values.stream().allMatch(v -> v >= 1 && v <= max);
    require(fits, what + " in 1.." + max, values.toString());
  }

  private static void require(boolean condition, String expected, String found) {
    if (!condition) {
      throw HeluException.invalid(Benchmark.STAGE, "expected " + expected + ", found " + found, "");
    }
  }
}
