package org.helu.runtime.device;

import java.util.List;
import java.util.Objects;

/**
 * How long one step of a run took.
 *
 * @param nodes names of the graph's nodes that the step computes, in execution order
 * @param nanos time that it took, all parts of a long input together
 */
public record StepProfile(List<String> nodes, long nanos) {
  public StepProfile {
    nodes = List.copyOf(nodes);
    Objects.checkIndex(0, nodes.size());
  }
}
