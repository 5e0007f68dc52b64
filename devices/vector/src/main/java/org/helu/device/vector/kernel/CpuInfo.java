package org.helu.device.vector.kernel;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** What Linux says of the first processor. */
public final class CpuInfo {
  private static final Path FILE = Path.of("/proc/cpuinfo");

  private CpuInfo() {}

  /** Whether the JVM runs on a 64-bit x86 processor. */
  static boolean isX86() {
    String architecture = System.getProperty("os.arch");
    return architecture.equals("amd64") || architecture.equals("x86_64");
  }

  /**
   * A field of {@code /proc/cpuinfo}.
   *
   * @return its value, or null where there is no such file (outside Linux) or no such field
   */
  public static String field(String name) {
    // Read up to the field: the rest is as long as there are processors.
    try (BufferedReader lines = Files.newBufferedReader(FILE, StandardCharsets.ISO_8859_1)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        int colon = line.indexOf(':');
        if (colon >= 0 && line.substring(0, colon).strip().equals(name)) {
          return line.substring(colon + 1).strip();
        }
      }
      return null;
    } catch (IOException | RuntimeException e) {
      return null;
    }
  }

  /**
   * Whether the JVM has an instruction for fused multiply-add on x86, where it is part of neither
   * the first 64-bit processors nor of AVX.
   *
   * @param floatBits width of the JVM's widest float vector: 128 without AVX, and Java uses fused
   *     multiply-add in AVX's encoding only
   * @param preferredBits width that it has for every element type: 256 needs AVX2
   * @param flags {@code flags} of {@code /proc/cpuinfo}, or null
   */
  static boolean hasFma(int floatBits, int preferredBits, String flags) {
    if (floatBits <= 128) {
      return false;
    }
    // With AVX2 all processors but a few of VIA's have it.
    return flags == null ? preferredBits >= 256 : contains(flags, "fma");
  }

  /**
   * Whether an x86 processor with 512-bit vectors counts the bits of 32-bit lanes by an
   * instruction: the first ones do not.
   *
   * @param flags {@code flags} of {@code /proc/cpuinfo}, or null
   */
  static boolean hasPopcount(String flags) {
    return flags == null || contains(flags, "avx512_vpopcntdq");
  }

  private static boolean contains(String flags, String flag) {
    return Arrays.asList(flags.split(" ")).contains(flag);
  }
}
