package org.helu.compiler.onnx;

import java.util.Arrays;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Constants, shapes as values, and conversions. */
final class ConstantOps {
  private ConstantOps() {}

  static void register(OpTable table) {
    table.add("Constant", ConstantOps::constant);
    table.add("ConstantOfShape", ConstantOps::constantOfShape);
    table.add("Shape", ConstantOps::shape);
    table.add("Size", ConstantOps::size);
    table.add("Range", ConstantOps::range);
    table.add("Cast", ConstantOps::cast);
    table.add("CastLike", ConstantOps::castLike);
  }

  /** A constant of {@code shape} with every element equal to {@code element}'s only one. */
  static Tensor filled(NodeContext node, Shape shape, Tensor element) {
    node.spendFoldBudget(shape.elements());
    Tensor tensor = Tensor.zeros(new TensorType(element.type().elementType(), shape));
    for (long i = 0; i < tensor.elements(); i++) {
      if (element.type().elementType().isFloat()) {
        tensor.setFloat(i, element.getFloat(0));
      } else {
        tensor.setLong(i, element.getLong(0));
      }
    }
    return tensor;
  }

  /** A BOOL scalar. */
  static Tensor scalarBool(boolean value) {
    Tensor tensor = Tensor.zeros(new TensorType(ElementType.BOOL, Shape.of()));
    tensor.setLong(0, value ? 1 : 0);
    return tensor;
  }

  private static void constant(NodeContext node) {
    node.requireInputs(0, 0);
    Attributes attributes = node.attributes();
    if (attributes.names().size() != 1) {
      throw NodeProblem.invalid("expected one attribute, found " + attributes.names());
    }
    String form = attributes.names().iterator().next();
    Tensor tensor =
        switch (form) {
          case "value" -> node.tensors().read(attributes.tensor(form));
          case "value_float" -> Tensor.scalar(attributes.floatOr(form, 0));
          case "value_int" -> Tensor.ofLongs(Shape.of(), attributes.longOr(form, 0));
          case "value_floats" -> floats(attributes.floats(form));
          case "value_ints" -> {
            long[] values = attributes.longs(form);
            yield Tensor.ofLongs(Shape.of(values.length), values);
          }
          default -> throw NodeProblem.unsupported("a constant given as " + form);
        };
    node.constant(0, tensor);
  }

  private static Tensor floats(float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw NodeProblem.invalid("element " + i + " is " + values[i] + ", expected a number");
      }
    }
    return Tensor.ofFloats(Shape.of(values.length), values);
  }

  private static void constantOfShape(NodeContext node) {
    node.requireInputs(1, 1);
    long[] dims = node.longs(0, "shape");
    if (dims.length > Shape.MAX_RANK) {
      throw NodeProblem.unsupported("rank " + dims.length + " exceeds " + Shape.MAX_RANK);
    }
    for (long dim : dims) {
      if (dim < 0 || dim > Integer.MAX_VALUE) {
        throw NodeProblem.invalid("dimension " + dim + " of " + Arrays.toString(dims));
      }
    }
    Shape shape = Shape.of(Arrays.stream(dims).mapToInt(Math::toIntExact).toArray());
    Tensor element = Tensor.scalar(0);
    if (node.attributes().has("value")) {
      element = node.tensors().read(node.attributes().tensor("value"));
      if (element.elements() != 1) {
        throw NodeProblem.invalid("expected a value of one element, found " + element.shape());
      }
    }
    node.constant(0, filled(node, shape, element));
  }

  /** Dimensions from {@code start} to {@code end}; a batch stands as {@link Value#BATCH_ENTRY}. */
  private static void shape(NodeContext node) {
    node.requireInputs(1, 1);
    Shape shape = node.input(0).shape();
    int rank = shape.rank();
    int start = bound(node.attributes().longOr("start", 0), rank);
    int end = Math.max(start, bound(node.attributes().longOr("end", rank), rank));
    long[] dims = new long[end - start];
    boolean symbolic = false;
    for (int axis = start; axis < end; axis++) {
      boolean batch = shape.dim(axis) == Shape.BATCH;
      symbolic |= batch;
      dims[axis - start] = batch ? Value.BATCH_ENTRY : shape.dim(axis);
    }
    Tensor tensor = Tensor.ofLongs(Shape.of(dims.length), dims);
    if (symbolic) {
      node.symbolic(tensor);
    } else {
      node.constant(0, tensor);
    }
  }

  private static int bound(long index, int rank) {
    return Math.clamp(index < 0 ? index + rank : index, 0, rank);
  }

  private static void size(NodeContext node) {
    node.requireInputs(1, 1);
    Shape shape = node.input(0).shape();
    if (shape.isBatched()) {
      throw NodeProblem.unsupported("the size of " + shape + " depends on the batch size");
    }
    node.constant(0, Tensor.ofLongs(Shape.of(), shape.elements()));
  }

  /** Integers {@code start, start + delta, ...} below (or above) {@code limit}. */
  private static void range(NodeContext node) {
    node.requireInputs(3, 3);
    ElementType type = node.input(0).type().elementType();
    if (type != ElementType.INT64 && type != ElementType.INT32) {
      throw NodeProblem.unsupported("a range of " + type);
    }
    long start = integer(node, 0, "start");
    long limit = integer(node, 1, "limit");
    long delta = integer(node, 2, "delta");
    if (delta == 0) {
      throw NodeProblem.invalid("delta is 0");
    }
    long span = Math.subtractExact(limit, start);
    long count =
        span == 0 || (span > 0) != (delta > 0) ? 0 : (Math.abs(span) - 1) / Math.abs(delta) + 1;
    node.spendFoldBudget(count);
    Tensor tensor = Tensor.zeros(new TensorType(type, Shape.of((int) count)));
    for (int i = 0; i < count; i++) {
      tensor.setLong(i, start + i * delta);
    }
    node.constant(0, tensor);
  }

  private static long integer(NodeContext node, int index, String what) {
    long[] value = node.longs(index, what);
    if (value.length != 1 || value[0] == Long.MIN_VALUE) {
      throw NodeProblem.invalid("expected a scalar " + what);
    }
    return value[0];
  }

  private static void cast(NodeContext node) {
    node.requireInputs(1, 1);
    // Only conversions to float8 saturate.
    node.attributes().ignore("saturate");
    if (!node.attributes().has("to")) {
      throw NodeProblem.invalid("attribute 'to' is missing");
    }
    convert(node, ElementTypes.require(node.attributes().intOr("to", 0)));
  }

  private static void castLike(NodeContext node) {
    node.requireInputs(2, 2);
    node.attributes().ignore("saturate");
    convert(node, node.input(1).type().elementType());
  }

  private static void convert(NodeContext node, ElementType to) {
    Value x = node.input(0);
    if (x.type().elementType() == to) {
      node.alias(0, x);
    } else {
      node.result(new DeviceOp.Cast(to), x);
    }
  }
}
