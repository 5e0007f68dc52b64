package org.helu.device.tornado;

import org.helu.device.testkit.DeviceContractTest;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.Devices;

/** The contract suite on the kernels as plain Java, as they are lowered for CPUs. */
class Java8ContractTest extends DeviceContractTest {
  @Override
  protected String deviceName() {
    return "tornado-java";
  }

  @Override
  protected Device open(DeviceOptions options) {
    return Devices.open(deviceName(), new DeviceOptions(options.threads(), 1));
  }

  @Override
  protected boolean runsWithoutAllocation() {
    return false;
  }
}
