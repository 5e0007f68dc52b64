package org.helu.device.tornado;

import org.helu.device.testkit.DeviceContractTest;

/** The contract suite on the first OpenCL device that TornadoVM sees. */
class OpenClContractTest extends DeviceContractTest {
  @Override
  protected String deviceName() {
    return "opencl";
  }

  /** TornadoVM allocates in every execution. */
  @Override
  protected boolean runsWithoutAllocation() {
    return false;
  }
}
