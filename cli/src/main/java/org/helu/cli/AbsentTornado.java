package org.helu.cli;

import java.util.Locale;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.Availability;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.DeviceProvider;

/**
 * Stands in for TornadoVM's devices where the launcher did not start TornadoVM, to say why. The
 * real providers, if they are there, have the higher priority and win.
 */
abstract sealed class AbsentTornado implements DeviceProvider {
  /** What the launcher found, see {@code helu}. */
  static final String SDK = System.getProperty("helu.tornado.sdk", "");

  /** Why the SDK could not be used, empty if that was not tried. */
  static final String PROBLEM = System.getProperty("helu.tornado.problem", "");

  private final String name;

  private AbsentTornado(String name) {
    this.name = name;
  }

  /** {@code opencl}. */
  public static final class OpenCl extends AbsentTornado {
    /** For {@link java.util.ServiceLoader}. */
    public OpenCl() {
      super("opencl");
    }
  }

  /** {@code ptx}. */
  public static final class Ptx extends AbsentTornado {
    /** For {@link java.util.ServiceLoader}. */
    public Ptx() {
      super("ptx");
    }
  }

  /** {@code cuda}. */
  public static final class Cuda extends AbsentTornado {
    /** For {@link java.util.ServiceLoader}. */
    public Cuda() {
      super("cuda");
    }
  }

  /** {@code fpga}. */
  public static final class Fpga extends AbsentTornado {
    /** For {@link java.util.ServiceLoader}. */
    public Fpga() {
      super("fpga");
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int priority() {
    return Integer.MIN_VALUE;
  }

  @Override
  public Availability.Unavailable probe() {
    if ("off".equals(System.getenv("HELU_TORNADO"))) {
      return new Availability.Unavailable(
          "TornadoVM is switched off by HELU_TORNADO=off", "unset it");
    }
    if (!PROBLEM.isEmpty()) {
      return new Availability.Unavailable(PROBLEM, remedy(name));
    }
    return SDK.isEmpty()
        ? new Availability.Unavailable(
            "no TornadoVM SDK in TORNADOVM_HOME or SDKMAN's folder", remedy(name))
        : new Availability.Unavailable(
            "this command started without TornadoVM", "name the device with --device");
  }

  /** How to get an SDK that serves {@code device}. */
  static String remedy(String device) {
    boolean archive = System.getProperty("os.arch").toLowerCase(Locale.ROOT).equals("amd64");
    return archive
        ? "sdk install tornadovm " + Version.tornado() + "-" + backend(device)
        : "build TornadoVM " + Version.tornado() + ", set TORNADOVM_HOME; see docs/devices.md";
  }

  /** TornadoVM's backend: FPGAs are OpenCL devices. */
  private static String backend(String device) {
    return device.equals("fpga") ? "opencl" : device;
  }

  @Override
  public Device open(DeviceOptions options) {
    Availability.Unavailable why = probe();
    throw HeluException.of(
        HeluException.Kind.DEVICE_UNAVAILABLE, "device/" + name, why.reason(), why.remedy());
  }
}
