package org.helu.device.vector;

import java.util.Optional;
import org.helu.device.testkit.DeviceContractTest;

/** The vector device under the contract; the build runs it in every vector width. */
class VectorContractTest extends DeviceContractTest {
  @Override
  protected String deviceName() {
    return "vector";
  }

  /**
   * After the thousands of shapes of this suite the JIT compiler no longer keeps every vector out
   * of the heap (docs/performance.md), so the build checks that in a JVM of its own.
   */
  @Override
  protected Optional<String> reasonNotToCheckAllocation() {
    return Boolean.getBoolean("helu.ownJvm")
        ? Optional.empty()
        : Optional.of("checked in a JVM of its own, with -Dhelu.ownJvm=true");
  }
}
