package org.helu.bench.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvironmentTest {
  @TempDir Path root;

  private JsonNode environment() {
    return new Environment(
            new SystemFiles(root),
            "1.2.3",
            Instant.parse("2026-11-24T10:00:00.5Z"),
            Map.of("other", "Other 7"),
            Map.of("vector", "some CPU"))
        .toJson();
  }

  @Test
  void tellsWhatAnX86MachineTells() {
    Tree tree = new Tree(root);
    tree.write(
        "proc/cpuinfo", "processor\t: 0\nmodel name\t: Fast CPU\nflags\t\t: sse4_2 avx2 avx2\n");
    tree.write("proc/loadavg", "1.50 0.7 0.3 2/99 1234");
    tree.write("proc/meminfo", "MemTotal:       2048 kB\nMemFree: 5 kB");
    for (int cpu = 0; cpu < 3; cpu++) {
      String governor = cpu == 2 ? "powersave" : "performance";
      tree.write("sys/devices/system/cpu/cpu" + cpu + "/cpufreq/scaling_governor", governor);
    }
    JsonNode json = environment();
    assertEquals("Fast CPU", json.get("cpu").textValue());
    assertEquals("avx2 sse4_2", json.get("cpuFlags").textValue());
    assertEquals(1.5, json.get("loadAverage").doubleValue());
    assertEquals(2048 * 1024, json.get("memoryBytes").longValue());
    assertEquals("performance,powersave", json.get("governor").textValue());
    assertEquals("1.2.3", json.get("heluVersion").textValue());
    assertEquals("2026-11-24T10:00:00Z", json.get("date").textValue());
    assertEquals("Other 7", json.get("competitors").get("other").textValue());
    assertEquals("some CPU", json.get("devices").get("vector").textValue());
    assertTrue(json.get("vectorBits").intValue() >= 64);
    assertTrue(json.get("cores").intValue() >= 1);
  }

  @Test
  void tellsWhatAnArmBoardTells() {
    new Tree(root)
        .write("proc/cpuinfo", "processor : 0\nFeatures : fp asimd")
        .write("proc/device-tree/model", "Some Board\0");
    JsonNode json = environment();
    assertEquals("Some Board", json.get("cpu").textValue().strip());
    assertEquals("asimd fp", json.get("cpuFlags").textValue());
  }

  @Test
  void whatIsUnknownIsNull() {
    new Tree(root).write("proc/loadavg", "garbage").write("proc/meminfo", "MemTotal: many kB");
    JsonNode json = environment();
    assertTrue(json.get("governor").isNull());
    assertTrue(json.get("loadAverage").isNull());
    assertTrue(json.get("memoryBytes").isNull());
    assertEquals(System.getProperty("os.arch"), json.get("cpu").textValue());
  }

  @Test
  void residentMemoryIsRead() {
    new Tree(root).write("proc/self/status", "VmHWM:\t 200 kB\nVmRSS:\t 100 kB");
    SystemFiles files = new SystemFiles(root);
    assertEquals(100 * 1024, files.residentBytes().orElseThrow());
    assertEquals(200 * 1024, files.peakResidentBytes().orElseThrow());
  }
}
