package org.helu.device.tornado;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.helu.device.tornado.Lowering.Program;
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

/** Runs the kernels and the lowering as plain Java: no TornadoVM runtime, no device. */
public final class JavaDevice implements Device {
  static final String NAME = "tornado-java";

  /** The forms of kernels that are Java; each is a device by its place here. */
  private static final List<KernelForm> FORMS =
      List.of(KernelForm.PLAIN, KernelForm.SIMD, KernelForm.TILED_DP4A);

  static DeviceOptions options(int threads, KernelForm form) {
    return new DeviceOptions(threads, FORMS.indexOf(form));
  }

  /** Found by {@link java.util.ServiceLoader}. */
  public static final class Provider implements DeviceProvider {
    @Override
    public String name() {
      return NAME;
    }

    @Override
    public int priority() {
      return -1;
    }

    @Override
    public Availability probe() {
      return new Availability.Available("TornadoVM kernels as plain Java");
    }

    /** One for each form. */
    @Override
    public int count() {
      return FORMS.size();
    }

    @Override
    public Device open(DeviceOptions options) {
      return new JavaDevice(FORMS.get(options.index()));
    }
  }

  private final KernelForm form;

  private JavaDevice(KernelForm form) {
    this.form = form;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "TornadoVM kernels as plain Java";
  }

  @Override
  public boolean supports(BinarizedGraph graph, Node node) {
    return Support.objection(graph.graph(), node).isEmpty();
  }

  @Override
  public Executable compile(BinarizedGraph graph, CompileOptions options) {
    Device.requireSupported(this, graph);
    return new JavaExecutable(graph, options.maxBatch(), form);
  }

  @Override
  public void close() {}

  private static final class JavaExecutable implements Executable {
    private final BinarizedGraph graph;
    private final int maxBatch;
    private final KernelForm form;
    private final Program program;
    private boolean closed;

    private JavaExecutable(BinarizedGraph graph, int maxBatch, KernelForm form) {
      this.graph = graph;
      this.maxBatch = maxBatch;
      this.form = form;
      this.program = Lowering.lower(graph, maxBatch, true, form);
    }

    @Override
    public BinarizedGraph graph() {
      return graph;
    }

    @Override
    public long sessionBytes() {
      return program.buffers().activationBytes();
    }

    @Override
    public long weightBytes() {
      return program.buffers().constantBytes();
    }

    @Override
    public Session newSession() {
      if (closed) {
        throw new IllegalStateException("the executable is closed");
      }
      return new JavaSession(graph, maxBatch, form);
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private static final class JavaSession extends AbstractSession {
    private final Program shared;
    private final Program observed;

    private JavaSession(BinarizedGraph graph, int maxBatch, KernelForm form) {
      super(graph.graph(), maxBatch);
      this.shared = Lowering.lower(graph, maxBatch, true, form);
      this.observed = Lowering.lower(graph, maxBatch, false, form);
    }

    @Override
    protected void execute(
        int batch,
        List<MemorySegment> inputs,
        List<MemorySegment> outputs,
        LayerObserver observer) {
      Program program = observer == null ? shared : observed;
      Buffers buffers = program.buffers();
      for (int i = 0; i < inputs.size(); i++) {
        String name = program.graph().inputs().get(i).name();
        DeviceArrays.copyIn(buffers.element(name), inputs.get(i), buffers.array(name));
      }
      buffers.batch().set(0, batch);
      for (KernelCall call : program.calls()) {
        if (call.grid() == null) {
          call.java().run();
        } else {
          WorkGroups.run(call);
        }
      }
      for (Node node : observer == null ? List.<Node>of() : program.graph().nodes()) {
        observer.layer(node, Observed.tensor(program, node, batch));
      }
      for (int i = 0; i < outputs.size(); i++) {
        String name = program.graph().outputs().get(i);
        DeviceArrays.copyOut(buffers.element(name), buffers.array(name), outputs.get(i));
      }
    }
  }
}
