package org.helu.device.tornado;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Locale;
import org.helu.device.tornado.Lowering.Program;
import org.helu.device.tornado.TornadoDevices.Hardware;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.LayerObserver;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.plan.MemoryPlan;

/**
 * A graph as one TaskGraph on one device: compiled, with its weights there, and warm. Observed runs
 * use a second TaskGraph, made when first asked for, that brings every value back.
 *
 * <p>Counts its users, and frees the device's memory when the last one leaves. All methods are
 * called with the hardware's lock held.
 */
final class SharedPlan {
  private final BinarizedGraph graph;
  private final int maxBatch;
  private final Hardware hardware;
  private final DevicePlan plan;
  private final boolean observable;
  private DevicePlan observedPlan;
  private int users = 1;

  SharedPlan(BinarizedGraph graph, int maxBatch, Hardware hardware) {
    this(graph, maxBatch, hardware, plan(graph, maxBatch, hardware, true), true);
  }

  /**
   * Of a plan that is there already.
   *
   * @param observable whether the nodes are kernels of their own, whose values can be looked at
   */
  SharedPlan(
      BinarizedGraph graph, int maxBatch, Hardware hardware, DevicePlan plan, boolean observable) {
    this.graph = graph;
    this.maxBatch = maxBatch;
    this.hardware = hardware;
    this.plan = plan;
    this.observable = observable;
  }

  boolean isFor(BinarizedGraph other, int otherBatch) {
    return graph == other && maxBatch == otherBatch; // comparing by content would cost as much
  }

  long weightBytes() {
    return plan.program().buffers().constantBytes();
  }

  long activationBytes() {
    return plan.program().buffers().activationBytes();
  }

  SharedPlan retain() {
    users++;
    return this;
  }

  void release() {
    users--;
    if (users == 0) {
      plan.close();
      if (observedPlan != null) {
        observedPlan.close();
      }
    }
  }

  /** To be filled by profiled runs. */
  StepTimes newTimes() {
    return new StepTimes(plan.program());
  }

  /** One part of a run, see {@link org.helu.runtime.device.AbstractSession}. */
  void run(
      int batch,
      List<MemorySegment> inputs,
      List<MemorySegment> outputs,
      LayerObserver observer,
      StepTimes times) {
    if (observer == null) {
      plan.run(batch, inputs, outputs, times);
      return;
    }
    if (!observable) {
      throw HeluException.unsupported(
          hardware.stage(),
          "the values between the layers of a bitstream stay inside",
          "compare outputs, without --layers");
    }
    if (observedPlan == null) {
      observedPlan = plan(graph, maxBatch, hardware, false);
    }
    observedPlan.run(batch, inputs, outputs, null);
    observedPlan.show(batch, observer);
  }

  private static DevicePlan plan(
      BinarizedGraph graph, int maxBatch, Hardware hardware, boolean shared) {
    try {
      MemoryPlan memory = MemoryPlan.of(graph, maxBatch);
      long activations = shared ? memory.peakBytes() : memory.totalBytes();
      for (GraphInput input : graph.graph().inputs()) {
        activations = Math.addExact(activations, input.type().withBatch(maxBatch).byteSize());
      }
      // Before anything is allocated; index tables come on top and are counted afterwards.
      requireMemory(graph, maxBatch, hardware, graph.graph().constantBytes(), activations);
      KernelForm form = KernelForm.of(hardware.device());
      Program program = Lowering.lower(graph, maxBatch, shared, form);
      Buffers buffers = program.buffers();
      requireMemory(graph, maxBatch, hardware, buffers.constantBytes(), buffers.activationBytes());
      return new DevicePlan(program, hardware, !shared);
    } catch (ArithmeticException e) {
      throw HeluException.of(
          HeluException.Kind.DEVICE_UNAVAILABLE,
          hardware.stage(),
          "'"
              + graph.name()
              + "' at batch "
              + maxBatch
              + " needs more memory than can be addressed",
          "compile with a smaller batch",
          e);
    }
  }

  /** Throws with the numbers if the device has no room for a network. */
  static void requireMemory(
      BinarizedGraph graph, int maxBatch, Hardware hardware, long weights, long activations) {
    long required = Math.addExact(weights, activations);
    long used = hardware.usedBytes().get();
    long total = hardware.maxBytes();
    if (required > total - used) {
      throw HeluException.of(
          HeluException.Kind.DEVICE_UNAVAILABLE,
          hardware.stage(),
          String.format(
              Locale.ROOT,
              "'%s' needs %,d bytes (weights %,d, activations at batch %d %,d),"
                  + " the device has %,d, of which %,d are taken",
              graph.name(),
              required,
              weights,
              maxBatch,
              activations,
              total,
              used),
          "compile with a smaller batch, close other networks, or use a larger device");
    }
  }
}
