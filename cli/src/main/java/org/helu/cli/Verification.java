package org.helu.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.List;

/**
 * The result of {@code helu verify}.
 *
 * @param checks one per reference
 * @param accuracy fraction of samples whose label the device finds, null without labels
 * @param referenceAccuracy likewise of the executed model, null without labels or model
 * @param layers the values that could be compared, empty if none were
 * @param showLayers whether all layers are printed, not just the first that diverges
 * @param repetition whether repeated calls gave the same bytes, null if that was not asked for
 */
record Verification(
    String model,
    String device,
    int samples,
    double tolerance,
    List<Check> checks,
    Double accuracy,
    Double referenceAccuracy,
    List<LayerComparison.Row> layers,
    boolean showLayers,
    Repetition repetition) {

  /** Outputs beside one reference. */
  record Check(String reference, Comparison comparison) {}

  boolean passes() {
    boolean repeats = repetition == null || repetition.passes();
    // A float layer may be off where the outputs still agree; an integer layer may not.
    boolean alone = checks.isEmpty();
    return repeats
        && checks.stream().allMatch(check -> check.comparison().passes(tolerance))
        && layers.stream().allMatch(row -> !row.exact() && !alone || row.passes(tolerance));
  }

  /** The first layer beyond the tolerance, or null. */
  LayerComparison.Row firstDiverging() {
    return layers.stream().filter(row -> !row.passes(tolerance)).findFirst().orElse(null);
  }

  void print(PrintWriter out) {
    TextTable table =
        new TextTable("reference", ">samples", ">top-1 agreement", ">max |diff|", ">allowed", "");
    for (Check check : checks) {
      Comparison comparison = check.comparison();
      table.row(
          check.reference(),
          Integer.toString(comparison.samples()),
          Units.percent(comparison.top1Agreement()),
          Units.delta(comparison.maxAbsDiff()),
          Units.delta(comparison.bound(tolerance)),
          comparison.passes(tolerance) ? "pass" : "FAIL");
    }
    if (!checks.isEmpty()) {
      table.print(out);
    }
    if (repetition != null) {
      out.println(repetition.line());
    }
    if (accuracy != null) {
      String other = referenceAccuracy == null ? "" : ", model " + Units.percent(referenceAccuracy);
      out.println("accuracy: " + device + " " + Units.percent(accuracy) + other);
    }
    if (showLayers && !layers.isEmpty()) {
      out.println();
      TextTable rows = new TextTable("layer", "value", ">max |diff|", ">largest", "must be", "");
      for (LayerComparison.Row row : layers) {
        rows.row(
            row.node(),
            row.value(),
            magnitude(row, row.maxAbsDiff()),
            magnitude(row, row.maxAbsReference()),
            row.exact() ? "equal" : "near",
            row.passes(tolerance) ? "" : "DIVERGES");
      }
      rows.print(out);
    }
    LayerComparison.Row first = firstDiverging();
    if (first != null) {
      out.println(
          "first diverging layer: "
              + first.node()
              + ", value '"
              + first.value()
              + "', max |diff| "
              + Units.delta(first.maxAbsDiff()));
    } else if (!layers.isEmpty()) {
      out.println("no layer diverges (" + layers.size() + " values compared)");
    }
  }

  private static String magnitude(LayerComparison.Row row, double value) {
    return row.exact() ? Long.toString((long) value) : Units.delta(value);
  }

  ObjectNode toJson() {
    ObjectNode json = Json.object();
    json.put("model", model).put("device", device).put("samples", samples);
    json.put("tolerance", tolerance).put("pass", passes());
    ArrayNode entries = json.putArray("checks");
    for (Check check : checks) {
      Comparison comparison = check.comparison();
      entries
          .addObject()
          .put("reference", check.reference())
          .put("samples", comparison.samples())
          .put("top1Agreement", comparison.top1Agreement())
          .put("maxAbsLogitDiff", comparison.maxAbsDiff())
          .put("allowed", comparison.bound(tolerance))
          .put("pass", comparison.passes(tolerance));
    }
    if (accuracy != null) {
      json.put("accuracy", accuracy);
    }
    if (referenceAccuracy != null) {
      json.put("referenceAccuracy", referenceAccuracy);
    }
    if (repetition != null) {
      json.set("repeat", repetition.toJson());
    }
    LayerComparison.Row first = firstDiverging();
    json.set("firstDivergingLayer", first == null ? null : first.toJson());
    ArrayNode rows = json.putArray("layers");
    if (showLayers) {
      layers.forEach(row -> rows.add(row.toJson()));
    }
    return json;
  }
}
