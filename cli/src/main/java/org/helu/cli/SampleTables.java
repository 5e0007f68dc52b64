package org.helu.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.helu.runtime.device.Availability;
import org.helu.samples.SampleResult;

/**
 * What {@code helu samples} prints: exact rows and low-bit rows in tables of their own, for they
 * keep different promises.
 */
final class SampleTables {
  private SampleTables() {}

  static void print(
      PrintWriter out, List<SampleResult> results, Map<String, Availability.Unavailable> skipped) {
    List<SampleResult> run = results.stream().filter(row -> !row.isSkipped()).toList();
    List<SampleResult> exact = run.stream().filter(row -> !row.isLowBit()).toList();
    List<SampleResult> lowBit = run.stream().filter(SampleResult::isLowBit).toList();
    if (!exact.isEmpty()) {
      if (!lowBit.isEmpty()) {
        out.println("exact: every answer is the training framework's");
      }
      printExact(out, exact);
      out.println();
    }
    if (!lowBit.isEmpty()) {
      out.println("low-bit: binarized networks answer as they were trained; int8 and auto lose no");
      out.println("more than their budget against the float network, which the row `exact` shows;");
      out.println("float-twin is a float network of the binarized one's shape, for its cost alone");
      printLowBit(out, exact, lowBit);
      out.println();
    }
    Map<String, String> descriptions = new LinkedHashMap<>();
    run.forEach(row -> descriptions.put(row.device(), row.deviceDescription()));
    descriptions.forEach((name, text) -> out.println(name + ": " + text));
    skipped.forEach((name, why) -> out.println(name + ": skipped, " + why.reason()));
    for (SampleResult row : results) {
      if (!row.pass()) {
        String mode = row.isLowBit() ? " (" + row.mode() + ")" : "";
        String what = row.sample() + mode + " on " + row.device() + ": ";
        out.println(
            row.isSkipped() ? "SKIP " + what + row.skipped() : "FAIL " + what + row.failure());
      }
    }
  }

  private static void printExact(PrintWriter out, List<SampleResult> rows) {
    TextTable table =
        new TextTable(
            "sample",
            "mode",
            "device",
            ">images",
            ">reference accuracy",
            ">accuracy",
            ">top-1 agreement",
            ">max |logit diff|",
            ">us/image",
            "");
    for (SampleResult row : rows) {
      table.row(
          row.sample(),
          row.mode(),
          row.device(),
          Integer.toString(row.samples()),
          Units.percent(row.referenceAccuracy()),
          Units.percent(row.accuracy()),
          Units.percent(row.top1Agreement()),
          Units.delta(row.maxAbsLogitDiff()),
          String.format(Locale.ROOT, "%.1f", row.microsPerSample()),
          row.pass() ? "pass" : "FAIL");
    }
    table.print(out);
  }

  private static void printLowBit(
      PrintWriter out, List<SampleResult> exact, List<SampleResult> lowBit) {
    TextTable table =
        new TextTable(
            "sample",
            "mode",
            "device",
            ">images",
            ">reference accuracy",
            ">accuracy",
            ">lost",
            ">top-1 agreement",
            ">file",
            ">weights",
            ">Mbit-ops",
            ">of float32",
            ">us/image",
            "");
    for (SampleResult row : withFloatRows(exact, lowBit)) {
      table.row(
          row.sample(),
          row.mode(),
          row.device(),
          Integer.toString(row.samples()),
          answer(row, Units.percent(row.referenceAccuracy())),
          answer(row, Units.percent(row.accuracy())),
          answer(row, lost(row)),
          answer(row, Units.percent(row.top1Agreement())),
          Units.bytes(row.fileBytes()),
          Units.bytes(row.weightBytes()),
          String.format(Locale.ROOT, "%,.1f", row.bitOperations() / 1e6),
          Units.percent((double) row.bitOperations() / Math.max(1, row.floatBitOperations())),
          String.format(Locale.ROOT, "%.1f", row.microsPerSample()),
          row.pass() ? "pass" : "FAIL");
    }
    table.print(out);
  }

  private static String lost(SampleResult row) {
    return String.format(Locale.ROOT, "%.2f", 100 * (row.referenceAccuracy() - row.accuracy()));
  }

  private static String answer(SampleResult row, String text) {
    return row.isFloatTwin() ? "-" : text;
  }

  /** Low-bit rows, each sample's behind its float row on the same device, where it has one. */
  private static List<SampleResult> withFloatRows(
      List<SampleResult> exact, List<SampleResult> lowBit) {
    List<SampleResult> rows = new ArrayList<>();
    for (SampleResult row : lowBit) {
      for (SampleResult other : exact) {
        boolean same = other.sample().equals(row.sample()) && other.device().equals(row.device());
        if (same && !rows.contains(other)) {
          rows.add(other);
        }
      }
      int at = rows.size();
      for (int i = 0; i < rows.size(); i++) {
        boolean same =
            rows.get(i).sample().equals(row.sample()) && rows.get(i).device().equals(row.device());
        at = same ? i + 1 : at;
      }
      rows.add(at, row);
    }
    return rows;
  }
}
