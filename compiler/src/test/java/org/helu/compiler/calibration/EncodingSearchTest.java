package org.helu.compiler.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EncodingSearchTest {
  private static final Set<LayerEncoding> ALL = Set.of(LayerEncoding.values());

  private static final List<FloatLayer> LAYERS = FloatLayer.of(TinyTask.graph());

  /** Drops that add up; each encoding of each layer loses a seeded amount. */
  private static double additive(List<LayerEncoding> encodings, double[][] lost) {
    double sum = 0;
    for (int i = 0; i < encodings.size(); i++) {
      sum += lost[i][encodings.get(i).ordinal()];
    }
    return sum;
  }

  private static EncodingSearch search(double[][] lost) {
    return new EncodingSearch(
        LAYERS,
        List.of(ALL, ALL, ALL),
        CostModel.bitOperations(),
        encodings -> new Loss(additive(encodings, lost), 0),
        Progress.NONE);
  }

  @Test
  void findsTheCheapestWithinTheBudget() {
    SplittableRandom random = new SplittableRandom(5);
    int optimal = 0;
    int rounds = 200;
    for (int round = 0; round < rounds; round++) {
      double[][] lost = new double[3][];
      for (int i = 0; i < 3; i++) {
        lost[i] = new double[LayerEncoding.values().length];
        for (int e = 1; e < lost[i].length; e++) {
          lost[i][e] = lost[i][e - 1] + 0.01 * random.nextDouble();
        }
      }
      double budget = 0.03 * random.nextDouble();
      EncodingSearch search = search(lost);
      List<LayerEncoding> found = search.within(budget);
      assertTrue(additive(found, lost) <= budget, "seed 5, round " + round);
      assertEquals(found, search(lost).within(budget), "deterministic");
      double best = Double.POSITIVE_INFINITY;
      for (List<LayerEncoding> all : product()) {
        if (additive(all, lost) <= budget) {
          best = Math.min(best, search.cost(all));
        }
      }
      optimal += search.cost(found) <= 1.05 * best ? 1 : 0;
    }
    // Greedy with backtracking is no exhaustive search; it must be near one on a small problem.
    assertTrue(optimal >= 0.9 * rounds, "seed 5: optimal in " + optimal + " of " + rounds);
  }

  private static List<List<LayerEncoding>> product() {
    List<List<LayerEncoding>> all = new ArrayList<>();
    for (LayerEncoding a : LayerEncoding.values()) {
      for (LayerEncoding b : LayerEncoding.values()) {
        for (LayerEncoding c : LayerEncoding.values()) {
          all.add(List.of(a, b, c));
        }
      }
    }
    return all;
  }

  @Test
  void nothingFitsMeansExact() {
    double[][] lost = new double[3][LayerEncoding.values().length];
    for (double[] layer : lost) {
      java.util.Arrays.fill(layer, 1, layer.length, 0.5);
    }
    EncodingSearch search = search(lost);
    assertEquals(search.exact(), search.within(0.01));
    assertFalse(search.fitsAlone(0.01));
    assertTrue(search.fitsAlone(0.6));
    SearchReport report = search.report(0.9, search.exact());
    assertEquals(2, report.front().size());
    // One trial a layer beside the exact network: cheaper encodings are hopeless.
    assertEquals(4, report.points().size());
  }

  @Test
  void theFrontHasNoBeatenPoints() {
    double[][] lost = {{0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0.5}, {0, 0.01, 0.02, 0.03, 0.04, 0.05}};
    EncodingSearch search = search(lost);
    List<LayerEncoding> chosen = search.within(0.02);
    assertEquals(LayerEncoding.BIT, chosen.get(0));
    assertEquals(LayerEncoding.PLANES2, chosen.get(1));
    assertEquals(LayerEncoding.PLANES4, chosen.get(2));
    SearchReport report = search.report(0.9, chosen);
    List<SearchReport.Point> front = report.front();
    for (int i = 1; i < front.size(); i++) {
      assertTrue(front.get(i).cost() > front.get(i - 1).cost());
      assertTrue(front.get(i).drop() < front.get(i - 1).drop());
    }
    assertTrue(report.toText().contains("<- chosen"), report.toText());
    assertEquals(front.size(), report.toJson().get("curve").size());
  }

  @Test
  void costsAreFitted() {
    double[][] rows = new double[4][];
    double[][] probes = {{4096, 64}, {262144, 256}, {589824, 4096}, {27648, 8192}};
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new double[] {probes[i][0], probes[i][1], 0.25 * probes[i][0] + 3 * probes[i][1]};
    }
    double[] fit = CostProbe.fit(rows);
    assertEquals(0.25, fit[0], 1e-6);
    assertEquals(3, fit[1], 1e-6);
    // Measured times may pull a coefficient below 0, which no device has.
    double[] clamped = CostProbe.fit(new double[][] {{1000, 10, 100}, {1000, 1000, 90}});
    assertTrue(clamped[0] > 0 && clamped[1] == 0);
  }
}
