package org.helu.compiler.calibration;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Finds the cheapest encodings whose loss, with one standard error added, stays within a budget:
 * first what each layer loses alone, then from the cheapest encodings that fit alone back until
 * they fit together, then greedily forward again, taking one step back where that lets another
 * layer go further. Deterministic.
 */
final class EncodingSearch {
  /** Beyond this, a trial costs time and gains little. */
  private static final int MAX_TRIALS = 400;

  /** Pairs of a step back and a step forward that are tried when no single step fits. */
  private static final int MAX_EXCHANGES = 24;

  /** Encodings cheaper than one that alone loses this much are not tried. */
  private static final double HOPELESS = 0.1;

  private final List<FloatLayer> layers;
  private final List<List<LayerEncoding>> options;
  private final CostModel cost;
  private final Function<List<LayerEncoding>, Loss> loss;
  private final Progress progress;
  private final List<Map<LayerEncoding, Double>> alone = new ArrayList<>();
  private final Map<List<LayerEncoding>, Loss> tried = new HashMap<>();
  private final List<SearchReport.Point> points = new ArrayList<>();

  /**
   * @param options per layer
   * @param loss accuracy that encodings lose
   */
  EncodingSearch(
      List<FloatLayer> layers,
      List<? extends Set<LayerEncoding>> options,
      CostModel cost,
      Function<List<LayerEncoding>, Loss> loss,
      Progress progress) {
    this.layers = layers;
    this.options = options.stream().<List<LayerEncoding>>map(List::copyOf).toList();
    this.cost = cost;
    this.loss = loss;
    this.progress = progress;
  }

  /** All layers as they are. */
  List<LayerEncoding> exact() {
    return Collections.nCopies(layers.size(), LayerEncoding.EXACT);
  }

  /** What each layer loses alone, by encoding. */
  List<Map<LayerEncoding, Double>> sensitivity() {
    if (alone.isEmpty()) {
      trial(exact());
      for (int i = 0; i < layers.size(); i++) {
        Map<LayerEncoding, Double> drops = new EnumMap<>(LayerEncoding.class);
        for (LayerEncoding encoding : ordered(options.get(i))) {
          double lost = trial(with(exact(), i, encoding)).drop();
          drops.put(encoding, lost);
          if (lost > HOPELESS) {
            break;
          }
        }
        alone.add(drops);
        progress.step("sensitivity of layers", i + 1, layers.size());
      }
    }
    return alone;
  }

  private static List<LayerEncoding> ordered(List<LayerEncoding> encodings) {
    return encodings.stream().filter(e -> !e.isExact()).sorted().toList();
  }

  /** Whether some layer alone can be encoded and lose at most {@code budget}. */
  boolean fitsAlone(double budget) {
    List<Map<LayerEncoding, Double>> drops = sensitivity();
    for (int i = 0; i < layers.size(); i++) {
      for (LayerEncoding encoding : drops.get(i).keySet()) {
        if (trial(with(exact(), i, encoding)).bound() <= budget) {
          return true;
        }
      }
    }
    return false;
  }

  /** The cheapest encodings found whose loss is at most {@code budget}. */
  List<LayerEncoding> within(double budget) {
    sensitivity();
    List<LayerEncoding> current = exact();
    for (int i = 0; i < layers.size(); i++) {
      for (LayerEncoding encoding : alone.get(i).keySet()) {
        boolean cheaper = cost(i, encoding) < cost(i, current.get(i));
        if (cheaper && trial(with(exact(), i, encoding)).bound() <= budget) {
          current = with(current, i, encoding);
        }
      }
    }
    while (trial(current).bound() > budget && !current.equals(exact()) && !exhausted()) {
      current = backOff(current);
    }
    if (trial(current).bound() > budget) {
      current = exact();
    }
    List<LayerEncoding> better = forward(current, budget);
    while (better != null) {
      current = better;
      better = forward(current, budget);
    }
    return current;
  }

  /** The layer goes one step back that loses the most accuracy for what it saves. */
  private List<LayerEncoding> backOff(List<LayerEncoding> current) {
    List<LayerEncoding> best = null;
    double bestRatio = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < layers.size(); i++) {
      for (LayerEncoding encoding : moreExact(i, current.get(i))) {
        double recovered = lostAlone(i, current.get(i)) - lostAlone(i, encoding);
        double paid = cost(i, encoding) - cost(i, current.get(i));
        // A layer that loses nothing alone may lose with others: still worth what it costs least.
        double ratio = (Math.max(recovered, 0) + 1e-4) / Math.max(paid, 1e-12);
        if (ratio > bestRatio) {
          bestRatio = ratio;
          best = with(current, i, encoding);
        }
      }
    }
    return best == null ? exact() : best;
  }

  private List<LayerEncoding> moreExact(int layer, LayerEncoding from) {
    List<LayerEncoding> list = new ArrayList<>();
    for (LayerEncoding encoding : options.get(layer)) {
      boolean known = encoding.isExact() || alone.get(layer).containsKey(encoding);
      if (known && encoding.compareTo(from) < 0) {
        list.add(encoding);
      }
    }
    return list;
  }

  private record Step(List<LayerEncoding> encodings, double saved, double lost) {
    double merit() {
      return saved / (Math.max(lost, 0) + 1e-4);
    }
  }

  /** A cheaper neighbour within the budget, or null. */
  private List<LayerEncoding> forward(List<LayerEncoding> current, double budget) {
    List<Step> single = steps(current);
    for (Step step : single) {
      if (exhausted()) {
        return null;
      }
      if (trial(step.encodings).bound() <= budget) {
        return step.encodings;
      }
    }
    // Backtracking: give one layer back what another then can use better.
    List<Step> exchanges = new ArrayList<>();
    double now = cost(current);
    for (int i = 0; i < layers.size(); i++) {
      for (LayerEncoding encoding : moreExact(i, current.get(i))) {
        for (Step step : steps(with(current, i, encoding))) {
          double saved = now - cost(step.encodings);
          if (saved > 0) {
            exchanges.add(new Step(step.encodings, saved, predicted(step.encodings)));
          }
        }
      }
    }
    exchanges.sort((a, b) -> Double.compare(b.merit(), a.merit()));
    for (Step step : exchanges.subList(0, Math.min(MAX_EXCHANGES, exchanges.size()))) {
      if (exhausted()) {
        return null;
      }
      if (trial(step.encodings).bound() <= budget) {
        return step.encodings;
      }
    }
    return null;
  }

  /** Single cheaper steps, the most promising first. */
  private List<Step> steps(List<LayerEncoding> current) {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      for (LayerEncoding encoding : alone.get(i).keySet()) {
        double saved = cost(i, current.get(i)) - cost(i, encoding);
        if (saved > 0) {
          double lost = lostAlone(i, encoding) - lostAlone(i, current.get(i));
          steps.add(new Step(with(current, i, encoding), saved, lost));
        }
      }
    }
    steps.sort((a, b) -> Double.compare(b.merit(), a.merit()));
    return steps;
  }

  private double predicted(List<LayerEncoding> encodings) {
    double sum = 0;
    for (int i = 0; i < layers.size(); i++) {
      sum += Math.max(0, lostAlone(i, encodings.get(i)));
    }
    return sum;
  }

  private double lostAlone(int layer, LayerEncoding encoding) {
    return encoding.isExact() ? 0 : alone.get(layer).getOrDefault(encoding, 1.0);
  }

  private double cost(int layer, LayerEncoding encoding) {
    return cost.cost(layers.get(layer), encoding);
  }

  double cost(List<LayerEncoding> encodings) {
    double sum = 0;
    for (int i = 0; i < layers.size(); i++) {
      sum += cost(i, encodings.get(i));
    }
    return sum;
  }

  private boolean exhausted() {
    return tried.size() >= MAX_TRIALS;
  }

  /** What {@code encodings} lose, measured once. */
  Loss trial(List<LayerEncoding> encodings) {
    Loss known = tried.get(encodings);
    if (known == null) {
      known = loss.apply(encodings);
      tried.put(List.copyOf(encodings), known);
      points.add(point(encodings, known));
      progress.step("search", tried.size(), -1);
    }
    return known;
  }

  SearchReport report(double referenceAccuracy, List<LayerEncoding> chosen) {
    Loss lost = trial(chosen);
    List<SearchReport.LayerRow> rows = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      FloatLayer layer = layers.get(i);
      Map<LayerEncoding, Double> drops = alone.isEmpty() ? Map.of() : alone.get(i);
      rows.add(new SearchReport.LayerRow(layer.name(), chosen.get(i), layer.macs(), drops));
    }
    return new SearchReport(cost, referenceAccuracy, rows, points, point(chosen, lost));
  }

  private SearchReport.Point point(List<LayerEncoding> encodings, Loss lost) {
    return new SearchReport.Point(
        cost(encodings), lost.drop(), lost.error(), List.copyOf(encodings));
  }

  private static List<LayerEncoding> with(
      List<LayerEncoding> encodings, int layer, LayerEncoding encoding) {
    List<LayerEncoding> changed = new ArrayList<>(encodings);
    changed.set(layer, encoding);
    return changed;
  }
}
