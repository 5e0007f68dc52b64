package org.helu.device.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.tensor.Tensor;

/**
 * One graph of one op, and what it is run with.
 *
 * @param name tells the op, its attributes and its sizes
 * @param graph the op alone; weights are constants
 * @param trials inputs to run
 */
public record OpCase(String name, BinarizedGraph graph, List<Trial> trials) {
  public OpCase {
    trials = List.copyOf(trials);
  }

  /**
   * One run.
   *
   * @param fill what the inputs hold
   * @param batch samples given to the session; for a graph of static shapes, how many times its own
   *     first dimension
   * @param maxBatch samples that the executable is compiled for
   */
  public record Trial(Fill fill, int batch, int maxBatch) {}

  /** The inputs of a trial; the same for the same case and trial. */
  public List<Tensor> inputs(Trial trial) {
    return inputs(graph, trial.fill(), trial.batch(), seed(trial));
  }

  /** The seed that a trial's inputs come from, for failure messages. */
  public long seed(Trial trial) {
    return name.hashCode() * 31L + trial.fill().ordinal() * 1009L + trial.batch();
  }

  static List<Tensor> inputs(BinarizedGraph graph, Fill fill, int batch, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Tensor> inputs = new ArrayList<>();
    for (GraphInput input : graph.graph().inputs()) {
      inputs.add(fill.tensor(Parts.whole(input.type(), batch), random));
    }
    return inputs;
  }

  @Override
  public String toString() {
    return name;
  }
}
