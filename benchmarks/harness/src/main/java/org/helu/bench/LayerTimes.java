package org.helu.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.helu.runtime.device.StepProfile;

/** Steady time of every step, as the device itself tells it. */
final class LayerTimes {
  private static final int MIN_RUNS = 5;
  private static final int MAX_RUNS = 501;

  private LayerTimes() {}

  /** Medians of profiled runs, for one slice's time; empty where the device does not tell. */
  static List<BenchRow.LayerTime> measure(
      DeviceContender contender, Network network, Effort effort) {
    Map<List<String>, Samples> times = new LinkedHashMap<>();
    long start = System.nanoTime();
    int runs = 0;
    do {
      List<StepProfile> profile = contender.profile();
      if (profile.isEmpty()) {
        return List.of();
      }
      profile.forEach(
          step -> times.computeIfAbsent(step.nodes(), _ -> new Samples()).add(step.nanos()));
      runs++;
    } while (runs < MIN_RUNS
        || (runs < MAX_RUNS && System.nanoTime() - start < effort.sliceNanos()));
    Map<String, LayerWork> works = new HashMap<>();
    network.layers().forEach(work -> works.put(work.node(), work));
    List<BenchRow.LayerTime> layers = new ArrayList<>();
    times.forEach(
        (nodes, nanos) ->
            layers.add(
                new BenchRow.LayerTime(
                    nanos.median(), LayerWork.joined(nodes.stream().map(works::get).toList()))));
    return layers;
  }
}
