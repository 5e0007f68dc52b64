package org.helu.device.tornado;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.helu.device.tornado.Lowering.Program;
import org.helu.device.tornado.TornadoDevices.Hardware;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.LayerObserver;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

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

  /**
   * A TaskGraph holds 8192 bytes of its own code (TornadoTaskGraph.highLevelCode in 5.2): 15 a task
   * and 5 an argument.
   */
  private static final int CODE_LIMIT = 8000;

  private static final int TASK_CODE = 15;
  private static final int ARGUMENT_CODE = 5;

  private static final AtomicLong COUNTER = new AtomicLong();

  private final Program program;
  private final Hardware hardware;
  private final long bytes;
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
    hardware.usedBytes().addAndGet(bytes);
    try {
      for (Part part : parts(program.calls())) {
        TornadoExecutionPlan root = new TornadoExecutionPlan(taskGraph(part, observed));
        roots.add(root);
        configure(root, hardware);
        root.withWarmUpIterations(WARM_UP_RUNS);
      }
    } catch (Throwable e) {
      HeluException failure = failure(e);
      close();
      throw failure;
    }
    this.handles = roots;
  }

  /** The calls of one TaskGraph: {@code first..last-1} of the program's. */
  private record Part(int first, int last) {}

  private static List<Part> parts(List<KernelCall> calls) {
    List<Part> parts = new ArrayList<>();
    int first = 0;
    int code = 0;
    for (int i = 0; i < calls.size(); i++) {
      int own = TASK_CODE + ARGUMENT_CODE * calls.get(i).arguments().size();
      if (code + own > CODE_LIMIT) {
        parts.add(new Part(first, i));
        first = i;
        code = 0;
      }
      code += own;
    }
    if (first < calls.size()) {
      parts.add(new Part(first, calls.size()));
    }
    return parts;
  }

  private static void configure(TornadoExecutionPlan plan, Hardware hardware) {
    plan.withDevice(hardware.device());
    if (hardware.device().getTornadoVMBackend() == TornadoVMBackendType.OPENCL) {
      plan.withCompilerFlags(TornadoVMBackendType.OPENCL, EXACT_OPENCL);
    }
  }

  Program program() {
    return program;
  }

  private ImmutableTaskGraph taskGraph(Part part, boolean observed) {
    Buffers buffers = program.buffers();
    List<KernelCall> calls = program.calls().subList(part.first(), part.last());
    Set<TornadoNativeArray> used = used(calls);
    Set<TornadoNativeArray> once = identitySet();
    used.stream().filter(buffers::isConstant).forEach(once::add);
    Set<TornadoNativeArray> each = written(program.calls().subList(0, part.first()));
    program.graph().inputs().forEach(input -> each.add(buffers.array(input.name())));
    each.add(buffers.batch());
    each.retainAll(used);
    TaskGraph tasks = new TaskGraph("helu" + COUNTER.incrementAndGet());
    if (!once.isEmpty()) {
      tasks.transferToDevice(DataTransferMode.FIRST_EXECUTION, once.toArray());
    }
    if (!each.isEmpty()) {
      tasks.transferToDevice(DataTransferMode.EVERY_EXECUTION, each.toArray());
    }
    for (int i = 0; i < calls.size(); i++) {
      calls.get(i).task().accept(tasks, "t" + i);
    }
    Set<TornadoNativeArray> back = written(calls);
    if (!observed) {
      Set<TornadoNativeArray> wanted =
          used(program.calls().subList(part.last(), program.calls().size()));
      program.graph().outputs().forEach(output -> wanted.add(buffers.array(output)));
      back.retainAll(wanted);
    }
    if (!back.isEmpty()) {
      tasks.transferToHost(DataTransferMode.EVERY_EXECUTION, back.toArray());
    }
    Set<TornadoNativeArray> inside = written(calls);
    inside.removeAll(back);
    if (!inside.isEmpty()) {
      // Never asked for: closing a plan frees only the buffers of what may be transferred.
      tasks.transferToHost(DataTransferMode.UNDER_DEMAND, inside.toArray());
    }
    return tasks.snapshot();
  }

  private static Set<TornadoNativeArray> identitySet() {
    return Collections.newSetFromMap(new IdentityHashMap<>());
  }

  private static Set<TornadoNativeArray> used(List<KernelCall> calls) {
    Set<TornadoNativeArray> arrays = identitySet();
    for (KernelCall call : calls) {
      for (Object argument : call.arguments()) {
        if (argument instanceof TornadoNativeArray array) {
          arrays.add(array);
        }
      }
    }
    return arrays;
  }

  private Set<TornadoNativeArray> written(List<KernelCall> calls) {
    Set<TornadoNativeArray> arrays = identitySet();
    for (KernelCall call : calls) {
      TornadoNativeArray scratch = call.scratch();
      arrays.add(scratch == null ? program.buffers().array(call.node().output()) : scratch);
    }
    return arrays;
  }

  /** Runs {@code batch} samples; segments hold exactly those. */
  void run(int batch, List<MemorySegment> inputs, List<MemorySegment> outputs) {
    Graph graph = program.graph();
    Buffers buffers = program.buffers();
    for (int i = 0; i < inputs.size(); i++) {
      String name = graph.inputs().get(i).name();
      DeviceArrays.copyIn(buffers.element(name), inputs.get(i), buffers.array(name));
    }
    buffers.batch().set(0, batch);
    execute();
    for (int i = 0; i < outputs.size(); i++) {
      String name = graph.outputs().get(i);
      DeviceArrays.copyOut(buffers.element(name), buffers.array(name), outputs.get(i));
    }
  }

  private void execute() {
    if (++runs % RUNS_PER_HANDLE == 0) {
      // Fresh handles on the same plans, whose lists of results are empty.
      handles = roots.stream().map(TornadoExecutionPlan::clearProfiles).toList();
    }
    try {
      for (TornadoExecutionPlan handle : handles) {
        handle.execute();
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

  /** Shows the values of the last run, which must have been of a plan that brings them all back. */
  void show(int batch, LayerObserver observer) {
    for (Node node : program.graph().nodes()) {
      observer.layer(node, Observed.tensor(program, node, batch));
    }
  }

  /** What does not compile is found by compiling each kernel alone. */
  private HeluException failure(Throwable error) {
    for (int i = 0; i < program.calls().size(); i++) {
      KernelCall call = program.calls().get(i);
      Part part = new Part(i, i + 1);
      try (TornadoExecutionPlan alone = new TornadoExecutionPlan(taskGraph(part, false))) {
        configure(alone, hardware);
        alone.withPreCompilation();
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
        root.resetDevice();
        root.close();
      }
    } catch (TornadoExecutionPlanException e) {
      throw new IllegalStateException(e);
    }
  }
}
