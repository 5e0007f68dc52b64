package org.helu.bench.probe;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * What this machine was measured to do at most, with plain Vector API loops on {@code threads}
 * threads. On a busy machine the figures are too low.
 *
 * @param floatOpsPerSecond float32 multiplies and adds, two to a fused multiply-add; where Java has
 *     to emulate that, of separate ones
 * @param bitOpsPerSecond multiplies and adds of a binary dot product, two to a bit of an XOR with
 *     population count
 * @param memoryBytesPerSecond read from memory beyond the caches
 * @param cacheBytesPerSecond read from a block of 256 KiB a thread
 */
public record Ceilings(
    int threads,
    double floatOpsPerSecond,
    double bitOpsPerSecond,
    double memoryBytesPerSecond,
    double cacheBytesPerSecond) {
  private static final long CACHE_BLOCK_BYTES = 1 << 18;

  /** More than the last-level cache that a few cores of a large server can claim. */
  private static final long MEMORY_BLOCK_BYTES = 1 << 28;

  /** The blocks of all threads take no more of the machine's memory than this part. */
  private static final int MEMORY_FRACTION = 8;

  private static final long BLOCK_GRAIN = 1 << 20;

  /** Measures; takes about two seconds. */
  public static Ceilings measure(int threads) {
    long physical =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    long share = physical / MEMORY_FRACTION / threads / BLOCK_GRAIN * BLOCK_GRAIN;
    long block = Math.clamp(share, BLOCK_GRAIN, MEMORY_BLOCK_BYTES);
    return new Ceilings(
        threads,
        Math.max(
            Probe.perSecond(threads, FmaProbe::new),
            Probe.perSecond(threads, MultiplyAddProbe::new)),
        Probe.perSecond(threads, PopcountProbe::new),
        Probe.perSecond(threads, () -> new ReadProbe(block)),
        Probe.perSecond(threads, () -> new ReadProbe(CACHE_BLOCK_BYTES)));
  }

  /** JSON of docs/bench.md. */
  public ObjectNode toJson() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("threads", threads)
        .put("floatOpsPerSecond", floatOpsPerSecond)
        .put("bitOpsPerSecond", bitOpsPerSecond)
        .put("memoryBytesPerSecond", memoryBytesPerSecond)
        .put("cacheBytesPerSecond", cacheBytesPerSecond);
  }
}
