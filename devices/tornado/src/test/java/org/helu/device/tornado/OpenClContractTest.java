package org.helu.device.tornado;

import org.helu.device.testkit.DeviceContractTest;

/** The contract suite on the first OpenCL device that TornadoVM sees. */
class OpenClContractTest extends DeviceContractTest {
  @Override
  protected String deviceName() {
    return "opencl";
  }

  /** PoCL takes a good part of a second to compile a kernel; a prime meets every kind of case. */
  @Override
  protected int integerCaseStride() {
    return 23;
  }

  /** Other sizes are other code, but the same kernels: as Java they run in every size. */
  @Override
  protected int sizeCaseStride() {
    return 7;
  }

  /** Each further largest batch, and an observer, has the kernel compiled again. */
  @Override
  protected int wholeCaseStride() {
    return 23;
  }

  @Override
  protected boolean hasThreads() {
    return false;
  }

  /** Each of a graph's kernels is compiled, and again to observe it. */
  @Override
  protected int randomGraphStride() {
    return 5;
  }

  /** TornadoVM allocates in every execution. */
  @Override
  protected boolean runsWithoutAllocation() {
    return false;
  }
}
