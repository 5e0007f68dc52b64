package org.helu.runtime.device;

import java.util.List;
import org.helu.runtime.tensor.Tensor;

/**
 * Runs a compiled graph. For one thread at a time; has its own buffers. A warm run allocates
 * nothing.
 */
public interface Session extends AutoCloseable {
  /**
   * Runs a graph of one input and one output.
   *
   * @param input its first dimension is the number of samples, any number for a graph with a
   *     symbolic batch, else a multiple of the graph's own first dimension
   * @return the output, owned by the session and valid until the next run
   * @throws org.helu.runtime.HeluException if the input's type or shape does not fit
   */
  Tensor run(Tensor input);

  /** As {@link #run(Tensor)}, writing into a caller's tensor. */
  void run(Tensor input, Tensor output);

  /** As {@link #run(Tensor)} for any number of inputs and outputs, in the graph's order. */
  List<Tensor> run(List<Tensor> inputs);

  /**
   * As {@link #run(List)}, showing the value of every node to {@code observer} (slow; for finding
   * where two executions diverge).
   */
  List<Tensor> run(List<Tensor> inputs, LayerObserver observer);

  /**
   * Runs as {@link #run(List)} and tells how long each step took, in execution order; looking at
   * the clock costs each step some tens of nanoseconds.
   *
   * @return empty where the device cannot tell
   */
  default List<StepProfile> profile(List<Tensor> inputs) {
    return List.of();
  }

  @Override
  void close();

  /** As {@link #profile}, with what the run spent outside of its steps. */
  default RunProfile profileRun(List<Tensor> inputs) {
    long start = System.nanoTime();
    List<StepProfile> steps = profile(inputs);
    return new RunProfile(System.nanoTime() - start, steps);
  }
}
