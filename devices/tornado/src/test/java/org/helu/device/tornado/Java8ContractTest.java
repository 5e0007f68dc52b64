package org.helu.device.tornado;

/** Kernels of eight outputs an iteration, as they are lowered for CPUs. */
class Java8ContractTest extends JavaContractTest {
  Java8ContractTest() {
    super(KernelForm.SIMD);
  }
}
