package org.helu.device.tornado;

/**
 * Kernels as they are lowered for NVIDIA's GPUs: in work-groups where layers are large, with dp4a
 * where they are of bytes.
 */
class JavaTiledContractTest extends JavaContractTest {
  JavaTiledContractTest() {
    super(KernelForm.TILED_DP4A);
  }
}
