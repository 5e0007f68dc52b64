package org.helu.device.rtl;

import java.nio.file.Path;
import org.helu.device.rtl.design.Design;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.plan.MemoryPlan;

/** A design with its simulator's program. */
final class RtlExecutable implements Executable {
  private final BinarizedGraph graph;
  private final Design design;
  private final Path folder;
  private final long interval;
  private final CompileOptions options;
  private volatile boolean closed;

  RtlExecutable(
      BinarizedGraph graph, Design design, Path folder, long interval, CompileOptions options) {
    this.graph = graph;
    this.design = design;
    this.folder = folder;
    this.interval = interval;
    this.options = options;
  }

  @Override
  public BinarizedGraph graph() {
    return graph;
  }

  /** What the host's part holds; the simulated registers and memories are the process's own. */
  @Override
  public long sessionBytes() {
    return MemoryPlan.of(graph, options.maxBatch()).totalBytes();
  }

  @Override
  public long weightBytes() {
    return graph.graph().constantBytes();
  }

  @Override
  public Session newSession() {
    if (closed) {
      throw new IllegalStateException("the executable is closed");
    }
    Simulator simulator = new Simulator(design, folder, interval);
    return new RtlSession(graph, design.network(), simulator, options.maxBatch());
  }

  @Override
  public void close() {
    closed = true;
  }
}
