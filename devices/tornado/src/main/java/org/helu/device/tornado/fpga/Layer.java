package org.helu.device.tornado.fpga;

import java.util.List;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.tensor.Tensor;

/**
 * A node whose code is being written.
 *
 * @param graph that it belongs to
 * @param node the node
 * @param index its number, which the names of its arrays end in
 * @param inputs its operands; null for weights and parameters, which its code reads in a layout of
 *     its own
 * @param y what it writes
 * @param fold how much of it is computed at once
 * @param roms where its constants go
 * @param out where its code goes
 */
record Layer(
    Graph graph,
    Node node,
    int index,
    List<Value> inputs,
    Value y,
    Fold fold,
    Roms roms,
    SourceWriter out) {

  DeviceOp op() {
    return (DeviceOp) node.op();
  }

  Value x() {
    return inputs.getFirst();
  }

  /** The constant at an operand. */
  Tensor constant(int operand) {
    return graph.constant(node.input(operand));
  }

  /** A name of this layer's own. */
  String name(String base) {
    return base + index;
  }

  List<Epilogue> epilogues() {
    return op().epilogues();
  }
}
