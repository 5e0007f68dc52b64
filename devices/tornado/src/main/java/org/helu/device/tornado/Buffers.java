package org.helu.device.tornado;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The arrays of one lowered graph: inputs, constants, and activations, which share arrays where
 * they are never alive together. The output of a Reshape is its input's array.
 */
final class Buffers {
  private final Graph graph;
  private final int maxBatch;
  private final boolean shared;
  private final Map<String, String> roots = new HashMap<>();
  private final Map<String, Integer> lastUse = new HashMap<>();
  private final Map<String, TornadoNativeArray> arrays = new HashMap<>();
  private final List<TornadoNativeArray> free = new ArrayList<>();
  private final List<TornadoNativeArray> borrowed = new ArrayList<>();
  private final Set<TornadoNativeArray> constants =
      Collections.newSetFromMap(new IdentityHashMap<>());
  private final IntArray batch = new IntArray(1);
  private final FloatArray none = new FloatArray(1);
  private final IntArray noInts = new IntArray(1);
  private final LongArray noLongs = new LongArray(1);
  private long constantBytes;
  private long activationBytes;

  /**
   * @param shared whether activations may share arrays; not where every value is looked at
   */
  Buffers(Graph graph, int maxBatch, boolean shared) {
    this.graph = graph;
    this.maxBatch = maxBatch;
    this.shared = shared;
    batch.set(0, 1);
    constants.addAll(List.of(none, noInts, noLongs));
    for (int step = 0; step < graph.nodes().size(); step++) {
      Node node = graph.nodes().get(step);
      if (isAlias(graph, node)) {
        roots.put(node.output(), root(node.input(0)));
      }
      lastUse.put(root(node.output()), step);
      for (String input : node.inputs()) {
        lastUse.put(root(input), step);
      }
    }
    graph.outputs().forEach(output -> lastUse.put(root(output), Integer.MAX_VALUE));
    for (GraphInput input : graph.inputs()) {
      arrays.put(input.name(), allocate(input.type()));
    }
  }

  /** Whether a node only gives its input's array another type. */
  static boolean isAlias(Graph graph, Node node) {
    return node.op() instanceof DeviceOp.Reshape
        || (node.op() instanceof DeviceOp.Cast(ElementType to)
            && to == graph.type(node.input(0)).elementType());
  }

  String root(String value) {
    return roots.getOrDefault(value, value);
  }

  boolean isConstant(String value) {
    return graph.constant(root(value)) != null;
  }

  /** A constant under the value's own shape. */
  Tensor constantTensor(String value) {
    return graph.constant(value);
  }

  /** Prepares the output of a node; once per node that is stored, in order. */
  void enter(Node node) {
    if (!isAlias(graph, node)) {
      arrays.put(node.output(), take(graph.type(node.output())));
    }
  }

  /** Gives back the arrays that no node behind {@code step} reads. */
  void leave(int step) {
    if (!shared) {
      return;
    }
    Node node = graph.nodes().get(step);
    List<String> values = new ArrayList<>(node.inputs());
    values.add(node.output());
    free.addAll(borrowed);
    borrowed.clear();
    for (String value : values.stream().map(this::root).distinct().toList()) {
      TornadoNativeArray array = arrays.get(value); // null where a chain of layers keeps it
      if (lastUse.get(value) == step && isActivation(value) && array != null) {
        free.add(array);
      }
    }
  }

  private boolean isActivation(String root) {
    return graph.constant(root) == null
        && graph.inputs().stream().noneMatch(input -> input.name().equals(root));
  }

  /** An array for values between two kernels of the node in progress. */
  IntArray scratch(Shape shape) {
    TornadoNativeArray array = take(new TensorType(ElementType.INT32, shape));
    borrowed.add(array);
    return (IntArray) array;
  }

  /** Elements of a value's array: of packed values, their words. */
  private static long arrayElements(TensorType type) {
    return type.elementType() == ElementType.BIT ? type.dataBytes() / 8 : type.shape().elements();
  }

  /** Bytes of a value's array. */
  static long bytes(TensorType type) {
    return DeviceArrays.bytes(type.elementType(), arrayElements(type));
  }

  private TornadoNativeArray take(TensorType type) {
    long elements = arrayElements(type.withBatch(maxBatch));
    Class<?> kind = arrayClass(type.elementType());
    TornadoNativeArray best = null;
    for (TornadoNativeArray candidate : free) {
      boolean fits = candidate.getClass() == kind && candidate.getSize() >= elements;
      if (fits && (best == null || candidate.getSize() < best.getSize())) {
        best = candidate;
      }
    }
    if (best != null) {
      free.remove(best);
      return best;
    }
    return allocate(type);
  }

  private TornadoNativeArray allocate(TensorType type) {
    TensorType bound = type.withBatch(maxBatch);
    activationBytes = Math.addExact(activationBytes, bytes(bound));
    return DeviceArrays.allocate(type.elementType(), arrayElements(bound));
  }

  private static Class<?> arrayClass(ElementType type) {
    return switch (type) {
      case FLOAT32 -> FloatArray.class;
      case INT64, BIT -> LongArray.class;
      default -> IntArray.class;
    };
  }

  /** The array of a value; a constant's is made on first use, in its plain layout. */
  TornadoNativeArray array(String value) {
    String root = root(value);
    TornadoNativeArray array = arrays.get(root);
    if (array == null) {
      Tensor tensor = graph.constant(root);
      array = DeviceArrays.allocate(tensor.type().elementType(), arrayElements(tensor.type()));
      DeviceArrays.copyIn(tensor.type().elementType(), tensor.data(), array);
      arrays.put(root, constant(array));
    }
    return array;
  }

  FloatArray floats(String value) {
    return (FloatArray) array(value);
  }

  IntArray ints(String value) {
    return (IntArray) array(value);
  }

  LongArray longs(String value) {
    return (LongArray) array(value);
  }

  private TornadoNativeArray constant(TornadoNativeArray array) {
    constants.add(array);
    constantBytes = Math.addExact(constantBytes, array.getNumBytesOfSegmentWithHeader());
    return array;
  }

  /** A constant of the lowering: packed weights. */
  FloatArray constant(float[] values) {
    return (FloatArray) constant(DeviceArrays.floats(values));
  }

  /** A constant of the lowering: a table or geometry. */
  IntArray constant(int... values) {
    return (IntArray) constant(DeviceArrays.ints(values));
  }

  boolean isConstant(TornadoNativeArray array) {
    return constants.contains(array);
  }

  /** A constant of the lowering: packed weights. */
  LongArray constant(long[] values) {
    return (LongArray) constant(LongArray.fromArray(values));
  }

  /** Stands in for an operand that a kernel does not read. */
  FloatArray none() {
    return none;
  }

  /** As {@link #none}, for an array of ints. */
  IntArray noInts() {
    return noInts;
  }

  /** As {@link #none}, for an array of longs. */
  LongArray noLongs() {
    return noLongs;
  }

  /** How many samples a run has. */
  IntArray batch() {
    return batch;
  }

  /** The count for a kernel that goes over {@code samples}: the run's, or a fixed one. */
  IntArray batchOf(String value, int samples) {
    return graph.type(value).shape().isBatched() ? batch : constant(samples);
  }

  /** Samples that the loops of a kernel writing {@code value} go over. */
  int samples(String value) {
    return graph.type(value).shape().isBatched() ? maxBatch : 1;
  }

  /** Elements of one sample, or of all where there is no batch. */
  int size(String value) {
    return Math.toIntExact(graph.type(value).shape().elementsPerSample());
  }

  /** Elements from one sample to the next, 0 where there is no batch. */
  int stride(String value) {
    return graph.type(value).shape().isBatched() ? size(value) : 0;
  }

  Shape shape(String value) {
    return graph.type(value).shape();
  }

  ElementType element(String value) {
    return graph.type(value).elementType();
  }

  TensorType type(String value) {
    return graph.type(value);
  }

  long constantBytes() {
    return constantBytes;
  }

  long activationBytes() {
    return activationBytes;
  }
}
