package org.helu.device.tornado;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.helu.device.tornado.Lowering.Program;
import org.helu.device.tornado.PlanGraph.Part;
import org.helu.device.tornado.TornadoDevices.Hardware;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.LayerObserver;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;

/**
 * A lowered graph as a TaskGraph with its execution plan. Weights go to the device once, inputs and
 * outputs each run, everything else stays there. A TaskGraph has a limit: where a network of more
 * than a hundred nodes exceeds it, several run one after the other, and what the later ones read
 * crosses the host. Not thread-safe.
 */
final class DevicePlan implements AutoCloseable {
  /** Precompilation alone leaves the first runs slow; the fifth is warm. */
  private static final int WARM_UP_RUNS = 5;

  /** TornadoVM's default, -cl-fast-relaxed-math, drops NaN and the order of sums. */
  private static final String EXACT_OPENCL = "-w";

  /** Runs after which the list of results that a plan keeps is dropped. */
  private static final int RUNS_PER_HANDLE = 4096;

  /** Whether NVIDIA's backends replay a captured CUDA graph; no GPU was at hand to try it on. */
  private static final String CUDA_GRAPH = "helu.tornado.cudaGraph";

  private final Program program;
  private final Hardware hardware;
  private final long bytes;
  private final boolean cudaGraph;
  private final List<PlanGraph> graphs = new ArrayList<>();
  private final List<TornadoExecutionPlan> roots = new ArrayList<>();
  private List<TornadoExecutionPlan> handles = List.of();
  private int runs;

  /**
   * Compiles and warms up.
   *
   * @param observed whether every value comes back to the host
   */
  DevicePlan(Program program, Hardware hardware, boolean observed) {
    this.program = program;
    this.hardware = hardware;
    Buffers buffers = program.buffers();
    this.bytes = buffers.constantBytes() + buffers.activationBytes();
    this.cudaGraph = hasCudaGraphs(hardware) && Boolean.getBoolean(CUDA_GRAPH);
    hardware.usedBytes().addAndGet(bytes);
    try {
      for (Part part : PlanGraph.parts(program.calls())) {
        PlanGraph graph = PlanGraph.of(program, part, hardware, observed);
        TornadoExecutionPlan root = new TornadoExecutionPlan(graph.graph());
        graphs.add(graph);
        roots.add(root);
        configure(root, graph, hardware);
        if (cudaGraph) {
          root.withCUDAGraph(); // behind the compilation it would be ignored
          root.withPreCompilation(); // a driver may refuse to load code while it captures
        }
        warmUp(root, graph);
      }
    } catch (Throwable e) {
      HeluException failure = failure(e);
      close();
      throw failure;
    }
    this.handles = roots;
  }

  private static boolean hasCudaGraphs(Hardware hardware) {
    TornadoVMBackendType backend = hardware.device().getTornadoVMBackend();
    return backend == TornadoVMBackendType.PTX || backend == TornadoVMBackendType.CUDA;
  }

  private void warmUp(TornadoExecutionPlan plan, PlanGraph graph) {
    // By this property TornadoVM finds again what it compiled for an FPGA, by default 0:0.
    String property = graph.name() + "." + PlanGraph.task(0) + ".device";
    boolean fpga = TornadoVm.isFpga(hardware.device());
    try {
      if (fpga) {
        System.setProperty(property, hardware.place());
      }
      plan.withWarmUpIterations(WARM_UP_RUNS);
    } finally {
      if (fpga) {
        System.clearProperty(property);
      }
    }
  }

  private static void configure(TornadoExecutionPlan plan, PlanGraph graph, Hardware hardware) {
    plan.withDevice(hardware.device());
    if (graph.scheduler() != null) {
      plan.withGridScheduler(graph.scheduler());
    }
    if (hardware.device().getTornadoVMBackend() == TornadoVMBackendType.OPENCL) {
      plan.withCompilerFlags(TornadoVMBackendType.OPENCL, EXACT_OPENCL);
    }
  }

  Program program() {
    return program;
  }

  /**
   * Runs {@code batch} samples; segments hold exactly those.
   *
   * @param times what each task took is added to it; null to go without
   */
  void run(int batch, List<MemorySegment> inputs, List<MemorySegment> outputs, StepTimes times) {
    Graph graph = program.graph();
    Buffers buffers = program.buffers();
    for (int i = 0; i < inputs.size(); i++) {
      String name = graph.inputs().get(i).name();
      DeviceArrays.copyIn(buffers.element(name), inputs.get(i), buffers.array(name));
    }
    buffers.batch().set(0, batch);
    execute(times);
    for (int i = 0; i < outputs.size(); i++) {
      String name = graph.outputs().get(i);
      DeviceArrays.copyOut(buffers.element(name), buffers.array(name), outputs.get(i));
    }
  }

  private void execute(StepTimes times) {
    if (++runs % RUNS_PER_HANDLE == 0) {
      // Fresh handles on the same plans, whose lists of results are empty.
      handles = roots.stream().map(TornadoExecutionPlan::clearProfiles).toList();
    }
    try {
      for (int i = 0; i < handles.size(); i++) {
        if (times == null
            || cudaGraph) { // a captured graph runs as one, without times of its tasks
          handles.get(i).execute();
        } else {
          profile(handles.get(i), graphs.get(i), times);
        }
      }
    } catch (Throwable e) {
      throw HeluException.of(
          HeluException.Kind.DEVICE_UNAVAILABLE,
          hardware.stage(),
          "'" + program.graph().name() + "' failed on the device: " + TornadoVm.message(e),
          "check the device's driver and memory",
          e);
    }
  }

  private void profile(TornadoExecutionPlan handle, PlanGraph graph, StepTimes times) {
    handle.withProfiler(ProfilerMode.SILENT);
    try {
      times.add(graph, handle.execute().getProfilerResult());
    } finally {
      handle.withoutProfiler();
    }
  }

  /** Shows the values of the last run, which must have been of a plan that brings them all back. */
  void show(int batch, LayerObserver observer) {
    for (Node node : program.graph().nodes()) {
      observer.layer(node, Observed.tensor(program, node, batch));
    }
  }

  /** What does not compile is found by compiling each kernel alone. */
  private HeluException failure(Throwable error) {
    // An FPGA's compiler takes hours, and has one kernel to compile.
    int alone = TornadoVm.isFpga(hardware.device()) ? 0 : program.calls().size();
    for (int i = 0; i < alone; i++) {
      KernelCall call = program.calls().get(i);
      Part part = new Part(i, i + 1);
      PlanGraph graph = PlanGraph.of(program, part, hardware, false);
      try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.graph())) {
        configure(plan, graph, hardware);
        plan.withPreCompilation();
      } catch (Throwable e) {
        return HeluException.of(
            HeluException.Kind.DEVICE_UNAVAILABLE,
            hardware.stage(),
            call.node().label()
                + ": kernel "
                + call.kernel()
                + " does not compile: "
                + TornadoVm.message(e),
            "choose another device, and report this with the device's driver version",
            e);
      }
    }
    return HeluException.of(
        HeluException.Kind.DEVICE_UNAVAILABLE,
        hardware.stage(),
        "'" + program.graph().name() + "' cannot be prepared: " + TornadoVm.message(error),
        "check the device's driver and memory",
        error);
  }

  @Override
  public void close() {
    hardware.usedBytes().addAndGet(-bytes);
    try {
      for (TornadoExecutionPlan root : roots) {
        root.close(); // and drops its code; resetDevice() would drop that of all plans
      }
      // Else TornadoVM refuses to run what was compiled before.
      hardware.device().getDeviceContext().setResetToFalse();
    } catch (TornadoExecutionPlanException e) {
      throw new IllegalStateException(e);
    }
  }
}
