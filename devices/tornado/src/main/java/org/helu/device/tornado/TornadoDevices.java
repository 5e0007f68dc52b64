package org.helu.device.tornado;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.helu.runtime.device.Device;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/** Opens devices; one piece of hardware has one lock and one account of its memory. */
final class TornadoDevices {
  /**
   * What all users of one device share.
   *
   * @param name backend and index
   * @param index among the backend's devices
   * @param device TornadoVM's
   * @param lock held while anything is compiled for the device or runs on it
   * @param usedBytes memory that open executables take
   */
  record Hardware(
      String name, int index, TornadoDevice device, ReentrantLock lock, AtomicLong usedBytes) {
    Hardware(String name, int index, TornadoDevice device) {
      this(name, index, device, new ReentrantLock(), new AtomicLong());
    }

    /** {@code BACKEND:INDEX}, as TornadoVM's properties name a device. */
    String place() {
      return device.getBackendIndex() + ":" + index;
    }

    String stage() {
      return "device/" + name;
    }
  }

  private static final Map<String, Hardware> OPENED = new ConcurrentHashMap<>();

  private TornadoDevices() {}

  static int count(String backend) {
    return devices(backend).size();
  }

  static Device open(String backend, int index) {
    return new TornadoHeluDevice(hardware(backend, index));
  }

  static Hardware hardware(String backend, int index) {
    String name = index == 0 ? backend : backend + ":" + index;
    return OPENED.computeIfAbsent(
        name, key -> new Hardware(key, index, devices(backend).get(index)));
  }

  private static List<TornadoDevice> devices(String backend) {
    return TornadoVm.devices(TornadoVMBackendType.valueOf(backend.toUpperCase(Locale.ROOT)));
  }
}
