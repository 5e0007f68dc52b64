package org.helu.device.rtl.design;

import java.util.List;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Tensor;

/** A node of the graph that becomes hardware. Layers are numbered in the order of the graph. */
public sealed interface Layer {
  /** In place of a layer's number: the network's input. */
  int NETWORK_INPUT = -1;

  /** The node. */
  Node node();

  /** Number of the layer that is read, or {@link #NETWORK_INPUT}. */
  int input();

  /** What is read. */
  Stream in();

  /** What is written. */
  Stream out();

  /** Numbers of all layers that are read. */
  default List<Integer> inputs() {
    return List.of(input());
  }

  /**
   * A dense layer or a convolution.
   *
   * @param residual number of the layer whose codes are added, or null
   * @param residualIn what that layer writes, or null
   * @param window the convolution's window, or null of a dense layer
   * @param codes what the codes that are read stand for
   * @param weights one row an output channel, in the order of the window: row, column, channel
   * @param oneBit whether weights are +1 and -1
   * @param epilogue Threshold, Requantize, or null where sums are written
   * @param parameters of the epilogue
   */
  record Matrix(
      Node node,
      int input,
      Integer residual,
      Stream residualIn,
      Stream in,
      Stream out,
      Window window,
      Codes codes,
      int[][] weights,
      boolean oneBit,
      Epilogue epilogue,
      Tensor parameters)
      implements Layer {
    @Override
    public List<Integer> inputs() {
      return residual == null ? List.of(input) : List.of(input, residual);
    }

    /** Elements of one sum. */
    public int synapses() {
      return weights[0].length;
    }
  }

  /** A max pool of codes. */
  record Pool(Node node, int input, Stream in, Stream out, Window window) implements Layer {}

  /** An epilogue standing alone: Threshold or Requantize of codes or sums. */
  record Scale(
      Node node,
      int input,
      Stream in,
      boolean signed,
      Stream out,
      Epilogue epilogue,
      Tensor parameters)
      implements Layer {}
}
