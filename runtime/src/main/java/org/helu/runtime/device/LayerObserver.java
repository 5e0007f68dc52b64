package org.helu.runtime.device;

import org.helu.runtime.graph.Node;
import org.helu.runtime.tensor.Tensor;

/** Sees the values inside a run. Long inputs are run in parts: it is called once per part. */
@FunctionalInterface
public interface LayerObserver {
  /**
   * Called after {@code node} was computed.
   *
   * @param node the node, in execution order
   * @param value what it wrote, valid during the call; gated values carry their mask
   */
  void layer(Node node, Tensor value);
}
