package org.helu.device.rtl.design;

import java.util.ArrayList;
import java.util.List;
import org.helu.device.rtl.design.Folding.Fold;

/** Chooses foldings. */
public final class FoldingSearch {
  private FoldingSearch() {}

  /**
   * The folding with the fewest multipliers whose every layer takes at most {@code clocks} for a
   * sample; layers that cannot are folded as little as they can be.
   */
  public static Folding within(Network network, long clocks) {
    List<Fold> folds = new ArrayList<>();
    for (Layer layer : network.layers()) {
      folds.add(within(layer, clocks));
    }
    return new Folding(folds);
  }

  private static Fold within(Layer layer, long clocks) {
    Fold best = null;
    long bestCost = Long.MAX_VALUE;
    long bestClocks = Long.MAX_VALUE;
    for (Fold fold : candidates(layer)) {
      long taken = Math.max(clocks, Cycles.of(layer, fold));
      long cost = (long) fold.pe() * fold.simd() * 8 + fold.pe() + fold.simd();
      if (taken < bestClocks || (taken == bestClocks && cost < bestCost)) {
        best = fold;
        bestClocks = taken;
        bestCost = cost;
      }
    }
    return best;
  }

  /** All foldings of a layer that divide. */
  static List<Fold> candidates(Layer layer) {
    List<Fold> folds = new ArrayList<>();
    switch (layer) {
      case Layer.Matrix matrix -> {
        for (int pe : Folding.divisors(matrix.out().channels())) {
          for (int simd : Folding.divisors(matrix.in().channels())) {
            folds.add(new Fold(pe, simd));
          }
        }
      }
      case Layer.Pool pool ->
          Folding.divisors(pool.in().channels()).forEach(lanes -> folds.add(new Fold(1, lanes)));
      case Layer.Scale scale ->
          Folding.divisors(scale.out().channels()).forEach(lanes -> folds.add(new Fold(lanes, 1)));
    }
    return folds;
  }
}
