package org.helu.bench.system;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;
import jdk.incubator.vector.VectorShape;

/**
 * Where and when something was measured. What a machine does not tell is null.
 *
 * @param heluVersion of helu
 * @param date when measuring began
 * @param competitors descriptions by name
 * @param devices descriptions by name, which tell drivers and backends
 */
public record Environment(
    SystemFiles files,
    String heluVersion,
    Instant date,
    Map<String, String> competitors,
    Map<String, String> devices) {
  private static final String CPU_INFO = "proc/cpuinfo";

  /** JSON of docs/bench.md; the load is that of this moment. */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("heluVersion", heluVersion);
    json.put("date", date.truncatedTo(ChronoUnit.SECONDS).toString());
    json.put("cpu", cpu());
    json.put("cores", Runtime.getRuntime().availableProcessors());
    json.put("vectorBits", VectorShape.preferredShape().vectorBitSize());
    json.put("governor", files.governor().orElse(null));
    json.put("loadAverage", loadAverage());
    OptionalLong memory = files.kibField("proc/meminfo", "MemTotal");
    json.put("memoryBytes", memory.isPresent() ? (Long) memory.getAsLong() : null);
    json.put(
        "os",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"));
    json.put(
        "jdk",
        System.getProperty("java.vm.name")
            + " "
            + Runtime.version()
            + ", "
            + System.getProperty("java.vendor"));
    json.put("jvmOptions", String.join(" ", jvmOptions()));
    ObjectNode names = json.putObject("devices");
    devices.forEach(names::put);
    ObjectNode others = json.putObject("competitors");
    competitors.forEach(others::put);
    json.put("cpuFlags", String.join(" ", cpuFlags()));
    return json;
  }

  /** The processor's name; ARM boards tell theirs in the device tree. */
  private String cpu() {
    String architecture = System.getProperty("os.arch");
    return files
        .field(CPU_INFO, "model name")
        .or(() -> files.text("proc/device-tree/model").map(model -> model.replace("\0", "")))
        .orElse(architecture);
  }

  private TreeSet<String> cpuFlags() {
    String flags =
        files.field(CPU_INFO, "flags").or(() -> files.field(CPU_INFO, "Features")).orElse("");
    TreeSet<String> sorted = new TreeSet<>(List.of(flags.split(" +")));
    sorted.remove("");
    return sorted;
  }

  /** Processes that wanted to run in the last minute, on average. */
  private Double loadAverage() {
    try {
      return files.text("proc/loadavg").map(t -> Double.valueOf(t.split(" ")[0])).orElse(null);
    } catch (NumberFormatException _) {
      return null;
    }
  }

  /** The options that decide speed; those that name folders of this machine are left out. */
  private static List<String> jvmOptions() {
    return java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("-X") || option.startsWith("-Dhelu.vector."))
        .filter(option -> option.indexOf('/') < 0)
        .toList();
  }
}
