package org.helu.bench;

import java.util.List;
import org.helu.runtime.tensor.Tensor;

/** One network on one runtime with its inputs bound: what is timed. For one thread. */
public interface Contender extends AutoCloseable {
  /** Computes the outputs of the bound inputs; a warm run allocates as little as it can. */
  void run();

  /** What the last run computed, in the network's order; valid until the next run. */
  List<Tensor> outputs();

  @Override
  void close();
}
