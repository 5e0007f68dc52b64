package org.helu.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.AtomicFile;

/**
 * Two results of {@code bench --json}, row by row.
 *
 * @param rows rows that both have
 * @param onlyOld labels of rows that only the old one has
 * @param onlyNew labels of rows that only the new one has
 * @param warnings why the ratios may not mean what they seem to
 */
public record BenchComparison(
    List<Ratio> rows, List<String> onlyOld, List<String> onlyNew, List<String> warnings) {
  private static final long MAX_BYTES = 1 << 28;
  private static final List<String> KEY = List.of("model", "mode", "device", "batch", "threads");

  /** What of the environment makes times comparable. */
  private static final List<String> SAME =
      List.of("cpu", "cores", "vectorBits", "jdk", "governor", "jvmOptions");

  /**
   * One row.
   *
   * @param label model, mode, device, batch and threads
   * @param oldNanos old median
   * @param newNanos new median
   * @param oldSpeedup old speed-up against the competitor's float network, or NaN
   * @param newSpeedup new one, or NaN
   */
  public record Ratio(
      String label, double oldNanos, double newNanos, double oldSpeedup, double newSpeedup) {
    /** New time by old time: above 1 is slower. */
    public double ratio() {
      return newNanos / oldNanos;
    }
  }

  /**
   * Reads and compares.
   *
   * @throws HeluException if a file cannot be read or is none of {@code bench --json}, or no row is
   *     in both
   */
  public static BenchComparison of(Path oldFile, Path newFile) {
    JsonNode before = read(oldFile);
    JsonNode after = read(newFile);
    Map<String, JsonNode> oldRows = rows(oldFile, before);
    Map<String, JsonNode> newRows = rows(newFile, after);
    List<Ratio> ratios = new ArrayList<>();
    newRows.forEach(
        (label, row) -> {
          JsonNode old = oldRows.get(label);
          if (old != null) {
            ratios.add(
                new Ratio(
                    label,
                    old.get("p50Nanos").doubleValue(),
                    row.get("p50Nanos").doubleValue(),
                    speedup(old),
                    speedup(row)));
          }
        });
    if (ratios.isEmpty()) {
      throw HeluException.invalid(
          Benchmark.STAGE,
          "'" + oldFile + "' and '" + newFile + "' have no row in common",
          "measure the same models, devices, batches and threads");
    }
    return new BenchComparison(
        ratios,
        oldRows.keySet().stream().filter(label -> !newRows.containsKey(label)).toList(),
        newRows.keySet().stream().filter(label -> !oldRows.containsKey(label)).toList(),
        warnings(before.path("environment"), after.path("environment")));
  }

  private static double speedup(JsonNode row) {
    return row.path("speedupVsOnnxRuntimeFp32").asDouble(Double.NaN);
  }

  private static List<String> warnings(JsonNode before, JsonNode after) {
    List<String> warnings = new ArrayList<>();
    for (String field : SAME) {
      if (!Objects.equals(before.get(field), after.get(field))) {
        warnings.add(
            field
                + " was "
                + before.path(field).asText("unknown")
                + ", is "
                + after.path(field).asText("unknown"));
      }
    }
    return warnings;
  }

  private static JsonNode read(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw invalid(file, "has more than " + MAX_BYTES + " bytes");
      }
      return new ObjectMapper().readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw invalid(file, "is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw HeluException.io(
          Benchmark.STAGE,
          "cannot read '" + file + "': " + AtomicFile.reason(e),
          "check the path",
          e);
    }
  }

  private static Map<String, JsonNode> rows(Path file, JsonNode json) {
    JsonNode rows = json.get("rows");
    if (rows == null || !rows.isArray()) {
      throw invalid(file, "expected an array 'rows'");
    }
    Map<String, JsonNode> byLabel = new LinkedHashMap<>();
    for (JsonNode row : rows) {
      List<String> parts = new ArrayList<>();
      for (String field : KEY) {
        if (!row.path(field).isValueNode()) {
          throw invalid(file, "a row has no '" + field + "'");
        }
        parts.add(row.get(field).asText());
      }
      if (!(row.path("p50Nanos").asDouble() > 0)) {
        throw invalid(file, "a row has no positive 'p50Nanos'");
      }
      String label =
          String.join(" ", parts.subList(0, 3))
              + " batch "
              + parts.get(3)
              + " threads "
              + parts.get(4);
      if (byLabel.put(label, row) != null) {
        throw invalid(file, "has two rows '" + label + "'");
      }
    }
    return byLabel;
  }

  private static HeluException invalid(Path file, String problem) {
    return HeluException.invalid(
        Benchmark.STAGE, "'" + file + "' " + problem, "write it with `helu bench --json`");
  }

  /** Whether any row takes more than {@code limit} times as long as before. */
  public boolean isSlower(double limit) {
    return rows.stream().anyMatch(row -> row.ratio() > limit);
  }

  /** Rows as cells, see {@link BenchTable}; a row above {@code limit} is marked. */
  public BenchTable toTable(double limit) {
    List<List<String>> cells = new ArrayList<>();
    for (Ratio row : rows) {
      cells.add(
          List.of(
              row.label(),
              Format.nanos(row.oldNanos()),
              Format.nanos(row.newNanos()),
              Format.significant(row.ratio()),
              Format.factor(row.oldSpeedup()),
              Format.factor(row.newSpeedup()),
              row.ratio() > limit ? "SLOWER" : ""));
    }
    List<String> notes = new ArrayList<>();
    warnings.forEach(text -> notes.add("other environment: " + text));
    onlyOld.forEach(label -> notes.add("only in the old file: " + label));
    onlyNew.forEach(label -> notes.add("only in the new file: " + label));
    return new BenchTable(
        List.of("row", ">old p50", ">new p50", ">new/old", ">old vs ORT", ">new vs ORT", ""),
        cells,
        notes);
  }

  /** JSON of docs/bench.md. */
  public ObjectNode toJson(double limit) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("pass", !isSlower(limit));
    ArrayNode entries = json.putArray("rows");
    for (Ratio row : rows) {
      ObjectNode entry = entries.addObject().put("row", row.label());
      entry.put("oldP50Nanos", row.oldNanos()).put("newP50Nanos", row.newNanos());
      entry.put("ratio", row.ratio());
      entry.put("oldSpeedupVsOnnxRuntimeFp32", finite(row.oldSpeedup()));
      entry.put("newSpeedupVsOnnxRuntimeFp32", finite(row.newSpeedup()));
      entry.put("slower", row.ratio() > limit);
    }
    onlyOld.forEach(json.putArray("onlyOld")::add);
    onlyNew.forEach(json.putArray("onlyNew")::add);
    warnings.forEach(json.putArray("otherEnvironment")::add);
    return json;
  }

  private static Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
