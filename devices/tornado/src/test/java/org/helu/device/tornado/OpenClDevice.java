package org.helu.device.tornado;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import org.helu.runtime.device.Availability;
import org.junit.jupiter.api.Assumptions;

/** The device that tests outside of the contract suite run on. */
final class OpenClDevice {
  private OpenClDevice() {}

  /** Skips a test with the reason, or fails it where {@code -Dhelu.requireDevice} names opencl. */
  static void require() {
    if (new TornadoDeviceProvider.OpenCl().probe()
        instanceof Availability.Unavailable(String reason, String remedy)) {
      String message = "device 'opencl' is unavailable: " + reason + "; " + remedy;
      assertFalse(isRequired("opencl"), message);
      Assumptions.abort(message);
    }
  }

  static boolean isRequired(String device) {
    return Arrays.asList(System.getProperty("helu.requireDevice", "").split(",")).contains(device);
  }
}
