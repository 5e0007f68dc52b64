package org.helu.device.vector;

import org.helu.device.testkit.DeviceContractTest;

/** The vector device under the contract; the build runs it in every vector width. */
class VectorContractTest extends DeviceContractTest {
  @Override
  protected String deviceName() {
    return "vector";
  }
}
