package org.helu.device.tornado;

import java.util.Arrays;
import java.util.Locale;
import org.helu.runtime.HeluException;

/** Which form of a kernel the lowering prefers where there are several. */
enum KernelForm {
  /** Eight outputs an iteration: for CPUs, whose few cores want SIMD. */
  SIMD,

  /** One output an iteration. */
  PLAIN,

  /**
   * Work-groups that keep tiles of both operands in local memory, where a layer is large enough for
   * it, else {@link #PLAIN}: for GPUs. Not for plain Java, which has no work-groups.
   */
  TILED;

  /** Overrides the choice by the kind of device: {@code simd}, {@code plain} or {@code tiled}. */
  private static final String PROPERTY = "helu.tornado.kernels";

  static KernelForm of(boolean gpu) {
    String forced = System.getProperty(PROPERTY);
    if (forced == null) {
      return gpu ? TILED : SIMD;
    }
    try {
      return valueOf(forced.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException _) {
      throw HeluException.invalid(
          "device/options",
          PROPERTY + ": expected one of " + Arrays.toString(values()) + ", found " + forced,
          "leave it out to choose by the kind of device");
    }
  }
}
