package org.helu.device.tornado;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.helu.runtime.device.Availability;
import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/**
 * TornadoVM's runtime, started once. Loaded only after {@link TornadoModules} has found its
 * modules.
 *
 * <p>Starting fails in many ways (a native library is missing, a driver is too old, there is no
 * OpenCL platform), each with another Throwable, and stays failed in this JVM: so it is tried once
 * and the failure kept.
 */
final class TornadoVm {
  private static final TornadoRuntime RUNTIME;
  private static final Throwable FAILURE;

  static {
    // A kernel that does not compile must be an error: the default runs it as Java, unasked.
    System.setProperty("tornado.recover.bailout", "False");
    // Products and sums are rounded one by one, as in plain Java.
    setDefault("tornado.enable.fma", "False");
    // TornadoVM's own limit would refuse beyond 4 GB; TornadoExecutable checks the device's own.
    setDefault("tornado.device.memory", "1024GB");
    // Room for the tasks of a deep network; the default holds about sixty.
    setDefault("tornado.tvm.maxbytecodesize", "1048576");
    TornadoRuntime runtime = null;
    Throwable failure = null;
    try {
      runtime = TornadoRuntimeProvider.getTornadoRuntime();
      runtime.getNumBackends();
    } catch (Throwable e) {
      failure = e;
    }
    RUNTIME = runtime;
    FAILURE = failure;
  }

  private TornadoVm() {}

  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /**
   * All devices of a name, in TornadoVM's order; empty where there are none. An FPGA is one of
   * OpenCL's, but no {@code opencl} device: it does not compile kernels, and TornadoVM ends the JVM
   * where it finds no configuration of the board.
   */
  static List<TornadoDevice> devices(String name) {
    if (FAILURE != null) {
      return Collections.emptyList();
    }
    boolean fpga = name.equals(TornadoModules.FPGA);
    TornadoVMBackendType type =
        TornadoVMBackendType.valueOf(TornadoModules.backend(name).toUpperCase(Locale.ROOT));
    List<TornadoDevice> devices = new ArrayList<>();
    for (int i = 0; i < RUNTIME.getNumBackends(); i++) {
      TornadoBackend backend = RUNTIME.getBackend(i);
      if (backend.getBackendType() == type) {
        for (int d = 0; d < backend.getNumDevices(); d++) {
          TornadoDevice device = backend.getDevice(d);
          if (isFpga(device) == fpga) {
            devices.add(device);
          }
        }
      }
    }
    return devices;
  }

  static Availability probe(String name) {
    try {
      List<TornadoDevice> devices = devices(name);
      if (!devices.isEmpty()) {
        for (TornadoDevice device : devices) {
          if (isFpga(device) && FpgaDevice.objection(device).isPresent()) {
            return FpgaDevice.objection(device).get();
          }
        }
        List<String> lines = devices.stream().map(TornadoVm::describe).toList();
        return new Availability.Available(String.join("; ", lines));
      }
    } catch (Throwable e) {
      return new Availability.Unavailable(
          "TornadoVM failed: " + message(e), TornadoModules.remedy(name));
    }
    if (FAILURE != null) {
      String reason = "TornadoVM does not start: " + message(FAILURE);
      return new Availability.Unavailable(reason, TornadoModules.remedy(name));
    }
    String kind =
        name.equals(TornadoModules.FPGA) ? "FPGA among OpenCL's devices" : name + " device";
    return new Availability.Unavailable("TornadoVM sees no " + kind, TornadoModules.remedy(name));
  }

  /** The innermost cause's name and message, without the colours that TornadoVM writes into it. */
  static String message(Throwable error) {
    Throwable cause = error;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    String text = cause.getMessage();
    String name = cause.getClass().getSimpleName();
    return (text == null || text.isBlank() ? name : name + ": " + text)
        .replaceAll("\u001B\\[[0-9;]*m", "")
        .strip();
  }

  /** {@code name, platform, type, memory, compute units, work-group} in one line. */
  static String describe(TornadoDevice device) {
    return String.format(
        Locale.ROOT,
        "%s (%s, %s, %,d MiB, %d compute units, work-group up to %d)",
        name(device),
        device.getPlatformName().strip(),
        device.getDeviceType() == TornadoDeviceType.CPU ? "CPU" : kind(device),
        device.getMaxGlobalMemory() >> 20,
        device.getPhysicalDevice().getDeviceMaxComputeUnits(),
        device.getPhysicalDevice().getDeviceMaxWorkGroupSize()[0]);
  }

  private static String kind(TornadoDevice device) {
    return isGpu(device) ? "GPU" : String.valueOf(device.getDeviceType());
  }

  static boolean isGpu(TornadoDevice device) {
    return device.getDeviceType() == TornadoDeviceType.GPU;
  }

  static boolean isFpga(TornadoDevice device) {
    return device.getDeviceType() == TornadoDeviceType.ACCELERATOR
        && device.getDeviceContext().isPlatformFPGA();
  }

  /** What TornadoVM calls a device, {@code backend:device}: the first one of the same names. */
  static String number(TornadoDevice device) {
    TornadoBackend backend = RUNTIME.getBackend(device.getBackendIndex());
    int index = 0;
    while (!isSame(backend.getDevice(index), device)) {
      index++;
    }
    return device.getBackendIndex() + ":" + index;
  }

  private static boolean isSame(TornadoDevice one, TornadoDevice other) {
    return name(one).equals(name(other)) && one.getPlatformName().equals(other.getPlatformName());
  }

  static String name(TornadoDevice device) {
    return device.getPhysicalDevice().getDeviceName().strip();
  }

  /** Whether the first device of a backend is a GPU. */
  static boolean startsWithGpu(String name) {
    List<TornadoDevice> devices = devices(name);
    return !devices.isEmpty() && isGpu(devices.getFirst());
  }
}
