package org.helu.device.vector;

import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.Executable;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Node;

/** The embedded default device: pure JVM, vectorised kernels, a fixed pool of threads. */
final class VectorDevice implements Device {
  /** More threads than this seldom help networks of edge size. */
  private static final int MAX_CHOSEN_THREADS = 8;

  private final WorkerPool pool;

  VectorDevice(DeviceOptions options) {
    int threads =
        options.threads() > 0
            ? options.threads()
            : Math.min(Runtime.getRuntime().availableProcessors(), MAX_CHOSEN_THREADS);
    this.pool = new WorkerPool(threads);
  }

  @Override
  public String name() {
    return VectorDeviceProvider.NAME;
  }

  @Override
  public String description() {
    return Machine.description() + ", " + pool.threads() + " threads used";
  }

  @Override
  public boolean supports(BinarizedGraph graph, Node node) {
    return StepCompiler.supports(graph, node);
  }

  @Override
  public Executable compile(BinarizedGraph graph, CompileOptions options) {
    Device.requireSupported(this, graph);
    return VectorExecutable.of(graph, options.maxBatch(), pool);
  }

  @Override
  public void close() {
    pool.close();
  }
}
