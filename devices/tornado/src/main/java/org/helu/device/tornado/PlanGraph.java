package org.helu.device.tornado;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.helu.device.tornado.Lowering.Program;
import org.helu.device.tornado.TornadoDevices.Hardware;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A TaskGraph of some of a program's calls, and what crosses between host and device with each run.
 *
 * @param part which calls
 * @param name of the TaskGraph; call i of the part is its task {@link #task}{@code (i)}
 * @param graph the tasks with their transfers
 * @param scheduler launches of the tasks that know their work-group; null where none does
 */
record PlanGraph(Part part, String name, ImmutableTaskGraph graph, GridScheduler scheduler) {
  /**
   * A TaskGraph holds 8192 bytes of its own code (TornadoTaskGraph.highLevelCode in 5.2): 15 a task
   * and 5 an argument.
   */
  private static final int CODE_LIMIT = 8000;

  private static final int TASK_CODE = 15;
  private static final int ARGUMENT_CODE = 5;

  private static final AtomicLong COUNTER = new AtomicLong();

  /** The calls {@code first..last-1} of a program. */
  record Part(int first, int last) {}

  static String task(int index) {
    return "t" + index;
  }

  /** As few parts as the limit on a TaskGraph's code allows. */
  static List<Part> parts(List<KernelCall> calls) {
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

  /**
   * @param hardware what it will run on
   * @param observed whether every value comes back to the host
   */
  static PlanGraph of(Program program, Part part, Hardware hardware, boolean observed) {
    Buffers buffers = program.buffers();
    List<KernelCall> calls = program.calls().subList(part.first(), part.last());
    Set<TornadoNativeArray> used = used(calls);
    Set<TornadoNativeArray> once = identitySet();
    used.stream().filter(buffers::isConstant).forEach(once::add);
    Set<TornadoNativeArray> each = written(program, program.calls().subList(0, part.first()));
    program.graph().inputs().forEach(input -> each.add(buffers.array(input.name())));
    each.add(buffers.batch());
    each.retainAll(used);
    // TornadoVM runs all prebuilt tasks of a TaskGraph with the code of the graph's first task.
    boolean leads =
        calls.stream().anyMatch(KernelCall::isPrebuilt) && !calls.getFirst().isPrebuilt();
    if (leads) {
      once.add(buffers.noInts());
    }
    String name = "helu" + COUNTER.incrementAndGet();
    TaskGraph tasks = taskGraph(name, hardware);
    if (!once.isEmpty()) {
      tasks.transferToDevice(DataTransferMode.FIRST_EXECUTION, once.toArray());
    }
    if (!each.isEmpty()) {
      tasks.transferToDevice(DataTransferMode.EVERY_EXECUTION, each.toArray());
    }
    if (leads) {
      OpenClSource.addNothing(tasks, "first", buffers.noInts());
    }
    for (int i = 0; i < calls.size(); i++) {
      calls.get(i).task().accept(tasks, task(i));
    }
    Set<TornadoNativeArray> back = written(program, calls);
    if (!observed) {
      Set<TornadoNativeArray> wanted =
          used(program.calls().subList(part.last(), program.calls().size()));
      program.graph().outputs().forEach(output -> wanted.add(buffers.array(output)));
      back.retainAll(wanted);
    }
    if (!back.isEmpty()) {
      tasks.transferToHost(DataTransferMode.EVERY_EXECUTION, back.toArray());
    }
    Set<TornadoNativeArray> inside = written(program, calls);
    inside.removeAll(back);
    if (!inside.isEmpty()) {
      // Never asked for: closing a plan frees only the buffers of what may be transferred.
      tasks.transferToHost(DataTransferMode.UNDER_DEMAND, inside.toArray());
    }
    return new PlanGraph(part, name, tasks.snapshot(), scheduler(name, calls));
  }

  /**
   * TornadoVM looks at a kernel for the graph's device as soon as it is added, and an execution
   * plan is told the device later: until then it would be the SDK's first, which need not have all
   * intrinsics. This property is the only way to say it before.
   */
  private static TaskGraph taskGraph(String name, Hardware hardware) {
    String property = name + ".device";
    System.setProperty(property, hardware.place());
    try {
      return new TaskGraph(name);
    } finally {
      System.clearProperty(property);
    }
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

  private static Set<TornadoNativeArray> written(Program program, List<KernelCall> calls) {
    Set<TornadoNativeArray> arrays = identitySet();
    for (KernelCall call : calls) {
      arrays.addAll(call.written());
      if (call.written().isEmpty()) {
        arrays.add(program.buffers().array(call.node().output()));
      }
    }
    return arrays;
  }

  private static GridScheduler scheduler(String name, List<KernelCall> calls) {
    GridScheduler scheduler = null;
    for (int i = 0; i < calls.size(); i++) {
      KernelCall.Grid grid = calls.get(i).grid();
      if (grid != null) {
        WorkerGrid worker = new WorkerGrid2D(grid.x(), grid.y());
        worker.setLocalWork(grid.localX(), grid.localY(), 1);
        scheduler = scheduler == null ? new GridScheduler() : scheduler;
        scheduler.addWorkerGrid(name + "." + task(i), worker);
      }
    }
    return scheduler;
  }
}
