package org.helu.device.tornado;

import org.helu.runtime.HeluException;
import org.helu.runtime.device.Availability;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.DeviceProvider;

/**
 * One backend of TornadoVM. Where TornadoVM is absent or broken this says so and does nothing else.
 */
public abstract sealed class TornadoDeviceProvider implements DeviceProvider {
  /** Below {@code vector}: a CPU through OpenCL is no faster than the JVM's own SIMD. */
  private static final int CPU_PRIORITY = VECTOR_PRIORITY - 50;

  private static final int GPU_PRIORITY = VECTOR_PRIORITY + 100;

  /** Never what `auto` should pick: most networks have no bitstream. */
  private static final int FPGA_PRIORITY = -50;

  private final String backend;

  private TornadoDeviceProvider(String backend) {
    this.backend = backend;
  }

  /** Any OpenCL device. */
  public static final class OpenCl extends TornadoDeviceProvider {
    /** Found by {@link java.util.ServiceLoader}. */
    public OpenCl() {
      super("opencl");
    }
  }

  /** NVIDIA GPUs through PTX. */
  public static final class Ptx extends TornadoDeviceProvider {
    /** Found by {@link java.util.ServiceLoader}. */
    public Ptx() {
      super("ptx");
    }
  }

  /** NVIDIA GPUs through CUDA C and NVRTC. */
  public static final class Cuda extends TornadoDeviceProvider {
    /** Found by {@link java.util.ServiceLoader}. */
    public Cuda() {
      super("cuda");
    }
  }

  /** FPGA boards through the vendors' OpenCL. */
  public static final class Fpga extends TornadoDeviceProvider {
    /** Found by {@link java.util.ServiceLoader}. */
    public Fpga() {
      super(TornadoModules.FPGA);
    }

    @Override
    public int priority() {
      return FPGA_PRIORITY;
    }

    @Override
    public boolean isAheadOfTime() {
      return true;
    }
  }

  @Override
  public final String name() {
    return backend;
  }

  @Override
  public int priority() {
    try {
      boolean gpu =
          TornadoModules.probe(backend) instanceof Availability.Available
              && TornadoVm.startsWithGpu(backend);
      return gpu ? GPU_PRIORITY : CPU_PRIORITY;
    } catch (Throwable _) { // a broken TornadoVM must not keep other devices from being found
      return CPU_PRIORITY;
    }
  }

  @Override
  public final int count() {
    return probe() instanceof Availability.Available ? TornadoDevices.count(backend) : 0;
  }

  @Override
  public final Availability probe() {
    Availability modules = TornadoModules.probe(backend);
    if (modules instanceof Availability.Unavailable) {
      return modules;
    }
    try {
      return TornadoVm.probe(backend);
    } catch (Throwable e) { // whatever is wrong with TornadoVM's classes or libraries
      return new Availability.Unavailable(
          "TornadoVM does not start: " + e, "check the SDK that TORNADOVM_HOME names");
    }
  }

  @Override
  public final Device open(DeviceOptions options) {
    if (probe() instanceof Availability.Unavailable(String reason, String remedy)) {
      throw HeluException.of(
          HeluException.Kind.DEVICE_UNAVAILABLE, "device/" + backend, reason, remedy);
    }
    return TornadoDevices.open(backend, options.index());
  }
}
