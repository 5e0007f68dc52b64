package org.helu.bench.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnergyMeterTest {
  private static final String POWERCAP = "sys/class/powercap/";
  private static final String HWMON = "sys/class/hwmon/hwmon";

  @TempDir Path root;

  private Tree tree;

  @BeforeEach
  void plant() {
    tree = new Tree(root);
  }

  private Tree zone(String folder, String name, long microjoules) {
    return tree.write(POWERCAP + folder + "/name", name)
        .write(POWERCAP + folder + "/energy_uj", microjoules)
        .write(POWERCAP + folder + "/max_energy_range_uj", 1_000_000);
  }

  private void channel(int chip, int channel, String label, long millivolts, long milliamperes) {
    String base = HWMON + chip + "/";
    tree.write(base + "in" + channel + "_label", label)
        .write(base + "in" + channel + "_input", millivolts)
        .write(base + "curr" + channel + "_input", milliamperes);
  }

  @Test
  void addsPackagesAndLeavesOutTheirPartsAndDoubles() {
    zone("intel-rapl:0", "package-0", 500_000);
    zone("intel-rapl:1", "package-1", 100_000);
    zone("intel-rapl:0:0", "core", 7);
    zone("intel-rapl:2", "psys", 7);
    zone("intel-rapl-mmio:0", "package-0", 7);
    try (EnergyMeter meter = EnergyMeter.of(tree.files())) {
      assertTrue(meter.isAvailable());
      assertEquals("counters of package-0 + package-1", meter.source());
      double before = meter.joules();
      zone("intel-rapl:0", "package-0", 700_000);
      zone("intel-rapl:1", "package-1", 150_000);
      assertEquals(0.25, meter.joules() - before, 1e-12);
    }
  }

  @Test
  void goesOnWhereACounterStartsAgain() {
    zone("intel-rapl:0", "package-0", 900_000);
    try (EnergyMeter meter = EnergyMeter.of(tree.files())) {
      zone("intel-rapl:0", "package-0", 100_000);
      assertEquals(0.2, meter.joules(), 1e-12);
    }
  }

  @Test
  void readsSocketsOfAmdEnergy() {
    tree.write(HWMON + "3/name", "amd_energy")
        .write(HWMON + "3/energy1_label", "Ecore000")
        .write(HWMON + "3/energy1_input", 5)
        .write(HWMON + "3/energy9_label", "Esocket0")
        .write(HWMON + "3/energy9_input", 2_000_000);
    try (EnergyMeter meter = EnergyMeter.of(tree.files())) {
      assertEquals("counters of Esocket0", meter.source());
      tree.write(HWMON + "3/energy9_input", 3_500_000);
      assertEquals(1.5, meter.joules(), 1e-12);
    }
  }

  @Test
  void integratesTheBoardsRailOfAJetson() throws InterruptedException {
    tree.write(HWMON + "1/name", "ina3221");
    channel(1, 1, "VDD_IN", 5000, 2000);
    channel(1, 2, "VDD_CPU_GPU_CV", 5000, 1000);
    channel(1, 3, "VDD_SOC", 5000, 500);
    try (EnergyMeter meter = EnergyMeter.of(tree.files())) {
      assertEquals("INA3221 rails VDD_IN", meter.source());
      long start = System.nanoTime();
      double before = meter.joules();
      Thread.sleep(60);
      double joules = meter.joules() - before;
      double seconds = (System.nanoTime() - start) * 1e-9;
      assertTrue(joules > 10 * 0.05 && joules <= 10 * seconds, joules + " J in " + seconds + " s");
    }
  }

  @Test
  void addsRailsWhereNoneFeedsTheBoard() {
    tree.write(HWMON + "0/name", "cpu_thermal");
    tree.write(HWMON + "1/name", "ina3221");
    tree.write(HWMON + "2/name", "ina3221x");
    channel(1, 1, "VDD_GPU_SOC", 20_000, 100);
    channel(1, 2, "NC", 20_000, 100);
    channel(2, 1, "VDD_CPU_CV", 20_000, -8);
    tree.write(HWMON + "2/in2_label", "not readable").write(HWMON + "2/in2_input", "oops");
    try (EnergyMeter meter = EnergyMeter.of(tree.files())) {
      assertEquals("INA3221 rails VDD_GPU_SOC + VDD_CPU_CV", meter.source());
    }
  }

  @Test
  void saysWhyThereIsNone() throws IOException {
    try (EnergyMeter meter = EnergyMeter.of(tree.files())) {
      assertFalse(meter.isAvailable());
      assertTrue(meter.source().startsWith("no energy counter"), meter.source());
    }
    // Linux lets only root read it, since 2020; a folder in its place is not readable for anyone.
    tree.write(POWERCAP + "intel-rapl:0/name", "package-0");
    Files.createDirectories(root.resolve(POWERCAP + "intel-rapl:0/energy_uj"));
    try (EnergyMeter meter = EnergyMeter.of(tree.files())) {
      assertFalse(meter.isAvailable());
      assertTrue(meter.source().contains("run as root"), meter.source());
    }
  }
}
