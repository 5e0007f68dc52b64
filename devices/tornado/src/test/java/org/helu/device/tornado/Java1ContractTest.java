package org.helu.device.tornado;

/** Kernels of one output an iteration, as small layers on GPUs have them. */
class Java1ContractTest extends JavaContractTest {
  Java1ContractTest() {
    super(KernelForm.PLAIN);
  }
}
