package org.helu.device.tornado;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.helu.device.tornado.Lowering.Program;
import org.helu.runtime.device.RunProfile;
import org.helu.runtime.device.StepProfile;
import uk.ac.manchester.tornado.api.TornadoProfilerResult;

/** What TornadoVM's profiler tells of one run, the parts of a long input added up. */
final class StepTimes {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** By nodes: some are several kernels, and some kernels several nodes. */
  private final Map<List<String>, Long> kernelNanos = new LinkedHashMap<>();

  /** Read behind the run, whose time it is not. */
  private final List<Log> logs = new ArrayList<>();

  private final Program program;
  private long copyInNanos;
  private long copyOutNanos;
  private long dispatchNanos;
  private long milliwatts;

  private record Log(PlanGraph graph, String text) {}

  StepTimes(Program program) {
    this.program = program;
  }

  void add(PlanGraph graph, TornadoProfilerResult result) {
    copyInNanos += result.getDeviceWriteTime();
    copyOutNanos += result.getDeviceReadTime();
    dispatchNanos += result.getKernelDispatchTime();
    logs.add(new Log(graph, result.getProfileLog()));
  }

  private void read(Log log) {
    PlanGraph graph = log.graph;
    JsonNode tasks = tasks(graph, log.text);
    PlanGraph.Part part = graph.part();
    for (int i = 0; i < part.last() - part.first(); i++) {
      JsonNode task = tasks.path(graph.name() + "." + PlanGraph.task(i));
      List<String> nodes = program.calls().get(part.first() + i).names();
      kernelNanos.merge(nodes, task.path("TASK_KERNEL_TIME").asLong(), Long::sum);
      // "n/a" where there is no sensor.
      milliwatts = Math.max(milliwatts, task.path("POWER_USAGE_mW").asLong(0));
    }
  }

  /** The log of a TaskGraph holds all of its profiled runs, one JSON object behind the other. */
  private static JsonNode tasks(PlanGraph graph, String log) {
    try (MappingIterator<JsonNode> runs = JSON.readerFor(JsonNode.class).readValues(log)) {
      return runs.readAll().getLast().path(graph.name());
    } catch (IOException e) {
      throw new IllegalStateException("TornadoVM's profile cannot be read: " + log, e);
    }
  }

  RunProfile profile(long elapsedNanos) {
    logs.forEach(this::read);
    if (kernelNanos.isEmpty()) {
      return new RunProfile(elapsedNanos, List.of());
    }
    List<StepProfile> steps = new ArrayList<>();
    kernelNanos.forEach((nodes, nanos) -> steps.add(new StepProfile(nodes, nanos)));
    return new RunProfile(
        elapsedNanos,
        steps,
        OptionalLong.of(copyInNanos),
        OptionalLong.of(copyOutNanos),
        OptionalLong.of(dispatchNanos),
        milliwatts > 0 ? OptionalDouble.of(milliwatts / 1000.0) : OptionalDouble.empty());
  }
}
