package org.helu.bench.probe;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Reads a block of memory from end to end, as a layer reads its weights. */
final class ReadProbe extends Probe {
  private static final VectorSpecies<Long> SPECIES = LongVector.SPECIES_PREFERRED;
  private static final int STEPS = 4;

  private final MemorySegment memory;
  private final long bytesPerIteration;

  /** Bytes that one iteration reads; the block is walked through by several. */
  private long position;

  ReadProbe(long blockBytes) {
    this.memory = Arena.ofAuto().allocate(blockBytes, 64);
    memory.fill((byte) 1);
    this.bytesPerIteration = Math.min(blockBytes, 1 << 14);
  }

  @Override
  double perIteration() {
    return bytesPerIteration;
  }

  @Override
  double run(long iterations) {
    LongVector a = LongVector.zero(SPECIES);
    LongVector b = a;
    LongVector c = a;
    LongVector d = a;
    int width = SPECIES.vectorByteSize();
    ByteOrder order = ByteOrder.nativeOrder();
    for (long n = 0; n < iterations; n++) {
      long end = position + bytesPerIteration;
      for (long at = position; at < end; at += (long) STEPS * width) {
        a = a.or(LongVector.fromMemorySegment(SPECIES, memory, at, order));
        b = b.or(LongVector.fromMemorySegment(SPECIES, memory, at + width, order));
        c = c.or(LongVector.fromMemorySegment(SPECIES, memory, at + 2L * width, order));
        d = d.or(LongVector.fromMemorySegment(SPECIES, memory, at + 3L * width, order));
      }
      position = end == memory.byteSize() ? 0 : end;
    }
    return a.or(b).or(c).or(d).reduceLanes(VectorOperators.OR);
  }
}
