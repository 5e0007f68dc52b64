package org.helu.device.vector;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.tensor.TensorType;

/** Lays packed weights out in one segment: first all places, then, once it exists, all contents. */
final class Weights {
  /** Writes one layer's weights. */
  @FunctionalInterface
  interface Filler {
    void fill(MemorySegment memory);
  }

  private final List<Filler> fillers = new ArrayList<>();
  private long bytes;

  /** Where the next reservation begins. */
  long next() {
    return bytes;
  }

  /** Takes {@code size} bytes from {@link #next()} on. */
  void reserve(long size, Filler filler) {
    bytes = Math.addExact(bytes, TensorType.align(size));
    fillers.add(filler);
  }

  /** Bytes of all weights. */
  long bytes() {
    return bytes;
  }

  /** Writes all weights into zeroed memory. */
  void fill(MemorySegment memory) {
    fillers.forEach(filler -> filler.fill(memory));
  }
}
