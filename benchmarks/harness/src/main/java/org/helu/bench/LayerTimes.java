package org.helu.bench;

import java.util.List;

/** Steady time of every layer. */
final class LayerTimes {
  private LayerTimes() {}

  static List<BenchRow.LayerTime> measure(
      DeviceContender contender, Network network, Effort effort) {
    return List.of();
  }
}
