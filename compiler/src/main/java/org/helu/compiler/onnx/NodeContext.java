package org.helu.compiler.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Op;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/** What an {@link OpImporter} sees of one node, and how it answers. */
final class NodeContext {
  private final OnnxNode node;
  private final GraphScope scope;
  private final HeluAlpha alpha;
  private final TensorReader tensors;
  private final Predicate<String> isRead;
  private boolean named;

  NodeContext(
      OnnxNode node,
      GraphScope scope,
      HeluAlpha alpha,
      TensorReader tensors,
      Predicate<String> isRead) {
    this.node = node;
    this.scope = scope;
    this.alpha = alpha;
    this.tensors = tensors;
    this.isRead = isRead;
  }

  /** Version of the operator set. */
  int opset() {
    return node.opset();
  }

  Attributes attributes() {
    return node.attributes();
  }

  TensorReader tensors() {
    return tensors;
  }

  HeluAlpha alpha() {
    return alpha;
  }

  /** The node's {@code helu.alpha} metadata, or null. */
  String alphaText() {
    return node.alphaText();
  }

  /** Inputs without omitted ones at the end. */
  int inputCount() {
    int count = node.inputs().size();
    while (count > 0 && node.inputs().get(count - 1).isEmpty()) {
      count--;
    }
    return count;
  }

  boolean hasInput(int index) {
    return index < node.inputs().size() && !node.inputs().get(index).isEmpty();
  }

  /** Fails unless the node has {@code min..max} inputs. */
  void requireInputs(int min, int max) {
    int count = inputCount();
    if (count < min || count > max) {
      String expected = min == max ? "" + min : min + " to " + max;
      throw NodeProblem.invalid("expected " + expected + " inputs, found " + count);
    }
  }

  /** A required input. */
  Value input(int index) {
    if (!hasInput(index)) {
      throw NodeProblem.invalid("input " + index + " is missing");
    }
    return scope.value(node.inputs().get(index));
  }

  /** An optional input, null where it is left out. */
  Value optional(int index) {
    return hasInput(index) ? input(index) : null;
  }

  /** All inputs, none of them left out. */
  List<Value> allInputs() {
    List<Value> all = new ArrayList<>();
    for (int i = 0; i < inputCount(); i++) {
      all.add(input(i));
    }
    if (all.isEmpty()) {
      throw NodeProblem.invalid("expected an input, found none");
    }
    return all;
  }

  /** Elements of an integer input that must be known at import; null where it is left out. */
  long[] longs(int index, String what) {
    Value value = optional(index);
    if (value == null) {
      return null;
    }
    if (value.symbolic()) {
      throw NodeProblem.unsupported(what + " depends on the batch size");
    }
    return constant(value, what).toLongs();
  }

  /** As {@link #longs} for dimensions of a shape; may hold {@link Value#BATCH_ENTRY}. */
  long[] dims(int index, String what) {
    return constant(input(index), what).toLongs();
  }

  /** The one float that an input holds, which must be known at import. */
  float scalar(int index, String what) {
    Tensor tensor = floatConstant(index, what);
    if (tensor.elements() != 1) {
      throw NodeProblem.invalid("expected a scalar " + what + ", found " + tensor.shape());
    }
    if (!Float.isFinite(tensor.getFloat(0))) {
      throw NodeProblem.unsupported(what + " is " + tensor.getFloat(0) + ", expected a number");
    }
    return tensor.getFloat(0);
  }

  private Tensor floatConstant(int index, String what) {
    Value value = input(index);
    if (!value.isFloat()) {
      throw NodeProblem.invalid("expected a float " + what + ", found " + value.type());
    }
    if (!value.isConstant()) {
      throw notConstant(what);
    }
    return value.constant();
  }

  private static Tensor constant(Value value, String what) {
    ElementType type = value.type().elementType();
    if (type != ElementType.INT64 && type != ElementType.INT32) {
      throw NodeProblem.invalid("expected an integer " + what + ", found " + value.type());
    }
    if (value.constant() == null) {
      throw notConstant(what);
    }
    return value.constant();
  }

  private static NodeProblem notConstant(String what) {
    return NodeProblem.unsupported(what + " must be a constant, found a computed value");
  }

  /** Whether an output is named and something reads it. */
  boolean outputUsed(int index) {
    return index < node.outputs().size()
        && !node.outputs().get(index).isEmpty()
        && isRead.test(node.outputs().get(index));
  }

  int outputCount() {
    return node.outputs().size();
  }

  /** Fails where something reads an output beyond the first {@code count}. */
  void requireOutputs(int count, String reason) {
    for (int i = count; i < node.outputs().size(); i++) {
      if (outputUsed(i)) {
        throw NodeProblem.unsupported(reason);
      }
    }
  }

  /** Emits a helper node in front of the node's outputs. */
  Value emit(Op op, Value... operands) {
    String suffix = "." + op.name().toLowerCase(Locale.ROOT);
    String output = scope.freshValue(firstOutput() + suffix);
    return scope.emit(
        op, scope.freshNode(node.name() + suffix), output, Arrays.asList(operands), node.name());
  }

  /** Emits the node that writes output 0. */
  void result(Op op, Value... operands) {
    result(0, op, operands);
  }

  /** Emits the node that writes an output. */
  void result(int index, Op op, Value... operands) {
    // The ONNX node's own name goes to one helu node: the first that writes an output.
    String name = named ? scope.freshNode(node.name() + "." + index) : node.name();
    named = true;
    String output = outputName(index);
    scope.bind(output, scope.emit(op, name, output, Arrays.asList(operands), node.name()));
  }

  /** Lets an output be another value. */
  void alias(int index, Value value) {
    scope.bind(outputName(index), value);
  }

  /** Lets an output be a constant. */
  void constant(int index, Tensor tensor) {
    String output = outputName(index);
    scope.bind(output, scope.constant(output, tensor));
  }

  /** Lets output 0 be a vector of dimensions, one of which is the batch. */
  void symbolic(Tensor tensor) {
    String output = outputName(0);
    scope.bind(output, Value.symbolic(output, tensor));
  }

  /** A helper constant. */
  Value constant(String suffix, Tensor tensor) {
    return scope.freshConstant(firstOutput() + "." + suffix, tensor);
  }

  /** A helper constant scalar. */
  Value scalarConstant(String suffix, float value) {
    return constant(suffix, Tensor.scalar(value));
  }

  /** Announces a constant of {@code elements} that the file does not hold itself. */
  void spendFoldBudget(long elements) {
    scope.spendFoldBudget(elements);
  }

  /** {@code value} under another shape; constants are not copied. */
  Value reshaped(Value value, Shape shape) {
    if (value.shape().equals(shape)) {
      return value;
    }
    if (scope.isStored(value) && value.shape().elements() == shape.elements()) {
      return scope.freshConstant(value.name() + ".reshape", value.constant().reshaped(shape));
    }
    return emit(new DeviceOp.Reshape(shape), value);
  }

  private String outputName(int index) {
    String name = index < node.outputs().size() ? node.outputs().get(index) : "";
    return name.isEmpty() ? scope.freshValue(node.name() + ".output" + index) : name;
  }

  private String firstOutput() {
    for (String output : node.outputs()) {
      if (!output.isEmpty()) {
        return output;
      }
    }
    return node.name();
  }
}
