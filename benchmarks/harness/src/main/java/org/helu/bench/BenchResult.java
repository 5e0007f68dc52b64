package org.helu.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.helu.bench.probe.Ceilings;

/**
 * All that was measured.
 *
 * @param environment where and when
 * @param energySource what energies were metered by, or why there are none
 * @param rows networks on helu's devices
 * @param baselines networks on competitors
 * @param coldStarts from the start of a JVM to the first answer
 * @param skipped what was asked for and not measured
 * @param ceilings of this machine, for each number of threads
 */
public record BenchResult(
    ObjectNode environment,
    String energySource,
    List<BenchRow> rows,
    List<BenchRow> baselines,
    List<ColdStarts.Result> coldStarts,
    List<Skipped> skipped,
    List<Ceilings> ceilings) {
  /** Raised when a field of the JSON changes its meaning. */
  static final int FORMAT = 1;

  public BenchResult {
    rows = List.copyOf(rows);
    baselines = List.copyOf(baselines);
    coldStarts = List.copyOf(coldStarts);
    skipped = List.copyOf(skipped);
    ceilings = List.copyOf(ceilings);
  }

  /** JSON of docs/bench.md. */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("format", FORMAT);
    ObjectNode where = environment.deepCopy();
    where.put("energySource", energySource);
    json.set("environment", where);
    ArrayNode entries = json.putArray("rows");
    rows.forEach(row -> entries.add(row.toJson()));
    ArrayNode others = json.putArray("baselines");
    baselines.forEach(row -> others.add(row.toJson()));
    ArrayNode starts = json.putArray("coldStarts");
    coldStarts.forEach(entry -> starts.add(entry.toJson()));
    ArrayNode missing = json.putArray("skipped");
    skipped.forEach(entry -> missing.add(entry.toJson()));
    ArrayNode limits = json.putArray("ceilings");
    ceilings.forEach(entry -> limits.add(entry.toJson()));
    return json;
  }
}
