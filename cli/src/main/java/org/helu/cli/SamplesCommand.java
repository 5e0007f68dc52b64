package org.helu.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.helu.bench.onnx.FloatTwin;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.Availability;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.DeviceProvider;
import org.helu.runtime.device.Devices;
import org.helu.samples.Sample;
import org.helu.samples.SampleResult;
import org.helu.samples.SampleRunner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "samples",
    description = {
      "Compiles the sample networks, runs them on real data, and compares every answer with the",
      "training framework's. Exit code 0 only if every row passes."
    })
final class SamplesCommand extends SubCommand {
  private static final String ALL = "all";

  @Parameters(arity = "0..*", paramLabel = "NAME", description = "samples (default: all)")
  List<String> names = List.of();

  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = ALL,
      description = {
        "a device, or all: every available one but the interpreter (reference) and the simulator (rtl), which must be named",
        "(default: all)"
      })
  String device;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "threads of a device; 0 lets the device choose (default: 0)")
  int threads;

  @Option(
      names = "--images",
      paramLabel = "N",
      defaultValue = "0",
      description = "run the first N test images; 0 runs all (default: 0)")
  int images;

  @Mixin SamplesFolder location;

  @Override
  public Integer call() {
    List<Sample> samples = choose(Sample.list(location.path()));
    Map<String, Availability.Unavailable> skipped = new LinkedHashMap<>();
    List<String> devices = devices(skipped);
    SampleRunner.Options options =
        new SampleRunner.Options(images, new DeviceOptions(threads), null, FloatTwin::of);
    List<SampleResult> results;
    try (Progress.Sequence progress = new Progress.Sequence()) {
      results = SampleRunner.run(samples, devices, options, progress::step);
    }
    if (json) {
      print(toJson(results, skipped));
    } else {
      SampleTables.print(out(), results, skipped);
    }
    // What was not built for a device counts where that device was asked for.
    boolean ok =
        results.stream().allMatch(row -> row.pass() || device.equals(ALL) && row.isSkipped());
    boolean any = results.stream().anyMatch(SampleResult::pass);
    return ok && any ? ExitCode.OK : ExitCode.CHECK_FAILED;
  }

  private List<Sample> choose(List<Sample> known) {
    if (names.isEmpty()) {
      return known;
    }
    List<Sample> chosen = new ArrayList<>();
    for (String name : names) {
      List<Sample> matches = known.stream().filter(s -> s.name().equals(name)).toList();
      if (matches.isEmpty()) {
        throw HeluException.invalid(
            "samples",
            "no sample '" + name + "'",
            "name one of " + String.join(", ", known.stream().map(Sample::name).toList()));
      }
      chosen.addAll(matches);
    }
    return chosen;
  }

  private List<String> devices(Map<String, Availability.Unavailable> skipped) {
    if (!device.equals(ALL)) {
      // A named device that is missing is an error, not a row less.
      Devices.open(device, new DeviceOptions(threads)).close();
      return List.of(device);
    }
    List<String> available = new ArrayList<>();
    for (DeviceProvider provider : Devices.providers()) {
      switch (provider.probe()) {
        case Availability.Available _ -> {
          if (!provider.isForChecking()) {
            available.add(provider.name());
          }
        }
        case Availability.Unavailable missing -> skipped.put(provider.name(), missing);
      }
    }
    if (available.isEmpty()) {
      throw HeluException.of(
          HeluException.Kind.DEVICE_UNAVAILABLE,
          "samples",
          "no device is available but the scalar reference",
          "`helu devices` tells why, `--device reference` runs it");
    }
    return available;
  }

  private static ObjectNode toJson(
      List<SampleResult> results, Map<String, Availability.Unavailable> skipped) {
    ObjectNode json = Json.object();
    ArrayNode rows = json.putArray("rows");
    results.forEach(result -> rows.add(result.toJson()));
    ArrayNode missing = json.putArray("skippedDevices");
    skipped.forEach(
        (name, why) ->
            missing
                .addObject()
                .put("device", name)
                .put("reason", why.reason())
                .put("remedy", why.remedy()));
    return json;
  }
}
