package org.helu.device.vector;

import org.helu.runtime.HeluException;
import org.helu.runtime.device.Availability;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.DeviceProvider;

/** Finds the device {@code vector}: the JVM's SIMD units through {@code jdk.incubator.vector}. */
public final class VectorDeviceProvider implements DeviceProvider {
  static final String NAME = "vector";
  private static final String MODULE = "jdk.incubator.vector";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int priority() {
    return VECTOR_PRIORITY;
  }

  @Override
  public Availability probe() {
    // Asked before any class that needs the module is loaded.
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      return new Availability.Unavailable(
          "the module " + MODULE + " is not there", "start java with --add-modules " + MODULE);
    }
    try {
      return new Availability.Available(Machine.description());
    } catch (HeluException e) {
      return new Availability.Unavailable(e.getMessage(), "");
    } catch (ExceptionInInitializerError e) {
      String reason = e.getCause() == null ? e.toString() : e.getCause().getMessage();
      return new Availability.Unavailable(reason, "");
    } catch (LinkageError e) {
      return new Availability.Unavailable(e.toString(), "use the JDK that helu was built for");
    }
  }

  @Override
  public Device open(DeviceOptions options) {
    if (probe() instanceof Availability.Unavailable(String reason, String remedy)) {
      throw HeluException.of(
          HeluException.Kind.DEVICE_UNAVAILABLE, "device/" + NAME, reason, remedy);
    }
    return new VectorDevice(options);
  }
}
