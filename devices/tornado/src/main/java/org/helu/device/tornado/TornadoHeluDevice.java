package org.helu.device.tornado;

import org.helu.device.tornado.TornadoDevices.Hardware;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.Executable;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Node;

/**
 * A device that TornadoVM drives. It keeps the plan of the graph compiled last, so that compiling
 * that one again costs neither time nor memory.
 */
class TornadoHeluDevice implements Device {
  final Hardware hardware;
  private SharedPlan latest;
  private boolean closed;

  TornadoHeluDevice(Hardware hardware) {
    this.hardware = hardware;
  }

  @Override
  public String name() {
    return hardware.name();
  }

  @Override
  public String description() {
    return "TornadoVM: " + TornadoVm.describe(hardware.device());
  }

  @Override
  public boolean supports(BinarizedGraph graph, Node node) {
    return Support.objection(graph.graph(), node).isEmpty();
  }

  @Override
  public Executable compile(BinarizedGraph graph, CompileOptions options) {
    Device.requireSupported(this, graph);
    int maxBatch = options.maxBatch();
    hardware.lock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("the device is closed");
      }
      if (latest == null || !latest.isFor(graph, maxBatch)) {
        forget(); // its memory may be what the new one needs
        latest = plan(graph, maxBatch);
      }
      return new TornadoExecutable(graph, maxBatch, hardware, latest.retain());
    } finally {
      hardware.lock().unlock();
    }
  }

  /** Prepares a graph; called with the hardware's lock held. */
  SharedPlan plan(BinarizedGraph graph, int maxBatch) {
    return new SharedPlan(graph, maxBatch, hardware);
  }

  private void forget() {
    if (latest != null) {
      latest.release();
      latest = null;
    }
  }

  @Override
  public void close() {
    hardware.lock().lock();
    try {
      closed = true;
      forget();
    } finally {
      hardware.lock().unlock();
    }
  }
}
