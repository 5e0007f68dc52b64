package org.helu.device.testkit;

/** The reference device under the contract that it defines the numbers of. */
class ReferenceContractTest extends DeviceContractTest {
  @Override
  protected String deviceName() {
    return "reference";
  }

  @Override
  protected boolean runsWithoutAllocation() {
    return false;
  }
}
