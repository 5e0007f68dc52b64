package org.helu.device.vector;

import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.plan.MemoryPlan;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Where every value lies in a session's memory. Activations stand where the plan puts them; copies
 * of the inputs follow, then constants that kernels read as operands: with all operands in one
 * segment, the JIT compiler sees one kind of memory and keeps its checks out of the loops.
 */
final class Addresses {
  private final Graph graph;
  private final MemoryPlan plan;
  private final Map<String, Long> offsets = new LinkedHashMap<>();
  private long bytes;

  Addresses(Graph graph, MemoryPlan plan) {
    this.graph = graph;
    this.plan = plan;
    this.bytes = TensorType.align(plan.peakBytes());
    for (GraphInput input : graph.inputs()) {
      place(input.name(), plan.type(input.name()).byteSize());
    }
  }

  private long place(String value, long size) {
    long offset = bytes;
    offsets.put(value, offset);
    bytes = Math.addExact(bytes, TensorType.align(size));
    return offset;
  }

  /** Byte offset of a value; a constant gets a place when it is first asked for. */
  long of(String value) {
    String root = plan.root(value);
    if (plan.isInArena(root)) {
      return plan.offset(root);
    }
    Long offset = offsets.get(root);
    return offset != null ? offset : place(root, graph.constant(root).type().byteSize());
  }

  /** Copies the placed constants into a session's memory. */
  void writeConstants(MemorySegment memory) {
    offsets.forEach(
        (value, offset) -> {
          Tensor constant = graph.constant(value);
          if (constant != null) {
            MemorySegment.copy(constant.data(), 0, memory, offset, constant.data().byteSize());
          }
        });
  }

  /** Bytes of everything placed so far. */
  long bytes() {
    return bytes;
  }
}
