package org.helu.device.vector;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.graph.Node;
import org.helu.runtime.reference.ReferenceKernels;
import org.helu.runtime.tensor.Encoding;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * An op without a kernel of its own, run by the scalar reference. It allocates; {@link
 * StepCompiler} lists which ops those are.
 */
final class ReferenceStep extends Step {
  private final Node node;
  private final List<Operand> operands;
  private final Count elements;
  private final long y;

  /**
   * One input.
   *
   * @param type its batch may be symbolic
   * @param offset where it lies, if it is no constant
   * @param constant its value, or null
   */
  record Operand(TensorType type, long offset, Tensor constant) {}

  ReferenceStep(Node node, List<Operand> operands, Count elements, long y) {
    this.node = node;
    this.operands = List.copyOf(operands);
    this.elements = elements;
    this.y = y;
  }

  @Override
  long work(int batch) {
    return elements.of(batch);
  }

  @Override
  boolean isDivisible() {
    return false;
  }

  @Override
  void run(Frame frame, int phase, int part, int parts) {
    List<Tensor> tensors = new ArrayList<>(operands.size());
    for (Operand operand : operands) {
      tensors.add(operand.constant != null ? operand.constant : view(frame, operand));
    }
    Tensor result = ReferenceKernels.evaluate(node.op().withBatch(frame.batch), tensors);
    MemorySegment.copy(result.data(), 0, frame.memory, y, result.type().dataBytes());
  }

  private static Tensor view(Frame frame, Operand operand) {
    // Gated values are read as plain ones: their masks are not kept.
    boolean gated = operand.type.encoding() instanceof Encoding.Gated;
    TensorType stored = gated ? operand.type.withEncoding(Encoding.PLAIN) : operand.type;
    TensorType type = stored.withBatch(frame.batch);
    return new Tensor(type, frame.memory.asSlice(operand.offset, type.byteSize()));
  }
}
