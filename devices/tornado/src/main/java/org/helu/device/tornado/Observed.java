package org.helu.device.tornado;

import java.lang.foreign.MemorySegment;
import org.helu.device.tornado.Lowering.Program;
import org.helu.runtime.graph.Node;
import org.helu.runtime.tensor.Encoding;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Values of a run as observers see them. */
final class Observed {
  private Observed() {}

  /**
   * The output of a node. Masks of gated values are made here: no kernel reads one, and a stored
   * magnitude says by itself whether its gate is open.
   */
  static Tensor tensor(Program program, Node node, int batch) {
    Buffers buffers = program.buffers();
    TensorType type = program.graph().type(node.output()).withBatch(batch);
    Tensor tensor = Tensor.zeros(type);
    MemorySegment data = tensor.data().asSlice(0, type.dataBytes());
    DeviceArrays.copyOut(type.elementType(), buffers.array(node.output()), data);
    if (type.encoding() instanceof Encoding.Gated) {
      writeMask(tensor);
    }
    return tensor;
  }

  private static void writeMask(Tensor tensor) {
    TensorType type = tensor.type();
    int last = type.shape().last();
    long elements = tensor.elements();
    for (long i = 0; i < elements; i++) {
      if (!(tensor.getFloat(i) <= 0f)) {
        long column = i % last;
        long word = type.maskOffset() + (i / last * type.wordsPerRow() + (column >>> 6)) * 8;
        long bits = tensor.data().get(Tensor.LONG, word) | 1L << (column & 63);
        tensor.data().set(Tensor.LONG, word, bits);
      }
    }
  }
}
