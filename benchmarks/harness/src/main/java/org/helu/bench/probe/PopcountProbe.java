package org.helu.bench.probe;

import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * XOR, population count and add on registers: each bit is one multiply and one add of a binary dot
 * product, so a vector of b bits is 2b operations.
 */
final class PopcountProbe extends Probe {
  private static final VectorSpecies<Long> SPECIES = LongVector.SPECIES_PREFERRED;
  private static final int CHAINS = 8;

  @Override
  double perIteration() {
    return 2.0 * CHAINS * SPECIES.vectorBitSize();
  }

  @Override
  double run(long iterations) {
    LongVector x = LongVector.broadcast(SPECIES, 0x5a5aa5a50f0ff0f0L);
    LongVector a = LongVector.zero(SPECIES);
    LongVector b = x.not();
    LongVector c = a;
    LongVector d = b;
    LongVector e = a;
    LongVector f = b;
    LongVector g = a;
    LongVector h = b;
    for (long n = 0; n < iterations; n++) {
      // The sums are the operands, so that no step can be computed ahead of the loop.
      a = a.add(a.lanewise(VectorOperators.XOR, x).lanewise(VectorOperators.BIT_COUNT));
      b = b.add(b.lanewise(VectorOperators.XOR, x).lanewise(VectorOperators.BIT_COUNT));
      c = c.add(c.lanewise(VectorOperators.XOR, x).lanewise(VectorOperators.BIT_COUNT));
      d = d.add(d.lanewise(VectorOperators.XOR, x).lanewise(VectorOperators.BIT_COUNT));
      e = e.add(e.lanewise(VectorOperators.XOR, x).lanewise(VectorOperators.BIT_COUNT));
      f = f.add(f.lanewise(VectorOperators.XOR, x).lanewise(VectorOperators.BIT_COUNT));
      g = g.add(g.lanewise(VectorOperators.XOR, x).lanewise(VectorOperators.BIT_COUNT));
      h = h.add(h.lanewise(VectorOperators.XOR, x).lanewise(VectorOperators.BIT_COUNT));
    }
    LongVector low = a.add(b).add(c).add(d);
    return low.add(e).add(f).add(g).add(h).reduceLanes(VectorOperators.ADD);
  }
}
