package org.helu.device.tornado;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.helu.device.testkit.IntegerNetworks;
import org.helu.device.testkit.Networks;
import org.helu.device.testkit.OpCase;
import org.helu.device.testkit.OpCases;
import org.helu.device.tornado.Lowering.Program;
import org.helu.device.tornado.PlanGraph.Part;
import org.helu.device.tornado.TornadoDevices.Hardware;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceProvider;
import org.helu.runtime.device.Devices;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.tensor.Tensor;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;

/**
 * A process of {@link GeneratedCodeTest}: lets a backend generate code for the kernels of every op
 * case in every form, then prepares and runs whole networks, whose launches the stand-in of the
 * driver writes down.
 */
final class GeneratedCode {
  /** Code of a kernel for different scalars differs in constants: so many are looked at. */
  private static final int PER_KERNEL = Integer.getInteger("helu.codePerKernel", 3);

  private final Hardware hardware;
  private final Map<String, Set<List<Object>>> seen = new HashMap<>();
  private final List<String> failures = new ArrayList<>();
  private int compiled;

  private GeneratedCode(Hardware hardware) {
    this.hardware = hardware;
  }

  /**
   * {@code GeneratedCode BACKEND [networks]}: prints what {@code auto} prefers, the kernels, one
   * line per failure, and a summary; with {@code networks} it leaves out the op cases.
   */
  public static void main(String[] arguments) {
    String backend = arguments[0];
    DeviceProvider preferred = Devices.providers().getFirst();
    System.out.println("AUTO " + preferred.name() + " " + preferred.priority());
    GeneratedCode code = new GeneratedCode(TornadoDevices.hardware(backend, 0));
    for (OpCase opCase : arguments.length == 1 ? OpCases.all() : List.<OpCase>of()) {
      for (KernelForm form : List.of(KernelForm.SIMD, KernelForm.PLAIN, KernelForm.TILED_DP4A)) {
        code.compile(opCase.graph(), form);
      }
    }
    List<BinarizedGraph> networks =
        List.of(
            Networks.mlp(784, 256, 10),
            Networks.grayCnn(),
            Networks.resnet8(),
            IntegerNetworks.int8Cnn());
    for (BinarizedGraph network : networks) {
      code.compile(network, KernelForm.TILED_DP4A);
      code.launch(backend, network);
    }
    code.failures.forEach(failure -> System.out.println("FAILED " + failure));
    System.out.println("KERNELS " + String.join(" ", new TreeSet<>(code.seen.keySet())));
    System.out.println("COMPILED " + code.compiled);
    System.exit(0); // TornadoVM's threads would keep the process
  }

  private void compile(BinarizedGraph graph, KernelForm form) {
    if (graph.graph().nodes().stream()
        .anyMatch(node -> Support.objection(graph.graph(), node).isPresent())) {
      return;
    }
    Program program = Lowering.lower(graph, 64, true, form);
    for (int i = 0; i < program.calls().size(); i++) {
      KernelCall call = program.calls().get(i);
      List<Object> scalars =
          call.arguments().stream()
              .filter(Integer.class::isInstance)
              .map(Object.class::cast)
              .toList();
      Set<List<Object>> known = seen.computeIfAbsent(call.kernel(), _ -> new HashSet<>());
      // The last scalar chooses among an op's kinds.
      List<Object> kind = scalars.subList(Math.max(0, scalars.size() - 1), scalars.size());
      if (known.add(kind) || (known.size() < PER_KERNEL && known.add(scalars))) {
        compile(program, i);
      }
    }
  }

  private void compile(Program program, int index) {
    KernelCall call = program.calls().get(index);
    PlanGraph graph = PlanGraph.of(program, new Part(index, index + 1), hardware, false);
    try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.graph())) {
      plan.withDevice(hardware.device());
      if (graph.scheduler() != null) {
        plan.withGridScheduler(graph.scheduler());
      }
      plan.withPreCompilation();
      compiled++;
    } catch (Throwable e) {
      failures.add(call.node().label() + ": " + call.kernel() + ": " + TornadoVm.message(e));
    }
  }

  private void launch(String backend, BinarizedGraph graph) {
    GraphInput input = graph.graph().inputs().getFirst();
    try (Device device = Devices.open(backend);
        Executable executable = device.compile(graph, new CompileOptions(64));
        Session session = executable.newSession()) {
      session.run(Tensor.zeros(input.type().withBatch(3)));
      session.profileRun(List.of(Tensor.zeros(input.type().withBatch(64))));
    } catch (Throwable e) {
      failures.add(graph.name() + ": " + e);
    }
  }
}
