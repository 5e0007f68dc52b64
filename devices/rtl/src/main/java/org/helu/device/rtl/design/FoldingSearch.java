package org.helu.device.rtl.design;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.helu.device.rtl.design.Folding.Fold;
import org.helu.runtime.HeluException;

/** Chooses foldings. */
public final class FoldingSearch {
  private static final String STAGE = "rtl/fold";
  private static final int SAMPLES = 5;
  private static final int TRIES = 12;

  private FoldingSearch() {}

  /**
   * A folding that reaches a rate.
   *
   * @param design of that folding
   * @param clocks counted
   * @param resources estimated
   */
  public record Found(Design design, ClockModel.Clocks clocks, Resources resources) {}

  /**
   * The folding with the fewest multipliers whose every layer takes at most {@code clocks} for a
   * sample; layers that cannot are folded as little as they can be.
   */
  public static Folding within(Network network, long clocks) {
    List<Fold> folds = new ArrayList<>();
    for (Layer layer : network.layers()) {
      folds.add(
          best(layer, clocks, fold -> 8.0 * fold.pe() * fold.simd() + fold.pe() + fold.simd()));
    }
    return new Folding(folds);
  }

  /**
   * The smallest folding that takes a sample every {@code clocks} or less, and fits.
   *
   * @throws HeluException saying which layer is too slow, or what the part lacks
   */
  public static Found forPart(Network network, long clocks, Part part) {
    for (int i = 0; i < network.layers().size(); i++) {
      Layer layer = network.layers().get(i);
      long fewest =
          candidates(layer).stream().mapToLong(fold -> Cycles.of(layer, fold)).min().orElseThrow();
      if (fewest > clocks) {
        throw HeluException.unsupported(
            STAGE,
            layer.node().label()
                + " takes "
                + fewest
                + " clocks a sample unfolded, the rate allows "
                + clocks,
            "lower --target-fps or raise --clock");
      }
    }
    long aim = clocks;
    Found found = null;
    for (int i = 0; i < TRIES; i++) {
      Design design = DesignBuilder.build(network, smallest(network, aim, part));
      ClockModel.Clocks counted = ClockModel.run(design, SAMPLES);
      found = new Found(design, counted, Estimate.of(design, part));
      if (counted.interval() <= clocks) {
        break;
      }
      // Layers wait for each other's rows: aim lower.
      aim = Math.max(1, aim * 7 / 8);
    }
    if (found.clocks().interval() > clocks) {
      throw HeluException.unsupported(
          STAGE,
          "the best folding found takes "
              + found.clocks().interval()
              + " clocks a sample, the rate allows "
              + clocks,
          "lower --target-fps or raise --clock");
    }
    requireFits(
        found.resources(), "the smallest folding found for " + clocks + " clocks a sample", part);
    return found;
  }

  /**
   * Checks the estimate of a design against a part, before anybody waits for synthesis.
   *
   * @param beside what else the part must hold
   * @throws HeluException saying what the part lacks
   */
  public static void requireFits(Design design, Resources beside, Part part) {
    Resources estimate = Estimate.of(design, part).plus(beside);
    requireFits(estimate, "folding " + design.folding(), part);
  }

  private static void requireFits(Resources estimate, String what, Part part) {
    if (!estimate.fits(part.capacity())) {
      throw HeluException.unsupported(
          STAGE,
          what + " takes an estimated " + estimate + ", " + part.id() + " has " + part.capacity(),
          "lower --target-fps, choose a larger --part, or train a smaller network");
    }
  }

  private static Folding smallest(Network network, long clocks, Part part) {
    List<Fold> folds = new ArrayList<>();
    for (Layer layer : network.layers()) {
      LayerEstimate estimate = new LayerEstimate(layer, part);
      folds.add(best(layer, clocks, fold -> estimate.of(fold).share(part.capacity())));
    }
    return new Folding(folds);
  }

  private static Fold best(Layer layer, long clocks, ToDoubleFunction<Fold> cost) {
    Fold best = null;
    double bestCost = Double.MAX_VALUE;
    long bestClocks = Long.MAX_VALUE;
    for (Fold fold : candidates(layer)) {
      long taken = Math.max(clocks, Cycles.of(layer, fold));
      if (taken > bestClocks) {
        continue;
      }
      double found = cost.applyAsDouble(fold);
      if (taken < bestClocks || found < bestCost) {
        best = fold;
        bestClocks = taken;
        bestCost = found;
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
