package org.helu.cli;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.helu.runtime.device.Availability;
import org.helu.runtime.device.DeviceProvider;
import org.helu.runtime.device.Devices;

/** What {@code helu doctor} looks at. */
final class Diagnosis {
  private static final int REQUIRED_JAVA = 25;

  /** How bad a finding is. */
  enum Status {
    /** As it should be. */
    OK,
    /** Something optional is missing. */
    INFO,
    /** helu will not work, or not well. */
    FAIL;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * One finding.
   *
   * @param remedy what to do, empty where nothing is to be done
   */
  record Finding(String name, Status status, String detail, String remedy) {}

  private Diagnosis() {}

  static List<Finding> run() {
    List<Finding> findings = new ArrayList<>();
    findings.add(java());
    findings.add(vectorModule());
    findings.add(machine());
    findings.add(memory());
    findings.add(build());
    boolean usable = false;
    for (DeviceProvider provider : Devices.providers()) {
      Finding finding = device(provider);
      usable |= finding.status() == Status.OK;
      findings.add(finding);
    }
    if (!usable) {
      findings.add(
          new Finding("devices", Status.FAIL, "no device is available", "build helu anew"));
    }
    findings.add(tornado());
    return findings;
  }

  private static Finding java() {
    Runtime.Version version = Runtime.version();
    String detail =
        version + ", " + System.getProperty("java.vendor") + ", " + System.getProperty("java.home");
    return version.feature() >= REQUIRED_JAVA
        ? new Finding("java", Status.OK, detail, "")
        : new Finding("java", Status.FAIL, detail, "install a JDK " + REQUIRED_JAVA + " or newer");
  }

  private static Finding vectorModule() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return new Finding(
          "vector module",
          Status.FAIL,
          "jdk.incubator.vector is not loaded",
          "start helu with its launcher, or add --add-modules jdk.incubator.vector");
    }
    try {
      // By name: this module does not compile against the incubating one, the vector device does.
      Object species =
          Class.forName("jdk.incubator.vector.FloatVector").getField("SPECIES_PREFERRED").get(null);
      Class<?> type = Class.forName("jdk.incubator.vector.VectorSpecies");
      int bits = (int) type.getMethod("vectorBitSize").invoke(species);
      return new Finding(
          "vector module", Status.OK, bits + " bits: " + bits / Float.SIZE + " floats at once", "");
    } catch (ReflectiveOperationException e) {
      return new Finding(
          "vector module", Status.FAIL, "unusable: " + e, "use a JDK built for this processor");
    }
  }

  private static Finding machine() {
    return new Finding(
        "machine",
        Status.OK,
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.arch")
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " processors",
        "");
  }

  private static Finding memory() {
    String heap = "heap up to " + Units.bytes(Runtime.getRuntime().maxMemory());
    boolean known =
        ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean;
    if (!known) {
      return new Finding("memory", Status.OK, heap, "");
    }
    var system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new Finding(
        "memory", Status.OK, Units.bytes(system.getTotalMemorySize()) + ", " + heap, "");
  }

  private static Finding build() {
    String home = System.getProperty("helu.home");
    if (home == null) {
      return new Finding("build", Status.INFO, "not started by the launcher", "");
    }
    Path target = Path.of(home, "cli", "target");
    return Files.isWritable(target)
        ? new Finding("build", Status.OK, target + " is writable", "")
        : new Finding(
            "build",
            Status.INFO,
            target + " is read-only, so changed sources will not be built",
            "work as the owner of that folder");
  }

  private static Finding device(DeviceProvider provider) {
    String name = "device " + provider.name();
    return switch (provider.probe()) {
      case Availability.Available available ->
          new Finding(name, Status.OK, available.description(), "");
      case Availability.Unavailable missing ->
          new Finding(name, Status.INFO, missing.reason(), missing.remedy());
    };
  }

  private static Finding tornado() {
    String name = "TornadoVM SDK";
    if (!AbsentTornado.PROBLEM.isEmpty()) {
      return new Finding(name, Status.INFO, AbsentTornado.PROBLEM, AbsentTornado.remedy("opencl"));
    }
    return AbsentTornado.SDK.isEmpty()
        ? new Finding(
            name,
            Status.INFO,
            "not found in TORNADOVM_HOME or SDKMAN's folder, so no GPU device",
            AbsentTornado.remedy("opencl"))
        : new Finding(name, Status.OK, AbsentTornado.SDK, "");
  }
}
