package org.helu.device.tornado;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.helu.device.tornado.TornadoDevices.Hardware;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.LayerObserver;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;

/**
 * A compiled graph. All sessions share its plan, one run at a time: a device runs one network at a
 * time anyway, and TornadoVM would otherwise compile every kernel, and keep all weights, once per
 * session.
 */
final class TornadoExecutable implements Executable {
  private final BinarizedGraph graph;
  private final int maxBatch;
  private final Hardware hardware;
  private final SharedPlan plan;
  private volatile boolean closed;

  /** Takes over one use of {@code plan}. */
  TornadoExecutable(BinarizedGraph graph, int maxBatch, Hardware hardware, SharedPlan plan) {
    this.graph = graph;
    this.maxBatch = maxBatch;
    this.hardware = hardware;
    this.plan = plan;
  }

  /** One part of a run, see {@link org.helu.runtime.device.AbstractSession}. */
  void execute(
      int batch,
      List<MemorySegment> inputs,
      List<MemorySegment> outputs,
      LayerObserver observer,
      StepTimes times) {
    hardware.lock().lock();
    try {
      requireOpen();
      plan.run(batch, inputs, outputs, observer, times);
    } finally {
      hardware.lock().unlock();
    }
  }

  StepTimes newTimes() {
    return plan.newTimes();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the executable is closed");
    }
  }

  @Override
  public BinarizedGraph graph() {
    return graph;
  }

  /** Taken once, not by each session. */
  @Override
  public long sessionBytes() {
    return plan.activationBytes();
  }

  @Override
  public long weightBytes() {
    return plan.weightBytes();
  }

  @Override
  public Session newSession() {
    requireOpen();
    return new TornadoSession(this, maxBatch);
  }

  @Override
  public void close() {
    hardware.lock().lock();
    try {
      if (!closed) {
        closed = true;
        plan.release();
      }
    } finally {
      hardware.lock().unlock();
    }
  }
}
