package org.helu.device.vector;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.helu.device.vector.kernel.CpuInfo;
import org.helu.device.vector.kernel.Simd;

/** What this machine is. */
final class Machine {
  private Machine() {}

  /** Processor, cores and vectors in one line. */
  static String description() {
    return processor()
        + ", "
        + Runtime.getRuntime().availableProcessors()
        + " cores, "
        + Simd.LANES * Float.SIZE
        + "-bit vectors"
        + (Simd.FMA ? "" : " without fused multiply-add")
        + ", Java "
        + Runtime.version().feature();
  }

  private static String processor() {
    String name = CpuInfo.field("model name");
    return name == null ? System.getProperty("os.arch") : name;
  }

  /** Bytes of memory that this machine, or the container around the JVM, has. */
  static long physicalBytes() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }
}
