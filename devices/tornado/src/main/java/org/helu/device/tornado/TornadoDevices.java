package org.helu.device.tornado;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.helu.runtime.device.Device;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** Opens devices; one piece of hardware has one lock and one account of its memory. */
final class TornadoDevices {
  /**
   * What all users of one device share.
   *
   * @param name kind and index
   * @param device TornadoVM's
   * @param lock held while anything is compiled for the device or runs on it
   * @param usedBytes memory that open executables take
   * @param maxBytes memory that they may take
   */
  record Hardware(
      String name, TornadoDevice device, ReentrantLock lock, AtomicLong usedBytes, long maxBytes) {
    Hardware(String name, TornadoDevice device, long maxBytes) {
      this(name, device, new ReentrantLock(), new AtomicLong(), maxBytes);
    }

    /** {@code BACKEND:INDEX}, as TornadoVM's properties name a device. */
    String place() {
      return TornadoVm.number(device);
    }

    String stage() {
      return "device/" + name;
    }
  }

  private static final Map<String, Hardware> OPENED = new ConcurrentHashMap<>();

  private TornadoDevices() {}

  static int count(String backend) {
    return TornadoVm.devices(backend).size();
  }

  static Device open(String backend, int index) {
    Hardware hardware = hardware(backend, index);
    return backend.equals(TornadoModules.FPGA)
        ? new FpgaDevice(hardware)
        : new TornadoHeluDevice(hardware);
  }

  static Hardware hardware(String backend, int index) {
    String name = index == 0 ? backend : backend + ":" + index;
    return OPENED.computeIfAbsent(
        name,
        key -> {
          TornadoDevice device = TornadoVm.devices(backend).get(index);
          long limit =
              TornadoVm.isFpga(device)
                  ? FpgaDevice.settings(device).target().board().maxBytes()
                  : Long.MAX_VALUE;
          return new Hardware(key, device, Math.min(limit, device.getMaxGlobalMemory()));
        });
  }
}
