package org.helu.device.tornado;

import org.helu.device.testkit.DeviceContractTest;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.Devices;

/** The contract suite on the kernels of one form as plain Java. */
abstract class JavaContractTest extends DeviceContractTest {
  private final KernelForm form;

  JavaContractTest(KernelForm form) {
    this.form = form;
  }

  @Override
  protected String deviceName() {
    return JavaDevice.NAME;
  }

  @Override
  protected Device open(DeviceOptions options) {
    return Devices.open(deviceName(), JavaDevice.options(options.threads(), form));
  }

  @Override
  protected boolean runsWithoutAllocation() {
    return false;
  }
}
