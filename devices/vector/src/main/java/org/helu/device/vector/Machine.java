package org.helu.device.vector;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.helu.device.vector.kernel.Simd;

/** What this machine is. */
final class Machine {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  private Machine() {}

  /** Processor, cores and vector width in one line. */
  static String description() {
    return processor()
        + ", "
        + Runtime.getRuntime().availableProcessors()
        + " cores, "
        + Simd.LANES * Float.SIZE
        + "-bit vectors, Java "
        + Runtime.version().feature();
  }

  private static String processor() {
    String architecture = System.getProperty("os.arch");
    try (BufferedReader lines = Files.newBufferedReader(CPU_INFO)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("model name")) {
          return line.substring(line.indexOf(':') + 1).strip();
        }
      }
      return architecture;
    } catch (IOException | RuntimeException e) {
      // No such file outside Linux.
      return architecture;
    }
  }

  /** Bytes of memory that this machine, or the container around the JVM, has. */
  static long physicalBytes() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }
}
