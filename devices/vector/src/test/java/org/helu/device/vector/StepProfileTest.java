package org.helu.device.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.helu.device.testkit.Fill;
import org.helu.device.testkit.Networks;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.Devices;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.device.StepProfile;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.Test;

class StepProfileTest {
  @Test
  void tellsTheTimeOfEveryNodeAndChangesNoAnswer() {
    BinarizedGraph graph = Networks.mlp(64, 48, 10);
    // More samples than one pass takes: the times of the parts add up.
    Tensor input =
        Fill.UNIFORM.tensor(
            graph.graph().inputs().getFirst().type().withBatch(40), new SplittableRandom(1));
    try (Device device = Devices.open("vector");
        Executable executable = device.compile(graph);
        Session session = executable.newSession()) {
      Tensor expected = session.run(input).copy();
      List<StepProfile> profile = session.profile(List.of(input));
      assertEquals(
          graph.graph().nodes().stream().map(Node::name).map(List::of).toList(),
          profile.stream().map(StepProfile::nodes).toList());
      assertTrue(profile.stream().allMatch(step -> step.nanos() > 0), profile.toString());
      assertTrue(session.run(input).contentEquals(expected));
    }
  }
}
