package org.helu.device.rtl;

import org.helu.runtime.HeluException;
import org.helu.runtime.device.Availability;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.DeviceProvider;

/** Finds the device {@code rtl}: generated Verilog, run by Verilator. */
public final class RtlDeviceProvider implements DeviceProvider {
  static final String NAME = "rtl";

  /** A simulation is never what `auto` should pick. */
  private static final int PRIORITY = -100;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int priority() {
    return PRIORITY;
  }

  @Override
  public boolean isForChecking() {
    return true;
  }

  @Override
  public Availability probe() {
    if (Tools.find("verilator") == null) {
      return new Availability.Unavailable(
          "Verilator is not on PATH", "apt-get install verilator g++");
    }
    if (Tools.find("g++") == null) {
      return new Availability.Unavailable(
          "no C++ compiler: g++ is not on PATH", "apt-get install g++");
    }
    return new Availability.Available("streaming Verilog design, simulated by Verilator");
  }

  @Override
  public Device open(DeviceOptions options) {
    if (probe() instanceof Availability.Unavailable(String reason, String remedy)) {
      throw HeluException.of(
          HeluException.Kind.DEVICE_UNAVAILABLE, "device/" + NAME, reason, remedy);
    }
    return new RtlDevice();
  }
}
