package org.helu.bench.system;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * A file that counts microjoules: a package zone of Linux' powercap (Intel's RAPL, and AMD's under
 * the same name), or an {@code energyN_input} of the {@code amd_energy} driver.
 *
 * @param name such as {@code package-0}
 * @param file the counter
 * @param rangeMicrojoules where it starts again at 0, or 0 if it does not
 */
record Counter(String name, Path file, long rangeMicrojoules) {
  private static final String POWERCAP = "sys/class/powercap";
  private static final String HWMON = "sys/class/hwmon";

  /** All counters of whole packages that can be read: their parts are counted in them. */
  static List<Counter> find(SystemFiles files) {
    List<Counter> counters = new ArrayList<>();
    for (Path zone : files.list(POWERCAP, "*rapl*:*")) {
      // Zones below a zone have a second colon; intel-rapl-mmio shows the same packages again.
      boolean whole = zone.getFileName().toString().matches("(intel|amd)-rapl:\\d+");
      String name = SystemFiles.text(zone.resolve("name")).orElse("");
      if (whole && name.startsWith("package")) {
        long range = SystemFiles.number(zone.resolve("max_energy_range_uj")).orElse(0);
        add(counters, new Counter(name, zone.resolve("energy_uj"), range));
      }
    }
    if (!counters.isEmpty()) {
      return counters;
    }
    for (Path chip : files.list(HWMON, "hwmon*")) {
      if (!SystemFiles.text(chip.resolve("name")).orElse("").equals("amd_energy")) {
        continue;
      }
      for (Path label : files.list(chip, "energy*_label")) {
        String name = SystemFiles.text(label).orElse("");
        String input = label.getFileName().toString().replace("_label", "_input");
        if (name.startsWith("Esocket")) {
          add(counters, new Counter(name, chip.resolve(input), 0));
        }
      }
    }
    return counters;
  }

  private static void add(List<Counter> counters, Counter counter) {
    if (counter.read().isPresent()) {
      counters.add(counter);
    }
  }

  OptionalLong read() {
    return SystemFiles.number(file);
  }

  /** Why {@link #find} found none. */
  static String whyNone(SystemFiles files) {
    for (Path zone : files.list(POWERCAP, "*rapl*:*")) {
      Path energy = zone.resolve("energy_uj");
      if (Files.exists(energy) && SystemFiles.number(energy).isEmpty()) {
        return "energy counters below /"
            + POWERCAP
            + " are not readable for this user; run as root";
      }
    }
    return "no energy counter below /" + POWERCAP + " and no power rail below /" + HWMON;
  }
}
