package org.helu.bench;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.helu.bench.probe.Ceilings;
import org.helu.bench.system.EnergyMeter;
import org.helu.bench.system.Environment;
import org.helu.bench.system.SystemFiles;
import org.helu.compiler.Mode;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.Availability;
import org.helu.runtime.device.DeviceProvider;
import org.helu.runtime.device.Devices;
import org.helu.samples.Progress;

/** Measures networks on devices, in every batch size and number of threads that is asked for. */
public final class Benchmark {
  static final String STAGE = "bench";

  private final BenchOptions options;
  private final SystemFiles files;
  private final Progress progress;
  private final List<BenchRow> rows = new ArrayList<>();
  private final List<BenchRow> baselines = new ArrayList<>();
  private final List<ColdStarts.Result> coldStarts = new ArrayList<>();
  private final List<Skipped> skipped = new ArrayList<>();
  private final Map<String, String> descriptions = new LinkedHashMap<>();

  private Benchmark(BenchOptions options, SystemFiles files, Progress progress) {
    this.options = options;
    this.files = files;
    this.progress = progress;
  }

  /**
   * Measures.
   *
   * @param heluVersion for the report
   * @param files what this machine tells of itself
   * @return a result with at least one row; what could not be measured is listed in it
   * @throws HeluException if a competitor or device that was named is unknown, a model cannot be
   *     read, or nothing could be measured at all
   */
  public static BenchResult run(
      List<ModelSource> sources,
      BenchOptions options,
      String heluVersion,
      SystemFiles files,
      Progress progress) {
    return new Benchmark(options, files, progress).run(sources, heluVersion);
  }

  private BenchResult run(List<ModelSource> sources, String heluVersion) {
    if (sources.isEmpty()) {
      throw HeluException.invalid(
          STAGE, "no network to measure", "name a model, or give --samples");
    }
    Competitor competitor = options.against() == null ? null : Competitors.named(options.against());
    Map<String, String> competitors = new LinkedHashMap<>();
    if (competitor != null) {
      competitors.put(competitor.name(), competitor.description());
    }
    // Before measuring, so that the load is what others make.
    var environment =
        new Environment(files, heluVersion, Instant.now(), competitors, descriptions).toJson();
    List<String> devices = devices();
    try (EnergyMeter energy = EnergyMeter.of(files)) {
      for (ModelSource source : sources) {
        for (Network network : networks(source)) {
          new NetworkBench(this, network, competitor, devices, energy).run();
        }
      }
      if (rows.isEmpty()) {
        boolean deviceless = skipped.stream().allMatch(entry -> entry.model().isEmpty());
        throw HeluException.of(
            deviceless ? HeluException.Kind.DEVICE_UNAVAILABLE : HeluException.Kind.UNSUPPORTED,
            STAGE,
            "nothing could be measured: "
                + String.join(" | ", skipped.stream().map(Skipped::toString).toList()),
            "");
      }
      List<Ceilings> ceilings = new ArrayList<>();
      if (options.ceilings()) {
        for (int threads : new TreeSet<>(options.threads())) {
          progress.step("ceilings of this machine", threads, -1);
          ceilings.add(Ceilings.measure(threads));
        }
      }
      var names = environment.putObject("devices");
      descriptions.forEach(names::put);
      return new BenchResult(
          environment, energy.source(), rows, baselines, coldStarts, skipped, ceilings);
    }
  }

  /** A network in each mode; a mode that it cannot be lowered in is listed and left out. */
  private List<Network> networks(ModelSource source) {
    List<Network> networks = new ArrayList<>();
    List<Mode> modes = options.modes().isEmpty() ? source.modes() : options.modes();
    for (Mode mode : source.isOnnx() ? modes : List.of(Mode.EXACT)) {
      try {
        networks.add(Network.load(source, mode));
      } catch (HeluException e) {
        if (e.kind() == HeluException.Kind.IO || modes.size() == 1) {
          throw e;
        }
        skipped.add(new Skipped(source.name(), mode.label(), "", e.getMessage()));
      }
    }
    return networks;
  }

  private List<String> devices() {
    if (!options.devices().contains(BenchOptions.ALL)) {
      return options.devices();
    }
    List<String> names = new ArrayList<>();
    for (DeviceProvider provider : Devices.providers()) {
      if (provider.isForChecking()) {
        continue;
      }
      if (provider.probe() instanceof Availability.Unavailable(String reason, String remedy)) {
        skipped.add(new Skipped("", "", provider.name(), reason + "; " + remedy));
      } else {
        names.add(provider.name());
      }
    }
    for (String named : options.devices()) {
      if (!named.equals(BenchOptions.ALL) && !names.contains(named)) {
        names.add(named);
      }
    }
    return names;
  }

  BenchOptions options() {
    return options;
  }

  SystemFiles files() {
    return files;
  }

  Progress progress() {
    return progress;
  }

  void addRow(BenchRow row) {
    rows.add(row);
  }

  void addBaseline(BenchRow row) {
    baselines.add(row);
  }

  void addColdStarts(List<ColdStarts.Result> results) {
    coldStarts.addAll(results);
  }

  void skip(Skipped entry) {
    if (!skipped.contains(entry)) {
      skipped.add(entry);
    }
  }

  void describe(String device, String description) {
    descriptions.putIfAbsent(device, description);
  }
}
