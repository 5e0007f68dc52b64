package org.helu.device.tornado;

import org.helu.runtime.device.Availability;

/** What can be said of TornadoVM without loading any of its classes. */
final class TornadoModules {
  /** The device's name; its driver is that of OpenCL. */
  static final String FPGA = "fpga";

  private TornadoModules() {}

  /** TornadoVM's backend of a device. */
  static String backend(String device) {
    return device.equals(FPGA) ? "opencl" : device;
  }

  /** Whether this JVM was started with TornadoVM's modules and the driver of a device. */
  static Availability probe(String device) {
    String backend = backend(device);
    ModuleLayer boot = ModuleLayer.boot();
    if (boot.findModule("tornado.runtime").isEmpty()) {
      return new Availability.Unavailable(
          "this JVM was started without TornadoVM",
          "install the TornadoVM 5.2 SDK for JDK 25, set TORNADOVM_HOME, and start through ./helu"
              + " (docs/devices.md)");
    }
    String missing = System.getProperty(ArgfileText.MISSING + backend);
    if (missing != null) {
      return new Availability.Unavailable(
          "the native library of TornadoVM's " + backend + " backend does not load: " + missing,
          remedy(device));
    }
    if (boot.findModule("tornado.drivers." + backend).isEmpty()) {
      return new Availability.Unavailable(
          "the TornadoVM SDK was built without the " + backend + " backend",
          "install an SDK that has it (docs/devices.md)");
    }
    return new Availability.Available("");
  }

  /** What to do where a device is not found, or has no driver. */
  static String remedy(String device) {
    return switch (device) {
      case FPGA ->
          "install the board's OpenCL runtime, or its emulator; `clinfo -l` must list it"
              + " (docs/fpga.md)";
      case "opencl" ->
          "install an OpenCL driver (pocl-opencl-icd for a CPU device); `clinfo -l` must list it";
      case "cuda" ->
          "install NVIDIA's driver (`nvidia-smi` must list the GPU) and NVRTC of the CUDA toolkit";
      default -> "install NVIDIA's driver; `nvidia-smi` must list the GPU";
    };
  }
}
