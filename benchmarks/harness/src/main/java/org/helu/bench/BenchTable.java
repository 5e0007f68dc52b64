package org.helu.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * A result as the table that the terminal and the Markdown file show.
 *
 * @param header titles; one that starts with {@code >} belongs to a column of numbers
 * @param rows as many cells each
 * @param notes lines that belong below
 */
public record BenchTable(List<String> header, List<List<String>> rows, List<String> notes) {
  private static final List<String> HEADER =
      List.of(
          "model",
          "mode",
          "device",
          ">batch",
          ">threads",
          ">p50",
          ">p90",
          ">p99",
          ">spread",
          ">samples/s",
          ">vs ORT fp32",
          ">vs ORT int8",
          ">first run",
          ">session",
          ">energy",
          ">accuracy");

  /** Rows and baselines, model by model in the order of measuring. */
  public static BenchTable of(BenchResult result) {
    List<BenchRow> all = new ArrayList<>();
    for (BenchRow row : result.rows()) {
      all.add(row);
      // A baseline stands below the last of the rows that it was measured with.
      int next = result.rows().indexOf(row) + 1;
      boolean last = next == result.rows().size() || !sameHeat(row, result.rows().get(next));
      if (last) {
        result.baselines().stream()
            .filter(baseline -> sameHeat(baseline, row) && !all.contains(baseline))
            .forEach(all::add);
      }
    }
    List<String> notes = new ArrayList<>();
    JsonNode where = result.environment();
    notes.add(
        String.format(
            "%s, %d cores, %d-bit vectors, %s; helu %s, %s, load %s, governor %s",
            where.get("cpu").asText(),
            where.get("cores").asInt(),
            where.get("vectorBits").asInt(),
            where.get("jdk").asText(),
            where.get("heluVersion").asText(),
            where.get("date").asText(),
            where.get("loadAverage").asText("unknown"),
            where.get("governor").asText("unknown")));
    where
        .get("devices")
        .properties()
        .forEach(e -> notes.add(e.getKey() + ": " + e.getValue().asText()));
    where
        .get("competitors")
        .properties()
        .forEach(e -> notes.add(e.getKey() + ": " + e.getValue().asText()));
    result.baselines().stream()
        .filter(row -> !row.note().isEmpty())
        .map(row -> row.key().model() + " " + row.key().mode() + ": " + row.note())
        .distinct()
        .forEach(notes::add);
    notes.add("energy: " + result.energySource());
    result
        .ceilings()
        .forEach(
            c ->
                notes.add(
                    String.format(
                        java.util.Locale.ROOT,
                        "ceilings, %d thread%s: %.0f GFLOP/s fused multiply-add, %.0f GOP/s"
                            + " population count, %.0f GB/s memory, %.0f GB/s cache",
                        c.threads(),
                        c.threads() == 1 ? "" : "s",
                        c.floatOpsPerSecond() / 1e9,
                        c.bitOpsPerSecond() / 1e9,
                        c.memoryBytesPerSecond() / 1e9,
                        c.cacheBytesPerSecond() / 1e9)));
    result.coldStarts().forEach(entry -> notes.add(entry.toString()));
    boolean unstable = all.stream().anyMatch(row -> !row.timing().stable());
    if (unstable) {
      notes.add("* had not settled when its warm-up time was up");
    }
    result.skipped().forEach(entry -> notes.add(entry.toString()));
    return new BenchTable(HEADER, all.stream().map(BenchTable::cells).toList(), notes);
  }

  private static boolean sameHeat(BenchRow a, BenchRow b) {
    return a.key().model().equals(b.key().model())
        && a.key().batch() == b.key().batch()
        && a.key().threads() == b.key().threads();
  }

  private static List<String> cells(BenchRow row) {
    Timing timing = row.timing();
    return List.of(
        row.key().model(),
        row.key().mode(),
        row.key().device(),
        Integer.toString(row.key().batch()),
        Integer.toString(row.key().threads()),
        Format.nanos(timing.p50Nanos()) + (timing.stable() ? "" : "*"),
        Format.nanos(timing.p90Nanos()),
        Format.nanos(timing.p99Nanos()),
        Format.spread(timing.spread()),
        Format.count(row.samplesPerSecond()),
        Format.factor(row.fp32().speedup()),
        Format.factor(row.int8().speedup()),
        Format.nanos(row.start().firstRunNanos()),
        Format.bytes(row.size().sessionBytes()),
        Format.joules(row.joulesPerInference()),
        Format.percent(row.accuracy()));
  }

  /** GitHub's Markdown. */
  public String toMarkdown() {
    StringBuilder text = new StringBuilder();
    header.forEach(title -> text.append("| ").append(title.replace(">", "")).append(' '));
    text.append("|\n");
    header.forEach(title -> text.append(title.startsWith(">") ? "|--:" : "|---"));
    text.append("|\n");
    for (List<String> row : rows) {
      row.forEach(cell -> text.append("| ").append(escape(cell)).append(' '));
      text.append("|\n");
    }
    text.append('\n');
    notes.forEach(note -> text.append("- ").append(escape(note)).append('\n'));
    return text.toString();
  }

  private static String escape(String text) {
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*");
  }
}
