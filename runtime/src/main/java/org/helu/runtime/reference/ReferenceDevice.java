package org.helu.runtime.reference;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.device.AbstractSession;
import org.helu.runtime.device.Availability;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.DeviceProvider;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.LayerObserver;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.plan.MemoryPlan;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * The scalar reference as a device: runs everything, slowly, on one thread, and allocates as it
 * goes. For checking other devices.
 */
public final class ReferenceDevice implements Device {
  private static final String NAME = "reference";
  private static final String DESCRIPTION = "scalar reference interpreter, one thread";

  /** Found by {@link java.util.ServiceLoader}. */
  public static final class Provider implements DeviceProvider {
    @Override
    public String name() {
      return NAME;
    }

    @Override
    public int priority() {
      return 0;
    }

    @Override
    public boolean isForChecking() {
      return true;
    }

    @Override
    public Availability probe() {
      return new Availability.Available(DESCRIPTION);
    }

    @Override
    public Device open(DeviceOptions options) {
      return new ReferenceDevice();
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return DESCRIPTION;
  }

  @Override
  public boolean supports(BinarizedGraph graph, Node node) {
    return true;
  }

  @Override
  public Executable compile(BinarizedGraph graph, CompileOptions options) {
    return new ReferenceExecutable(graph, options);
  }

  @Override
  public void close() {}

  private static final class ReferenceExecutable implements Executable {
    private final BinarizedGraph graph;
    private final CompileOptions options;
    private volatile boolean closed;

    private ReferenceExecutable(BinarizedGraph graph, CompileOptions options) {
      this.graph = graph;
      this.options = options;
    }

    @Override
    public BinarizedGraph graph() {
      return graph;
    }

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
      return new ReferenceSession(graph, options.maxBatch());
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private static final class ReferenceSession extends AbstractSession {
    private final BinarizedGraph graph;
    private final Interpreter interpreter;

    private ReferenceSession(BinarizedGraph graph, int maxBatch) {
      super(graph.graph(), maxBatch);
      this.graph = graph;
      this.interpreter = new Interpreter(graph.graph());
    }

    @Override
    protected void execute(
        int batch,
        List<MemorySegment> inputs,
        List<MemorySegment> outputs,
        LayerObserver observer) {
      List<Tensor> tensors = new ArrayList<>(inputs.size());
      for (int i = 0; i < inputs.size(); i++) {
        TensorType type = graph.graph().inputs().get(i).type().withBatch(batch);
        tensors.add(new Tensor(type, inputs.get(i)));
      }
      List<Tensor> results = interpreter.run(tensors, observer);
      for (int i = 0; i < results.size(); i++) {
        long bytes = results.get(i).type().dataBytes();
        MemorySegment.copy(results.get(i).data(), 0, outputs.get(i), 0, bytes);
      }
    }
  }
}
