package org.helu.device.vector;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.helu.device.vector.kernel.MatrixKernels;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.plan.MemoryPlan;
import org.helu.runtime.tensor.TensorType;

/** Steps and packed weights, shared by all sessions. */
final class VectorExecutable implements Executable {
  private static final long SLACK_BYTES = 64;

  /** What one core's second cache holds, beside weights and scratch. */
  private static final long CACHE_BYTES = 1 << 20;

  private static final String STAGE = "device/" + VectorDeviceProvider.NAME;

  private final BinarizedGraph graph;
  private final int maxBatch;
  private final int passBatch;
  private final WorkerPool pool;
  private final Step[] steps;
  private final Addresses addresses;
  private final Arena arena;
  private final MemorySegment weights;
  private final long scratchOffset;
  private final long partScratchOffset;
  private final long partBytes;
  private final long sessionBytes;

  /** The executable itself, while it is open, and its open sessions: the last one frees weights. */
  private final AtomicInteger users = new AtomicInteger(1);

  private final AtomicBoolean closed = new AtomicBoolean();

  private VectorExecutable(
      BinarizedGraph graph,
      int maxBatch,
      int passBatch,
      WorkerPool pool,
      Step[] steps,
      Addresses addresses,
      Weights packed) {
    this.graph = graph;
    this.maxBatch = maxBatch;
    this.passBatch = passBatch;
    this.pool = pool;
    this.steps = steps;
    this.addresses = addresses;
    long scratch = 0;
    long part = MatrixKernels.SCRATCH_BYTES;
    for (Step step : steps) {
      scratch = Math.max(scratch, step == null ? 0 : step.scratchBytes());
      part = Math.max(part, step == null ? 0 : step.partScratchBytes());
    }
    this.partBytes = TensorType.align(part);
    this.scratchOffset = addresses.bytes();
    this.partScratchOffset = Math.addExact(scratchOffset, TensorType.align(scratch));
    // Vectors that are loaded from the end of a part's scratch may reach past it.
    this.sessionBytes =
        Math.addExact(partScratchOffset, Math.multiplyExact(pool.parts(), partBytes) + SLACK_BYTES);
    requireMemory(packed.bytes());
    this.arena = Arena.ofShared();
    this.weights = allocate(arena, packed.bytes(), "weights");
    packed.fill(weights);
  }

  static VectorExecutable of(BinarizedGraph graph, int maxBatch, WorkerPool pool) {
    try {
      MemoryPlan plan = plan(graph, maxBatch, pool.parts());
      Addresses addresses = new Addresses(graph.graph(), plan);
      Weights weights = new Weights();
      Step[] steps = new StepCompiler(graph, addresses, weights, plan.batch()).compile();
      return new VectorExecutable(graph, maxBatch, plan.batch(), pool, steps, addresses, weights);
    } catch (ArithmeticException e) {
      throw HeluException.of(
          HeluException.Kind.DEVICE_UNAVAILABLE,
          STAGE,
          "'"
              + graph.name()
              + "' at batch "
              + maxBatch
              + " needs more memory than can be addressed",
          "compile with a smaller batch",
          e);
    }
  }

  /**
   * A plan for as many samples as are best run at once: so few that what layers hand on stays in
   * the second caches of all threads, but so many that weights, read once a pass, are not what
   * memory is busy with.
   */
  private static MemoryPlan plan(BinarizedGraph graph, int maxBatch, int parts) {
    long most = Math.max(parts * CACHE_BYTES, graph.graph().constantBytes());
    int batch = maxBatch;
    MemoryPlan plan = MemoryPlan.of(graph, batch);
    while (batch > 1 && plan.peakBytes() > most) {
      batch = (batch + 1) / 2;
      plan = MemoryPlan.of(graph, batch);
    }
    return plan;
  }

  private void requireMemory(long weightBytes) {
    long required = Math.addExact(weightBytes, sessionBytes);
    // The machine has what the heap has of it already; asking takes ten milliseconds at first.
    if (required <= Runtime.getRuntime().totalMemory()) {
      return;
    }
    long physical = Machine.physicalBytes();
    if (required > physical) {
      throw HeluException.of(
          HeluException.Kind.DEVICE_UNAVAILABLE,
          STAGE,
          String.format(
              java.util.Locale.ROOT,
              "'%s' needs %,d bytes (weights %,d, one session of batch %d %,d),"
                  + " this machine has %,d",
              graph.name(),
              required,
              weightBytes,
              passBatch,
              sessionBytes,
              physical),
          "compile with a smaller batch, or use a larger machine");
    }
  }

  private static MemorySegment allocate(Arena arena, long bytes, String what) {
    try {
      return arena.allocate(Math.max(bytes, 1), TensorType.ALIGNMENT_BYTES);
    } catch (OutOfMemoryError e) {
      arena.close();
      throw HeluException.of(
          HeluException.Kind.DEVICE_UNAVAILABLE,
          STAGE,
          "cannot allocate " + bytes + " bytes of " + what + " outside the heap",
          "start java with a larger -XX:MaxDirectMemorySize",
          e);
    }
  }

  @Override
  public BinarizedGraph graph() {
    return graph;
  }

  @Override
  public long sessionBytes() {
    return sessionBytes;
  }

  @Override
  public long weightBytes() {
    return weights.byteSize();
  }

  @Override
  public Session newSession() {
    requireOpen();
    Arena own = Arena.ofShared();
    MemorySegment memory = allocate(own, sessionBytes, "activations");
    addresses.writeConstants(memory);
    Frame frame =
        new Frame(memory, weights, scratchOffset, partScratchOffset, partBytes, pool.parts());
    users.incrementAndGet();
    return new VectorSession(this, steps, addresses, pool, frame, own);
  }

  void requireOpen() {
    if (closed.get()) {
      throw new IllegalStateException("the executable is closed");
    }
  }

  int maxBatch() {
    return maxBatch;
  }

  /** Samples that go through all steps at once, at most {@link #maxBatch}. */
  int passBatch() {
    return passBatch;
  }

  /**
   * No session runs any more. Weights stay until the last one is closed: kernels read them by
   * address, and one may be running.
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      leave();
    }
  }

  /** Called once by each session. */
  void leave() {
    if (users.decrementAndGet() == 0) {
      arena.close();
    }
  }
}
