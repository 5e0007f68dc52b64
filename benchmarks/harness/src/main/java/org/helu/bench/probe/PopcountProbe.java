package org.helu.bench.probe;

import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * XOR, population count and add: each bit is one multiply and one add of a binary dot product, so a
 * vector of b bits is 2b operations. Operands come from the first-level cache, four sums from each,
 * as in a kernel that keeps a block of sums in registers.
 */
final class PopcountProbe extends Probe {
  private static final VectorSpecies<Long> SPECIES = LongVector.SPECIES_PREFERRED;
  private static final int SUMS = 4;

  /** 8 KiB; a power of two. */
  private static final int WORDS = 1024;

  private final long[] words = new long[WORDS];

  PopcountProbe() {
    for (int i = 0; i < WORDS; i++) {
      words[i] = 0x9e3779b97f4a7c15L * (i + 1);
    }
  }

  @Override
  double perIteration() {
    return 2.0 * SUMS * SPECIES.vectorBitSize() * (WORDS / SPECIES.length());
  }

  @Override
  double run(long iterations) {
    LongVector sum = LongVector.zero(SPECIES);
    for (long n = 0; n < iterations; n++) {
      sum = sum.add(walk());
    }
    return sum.reduceLanes(VectorOperators.ADD);
  }

  private LongVector walk() {
    LongVector w = LongVector.broadcast(SPECIES, 0x5a5aa5a50f0ff0f0L);
    LongVector x = LongVector.broadcast(SPECIES, 0x00ff00ff00ff00ffL);
    LongVector y = LongVector.broadcast(SPECIES, 0x3333333333333333L);
    LongVector z = LongVector.broadcast(SPECIES, 0x0123456789abcdefL);
    LongVector a = LongVector.zero(SPECIES);
    LongVector b = a;
    LongVector c = a;
    LongVector d = a;
    for (int i = 0; i < WORDS; i += SPECIES.length()) {
      LongVector v = LongVector.fromArray(SPECIES, words, i);
      a = a.add(v.lanewise(VectorOperators.XOR, w).lanewise(VectorOperators.BIT_COUNT));
      b = b.add(v.lanewise(VectorOperators.XOR, x).lanewise(VectorOperators.BIT_COUNT));
      c = c.add(v.lanewise(VectorOperators.XOR, y).lanewise(VectorOperators.BIT_COUNT));
      d = d.add(v.lanewise(VectorOperators.XOR, z).lanewise(VectorOperators.BIT_COUNT));
    }
    return a.add(b).add(c.add(d));
  }
}
