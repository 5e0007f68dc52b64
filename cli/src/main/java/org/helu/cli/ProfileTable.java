package org.helu.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.helu.runtime.device.RunProfile;
import org.helu.runtime.device.StepProfile;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;

/** Where the time of a run went, for people and as JSON. */
final class ProfileTable {
  private final RunProfile profile;
  private final Map<String, String> ops = new HashMap<>();

  ProfileTable(Graph graph, RunProfile profile) {
    this.profile = profile;
    for (Node node : graph.nodes()) {
      ops.put(node.name(), node.op().name());
    }
  }

  void print(PrintWriter out) {
    if (profile.steps().isEmpty()) {
      out.println("the device does not tell the time of its steps");
    } else {
      TextTable table = new TextTable("step", "op", ">time", ">of steps");
      long all = Math.max(1, profile.kernelNanos());
      for (StepProfile step : profile.steps()) {
        table.row(
            String.join(" + ", step.nodes()),
            op(step),
            micros(step.nanos()),
            String.format(Locale.ROOT, "%.1f %%", 100.0 * step.nanos() / all));
      }
      table.print(out);
    }
    TextTable sums = new TextTable("", ">");
    if (!profile.steps().isEmpty()) {
      sums.row("all steps", micros(profile.kernelNanos()));
    }
    profile.copyInNanos().ifPresent(nanos -> sums.row("copies to the device", micros(nanos)));
    profile.copyOutNanos().ifPresent(nanos -> sums.row("copies from the device", micros(nanos)));
    profile.dispatchNanos().ifPresent(nanos -> sums.row("dispatch of kernels", micros(nanos)));
    sums.row("whole run", micros(profile.elapsedNanos()));
    profile
        .powerWatts()
        .ifPresent(watts -> sums.row("power", String.format(Locale.ROOT, "%.1f W", watts)));
    sums.print(out);
  }

  private String op(StepProfile step) {
    List<String> names = step.nodes().stream().map(ops::get).distinct().toList();
    return String.join(" + ", names);
  }

  private static String micros(long nanos) {
    return String.format(Locale.ROOT, "%,.1f us", nanos / 1e3);
  }

  ObjectNode toJson(int samples) {
    ObjectNode json = Json.object().put("samples", samples);
    json.put("elapsedNanos", profile.elapsedNanos());
    ArrayNode steps = json.putArray("steps");
    for (StepProfile step : profile.steps()) {
      ObjectNode entry = steps.addObject();
      step.nodes().forEach(entry.putArray("nodes")::add);
      entry.put("op", op(step)).put("nanos", step.nanos());
    }
    profile.copyInNanos().ifPresent(nanos -> json.put("copyInNanos", nanos));
    profile.copyOutNanos().ifPresent(nanos -> json.put("copyOutNanos", nanos));
    profile.dispatchNanos().ifPresent(nanos -> json.put("dispatchNanos", nanos));
    profile.powerWatts().ifPresent(watts -> json.put("powerWatts", watts));
    return json;
  }
}
