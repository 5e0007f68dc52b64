package org.helu.runtime.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.tensor.TensorType;

/**
 * Where each activation lives in one arena, so that values which are never alive together share
 * memory.
 *
 * <p>Buffers are placed largest first, each at the lowest offset that is free during its whole life
 * (greedy by size; Pisarchyk and Lee, <i>Efficient Memory Management for Deep Neural Net
 * Inference</i>, arXiv 2001.03288). A Reshape takes no memory: its output is the input's buffer
 * under another shape. Inputs and constants stay where the caller keeps them.
 */
public final class MemoryPlan {
  private final Map<String, String> roots = new HashMap<>();
  private final Map<String, TensorType> types = new HashMap<>();
  private final Map<String, Long> offsets = new HashMap<>();
  private final int batch;
  private long peakBytes;
  private long totalBytes;

  private MemoryPlan(int batch) {
    this.batch = batch;
  }

  /** Plans {@code graph} for up to {@code batch} samples a pass. */
  public static MemoryPlan of(BinarizedGraph graph, int batch) {
    MemoryPlan plan = new MemoryPlan(batch);
    plan.place(plan.buffers(graph.graph()));
    return plan;
  }

  private List<Buffer> buffers(Graph graph) {
    Set<String> outside = new HashSet<>(graph.constants().keySet());
    for (GraphInput input : graph.inputs()) {
      outside.add(input.name());
      types.put(input.name(), input.type().withBatch(batch));
    }
    graph.constants().forEach((name, tensor) -> types.put(name, tensor.type()));
    Map<String, Buffer> byRoot = new HashMap<>();
    List<Buffer> buffers = new ArrayList<>();
    for (int step = 0; step < graph.nodes().size(); step++) {
      Node node = graph.nodes().get(step);
      String output = node.output();
      TensorType type = graph.type(output).withBatch(batch);
      types.put(output, type);
      for (String input : node.inputs()) {
        extend(byRoot.get(root(input)), step);
      }
      if (node.op() instanceof DeviceOp.Reshape) {
        roots.put(output, root(node.input(0)));
      } else {
        Buffer buffer = new Buffer(output, TensorType.align(type.byteSize()), step);
        byRoot.put(output, buffer);
        buffers.add(buffer);
      }
    }
    for (String output : graph.outputs()) {
      // Copied out after the last node.
      extend(byRoot.get(root(output)), graph.nodes().size());
    }
    return buffers;
  }

  private static void extend(Buffer buffer, int step) {
    if (buffer != null) {
      buffer.last = Math.max(buffer.last, step);
    }
  }

  private void place(List<Buffer> buffers) {
    List<Buffer> bySize = new ArrayList<>(buffers);
    bySize.sort((one, other) -> Long.compare(other.bytes, one.bytes));
    List<Buffer> placed = new ArrayList<>();
    for (Buffer buffer : bySize) {
      long offset = 0;
      for (Buffer other : placed) { // ordered by offset
        boolean together = other.first <= buffer.last && buffer.first <= other.last;
        if (together) {
          if (offset + buffer.bytes <= other.offset) {
            break;
          }
          offset = Math.max(offset, other.offset + other.bytes);
        }
      }
      buffer.offset = offset;
      offsets.put(buffer.value, offset);
      peakBytes = Math.max(peakBytes, Math.addExact(offset, buffer.bytes));
      totalBytes = Math.addExact(totalBytes, buffer.bytes);
      placed.add(buffer);
      placed.sort((one, other) -> Long.compare(one.offset, other.offset));
    }
  }

  /** Samples that the plan has room for. */
  public int batch() {
    return batch;
  }

  /** The value whose memory {@code value} is: itself unless it is a Reshape's output. */
  public String root(String value) {
    return roots.getOrDefault(value, value);
  }

  /** Whether {@code value} is another value's memory under another shape. */
  public boolean isAlias(String value) {
    return roots.containsKey(value);
  }

  /** Whether {@code value} lives in the arena, rather than in an input or a constant. */
  public boolean isInArena(String value) {
    return offsets.containsKey(root(value));
  }

  /** Byte offset of {@code value} in the arena. */
  public long offset(String value) {
    Long offset = offsets.get(root(value));
    if (offset == null) {
      throw new IllegalArgumentException("'" + value + "' is not in the arena");
    }
    return offset;
  }

  /** The type of {@code value} for a full batch. */
  public TensorType type(String value) {
    return types.get(value);
  }

  /** Bytes of the arena: what one session takes. */
  public long peakBytes() {
    return peakBytes;
  }

  /** Bytes that all buffers would take without sharing. */
  public long totalBytes() {
    return totalBytes;
  }

  private static final class Buffer {
    private final String value;
    private final long bytes;
    private final int first;
    private int last;
    private long offset;

    private Buffer(String value, long bytes, int step) {
      this.value = value;
      this.bytes = bytes;
      this.first = step;
      this.last = step;
    }
  }
}
