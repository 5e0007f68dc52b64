package org.helu.device.tornado;

import java.util.Arrays;
import java.util.Locale;
import org.helu.runtime.HeluException;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/** Which form of a kernel the lowering prefers where there are several. */
enum KernelForm {
  /** Eight outputs an iteration: for CPUs, whose few cores want SIMD. */
  SIMD,

  /**
   * OpenCL C of our own for what takes most of the time, else {@link #SIMD}: for CPUs with OpenCL.
   */
  OPENCL_C,

  /** One output an iteration. */
  PLAIN,

  /**
   * Work-groups that keep tiles of both operands in local memory, where a layer is large enough for
   * it, else {@link #PLAIN}: for GPUs. Not for plain Java, which has no work-groups.
   */
  TILED,

  /** {@link #TILED}, and codes of eight bits by {@code dp4a}: for GPUs that PTX or CUDA drives. */
  TILED_DP4A;

  /** Overrides the choice by the kind of device: the names of these forms in small letters. */
  private static final String PROPERTY = "helu.tornado.kernels";

  boolean isForCpu() {
    return this == SIMD || this == OPENCL_C;
  }

  boolean isTiled() {
    return this == TILED || this == TILED_DP4A;
  }

  static KernelForm of(TornadoDevice device) {
    String forced = System.getProperty(PROPERTY);
    if (forced == null) {
      return bestFor(device);
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

  private static KernelForm bestFor(TornadoDevice device) {
    boolean isOpenCl = device.getTornadoVMBackend() == TornadoVMBackendType.OPENCL;
    if (TornadoVm.isGpu(device)) {
      return isOpenCl ? TILED : TILED_DP4A;
    }
    return isOpenCl && device.getDeviceType() == TornadoDeviceType.CPU ? OPENCL_C : SIMD;
  }
}
