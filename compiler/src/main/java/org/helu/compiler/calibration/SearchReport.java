package org.helu.compiler.calibration;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How encodings were chosen. Drops are fractions of samples, of the search half unless said.
 *
 * @param cost the model by which graphs were compared
 * @param referenceAccuracy of the float network on the search half
 * @param layers the layers with what each encoding alone costs
 * @param points every graph that was tried, in order
 * @param chosen the one that was taken
 */
public record SearchReport(
    CostModel cost,
    double referenceAccuracy,
    List<LayerRow> layers,
    List<Point> points,
    Point chosen) {

  public SearchReport {
    layers = List.copyOf(layers);
    points = List.copyOf(points);
  }

  /**
   * A layer.
   *
   * @param drops what changing this layer alone loses, by encoding; encodings that were not tried
   *     because a more exact one loses too much are missing
   */
  public record LayerRow(
      String node, LayerEncoding chosen, long macs, Map<LayerEncoding, Double> drops) {}

  /**
   * A graph that was tried.
   *
   * @param cost of its layers, in the cost model's unit
   * @param error standard error of the drop
   */
  public record Point(double cost, double drop, double error, List<LayerEncoding> encodings) {}

  /** Points that no other beats in both cost and drop, the cheapest first. */
  public List<Point> front() {
    List<Point> sorted = new ArrayList<>(points);
    sorted.sort(Comparator.comparingDouble(Point::cost).thenComparingDouble(Point::drop));
    List<Point> front = new ArrayList<>();
    double least = Double.POSITIVE_INFINITY;
    for (Point point : sorted) {
      if (point.drop() < least) {
        least = point.drop();
        front.add(point);
      }
    }
    return front;
  }

  /** Cost of the float network. */
  public double floatCost() {
    return points.stream()
        .filter(point -> point.encodings().stream().allMatch(LayerEncoding::isExact))
        .mapToDouble(Point::cost)
        .findFirst()
        .orElse(Double.NaN);
  }

  /** For reading. */
  public String toText() {
    StringBuilder text = new StringBuilder();
    text.append("what each layer loses alone, in points (chosen encoding in brackets)\n");
    for (LayerRow row : layers) {
      text.append(String.format(Locale.ROOT, "  %-28s", row.node()));
      row.drops()
          .forEach(
              (encoding, drop) -> {
                boolean chosenHere = encoding == row.chosen();
                String cell = String.format(Locale.ROOT, "%s %.2f", encoding.label(), 100 * drop);
                text.append(
                    String.format(Locale.ROOT, " %-13s", chosenHere ? "[" + cell + "]" : cell));
              });
      text.append(row.chosen().isExact() ? " [f32]" : "").append('\n');
    }
    text.append("\naccuracy and cost (").append(cost.unit()).append("), the best graphs of ");
    text.append(points.size()).append(" tried\n");
    double whole = floatCost();
    for (Point point : front()) {
      text.append(
          String.format(
              Locale.ROOT,
              "  %14.4g %7.2f %%  drop %6.2f +- %.2f points  %s%s%n",
              point.cost(),
              100 * point.cost() / whole,
              100 * point.drop(),
              100 * point.error(),
              describe(point.encodings()),
              point.equals(chosen) ? "  <- chosen" : ""));
    }
    text.append("cost model: ").append(cost.describe()).append('\n');
    return text.toString().replace(System.lineSeparator(), "\n");
  }

  private static String describe(List<LayerEncoding> encodings) {
    StringBuilder text = new StringBuilder();
    encodings.forEach(e -> text.append(text.isEmpty() ? "" : " ").append(e.label()));
    return text.toString();
  }

  /** For programs. */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("costUnit", cost.unit()).put("costModel", cost.describe());
    json.put("referenceAccuracy", referenceAccuracy);
    ArrayNode rows = json.putArray("sensitivity");
    for (LayerRow row : layers) {
      ObjectNode entry =
          rows.addObject().put("node", row.node()).put("chosen", row.chosen().label());
      entry.put("macs", row.macs());
      ObjectNode drops = entry.putObject("drops");
      row.drops().forEach((encoding, drop) -> drops.put(encoding.label(), drop));
    }
    ArrayNode curve = json.putArray("curve");
    front().forEach(point -> curve.add(point(point)));
    json.set("chosen", point(chosen));
    return json.put("tried", points.size());
  }

  private static ObjectNode point(Point point) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("cost", point.cost()).put("drop", point.drop());
    json.put("standardError", point.error());
    ArrayNode encodings = json.putArray("encodings");
    point.encodings().forEach(e -> encodings.add(e.label()));
    return json;
  }
}
