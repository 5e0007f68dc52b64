package org.helu.bench.probe;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** As {@link FmaProbe}, in two instructions: the most where a processor has no fused one. */
final class MultiplyAddProbe extends Probe {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int CHAINS = 10;

  @Override
  double perIteration() {
    return 2.0 * CHAINS * SPECIES.length();
  }

  @Override
  double run(long iterations) {
    FloatVector x = FloatVector.broadcast(SPECIES, 0.999f);
    FloatVector y = FloatVector.broadcast(SPECIES, 0.001f);
    FloatVector a = y;
    FloatVector b = y;
    FloatVector c = y;
    FloatVector d = y;
    FloatVector e = y;
    FloatVector f = y;
    FloatVector g = y;
    FloatVector h = y;
    FloatVector i = y;
    FloatVector j = y;
    for (long n = 0; n < iterations; n++) {
      a = a.mul(x).add(y);
      b = b.mul(x).add(y);
      c = c.mul(x).add(y);
      d = d.mul(x).add(y);
      e = e.mul(x).add(y);
      f = f.mul(x).add(y);
      g = g.mul(x).add(y);
      h = h.mul(x).add(y);
      i = i.mul(x).add(y);
      j = j.mul(x).add(y);
    }
    FloatVector low = a.add(b).add(c).add(d).add(e);
    return low.add(f).add(g).add(h).add(i).add(j).reduceLanes(VectorOperators.ADD);
  }
}
