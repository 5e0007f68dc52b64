package org.helu.compiler.analysis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.Op;
import org.helu.runtime.reference.ReferenceKernels;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Runs a graph with float values in double: the definition that integer layers are exact against.
 *
 * <p>Dot products are formed exactly and rounded once; every other operation of convolutions,
 * matrix products, batch norm, arithmetic, comparisons, quantizers and max pools is rounded once.
 * Constants are what the file holds. Other float functions are computed in float32.
 */
public final class DoubleInterpreter {
  private final Graph graph;

  /** An interpreter of {@code graph}. */
  public DoubleInterpreter(Graph graph) {
    this.graph = graph;
  }

  /**
   * A value: {@code doubles} for float elements, else {@code tensor}.
   *
   * @param type the value's type, batch bound
   */
  public record Value(TensorType type, Tensor tensor, double[] doubles) {
    static Value of(Tensor tensor) {
      if (tensor.type().elementType() != ElementType.FLOAT32) {
        return new Value(tensor.type(), tensor, null);
      }
      double[] doubles = new double[Math.toIntExact(tensor.elements())];
      for (int i = 0; i < doubles.length; i++) {
        doubles[i] = tensor.getFloat(i);
      }
      return new Value(tensor.type(), null, doubles);
    }

    static Value of(Shape shape, double[] doubles) {
      return new Value(new TensorType(ElementType.FLOAT32, shape), null, doubles);
    }

    /** Element {@code index}. */
    public double at(long index) {
      return doubles != null ? doubles[(int) index] : tensor.getDouble(index);
    }

    /** Number of elements. */
    public int count() {
      return Math.toIntExact(type.shape().elements());
    }

    /** The value as a tensor, floats rounded. */
    public Tensor rounded() {
      if (doubles == null) {
        return tensor;
      }
      float[] floats = new float[doubles.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) doubles[i];
      }
      return Tensor.ofFloats(type.shape(), floats);
    }

    /** The bits of the elements as INT64, so that ops which move data move doubles too. */
    private Tensor bits() {
      long[] bits = new long[doubles.length];
      for (int i = 0; i < bits.length; i++) {
        bits[i] = Double.doubleToRawLongBits(doubles[i]);
      }
      return Tensor.ofLongs(type.shape(), bits);
    }

    private static Value ofBits(Tensor bits) {
      double[] doubles = new double[Math.toIntExact(bits.elements())];
      for (int i = 0; i < doubles.length; i++) {
        doubles[i] = Double.longBitsToDouble(bits.getLong(i));
      }
      return of(bits.shape(), doubles);
    }
  }

  /** The graph's outputs, floats rounded to float32. */
  public List<Tensor> run(List<Tensor> inputs) {
    Map<String, Value> values = values(inputs);
    List<Tensor> outputs = new ArrayList<>();
    graph.outputs().forEach(output -> outputs.add(values.get(output).rounded()));
    return outputs;
  }

  /** Every value of the graph, by name. */
  public Map<String, Value> values(List<Tensor> inputs) {
    Map<String, Value> values = new HashMap<>();
    int batch = 1;
    for (int i = 0; i < inputs.size(); i++) {
      values.put(graph.inputs().get(i).name(), Value.of(inputs.get(i)));
      if (graph.inputs().get(i).type().shape().isBatched()) {
        batch = inputs.get(i).shape().dim(0);
      }
    }
    graph.constants().forEach((name, tensor) -> values.put(name, Value.of(tensor)));
    Map<String, Boolean> constant = new HashMap<>();
    graph.constants().keySet().forEach(name -> constant.put(name, true));
    for (Node node : graph.nodes()) {
      List<Value> operands = node.inputs().stream().map(values::get).toList();
      boolean known = node.inputs().stream().allMatch(constant::containsKey);
      Op op = node.op().withBatch(batch);
      // A constant that a file could hold is float32; dequantized integers are exact.
      boolean stored = known && !(op instanceof FloatOp.Dequantize);
      values.put(node.output(), stored ? reference(op, operands) : evaluate(op, operands));
      if (known) {
        constant.put(node.output(), true);
      }
    }
    return values;
  }

  private static Value evaluate(Op op, List<Value> operands) {
    Value result = DoubleKernels.evaluate(op, operands);
    if (result != null) {
      return result;
    }
    boolean moves =
        switch (op) {
          case DeviceOp.Reshape _,
              DeviceOp.Transpose _,
              DeviceOp.Concat _,
              DeviceOp.Slice _,
              DeviceOp.Gather _ ->
              operands.getFirst().doubles != null;
          default -> false;
        };
    if (!moves) {
      return reference(op, operands);
    }
    List<Tensor> bits =
        operands.stream().map(v -> v.doubles != null ? v.bits() : v.tensor).toList();
    return Value.ofBits(ReferenceKernels.evaluate(op, bits));
  }

  private static Value reference(Op op, List<Value> operands) {
    return Value.of(ReferenceKernels.evaluate(op, operands.stream().map(Value::rounded).toList()));
  }
}
