package org.helu.device.rtl.design;

import java.util.List;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.tensor.TensorType;

/**
 * A graph cut in three: what the host does before (to bytes), the hardware's layers, and what the
 * host does behind (scale sums to floats).
 *
 * @param name the graph's
 * @param before from the graph's input to {@code inType}; without nodes where they are the same
 * @param inType the value that enters the hardware, batch symbolic or 1
 * @param in the same as a stream
 * @param layers in the order of the graph
 * @param last number of the layer that leaves the hardware
 * @param outType the value that leaves the hardware
 * @param behind from {@code outType} to the graph's output
 */
public record Network(
    String name,
    Graph before,
    TensorType inType,
    Stream in,
    List<Layer> layers,
    int last,
    TensorType outType,
    Graph behind) {
  public Network {
    layers = List.copyOf(layers);
  }

  /** What leaves the hardware. */
  public Stream out() {
    return layers.get(last).out();
  }
}
