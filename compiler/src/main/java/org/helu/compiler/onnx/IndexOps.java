package org.helu.compiler.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.PadMode;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/** Ops that take parts of tensors, or put parts together. */
final class IndexOps {
  private IndexOps() {}

  static void register(OpTable table) {
    table.add("Concat", IndexOps::concat);
    table.add("Gather", IndexOps::gather);
    table.add("Slice", IndexOps::slice);
    table.add("Split", IndexOps::split);
    table.add("Pad", IndexOps::pad);
  }

  /** Fails where an index is outside {@code -dim..dim-1}. */
  static void requireIndices(Tensor indices, int dim) {
    for (long i = 0; i < indices.elements(); i++) {
      long index = indices.getLong(i);
      if (index < -dim || index >= dim) {
        throw NodeProblem.invalid("index " + index + " is outside a dimension of " + dim);
      }
    }
  }

  private static void concat(NodeContext node) {
    List<Value> operands = node.allInputs();
    if (!node.attributes().has("axis")) {
      throw NodeProblem.invalid("attribute 'axis' is missing");
    }
    int axis = ShapeOps.axis(node.attributes().intOr("axis", 0), operands.get(0).shape().rank());
    node.result(new DeviceOp.Concat(axis), operands.toArray(Value[]::new));
  }

  private static void gather(NodeContext node) {
    node.requireInputs(2, 2);
    Value x = node.input(0);
    Value indices = node.input(1);
    int axis = ShapeOps.axis(node.attributes().intOr("axis", 0), x.shape().rank());
    if (indices.type().elementType() == ElementType.INT32) {
      indices = node.emit(new DeviceOp.Cast(ElementType.INT64), indices);
    }
    if (indices.isConstant() && indices.type().elementType() == ElementType.INT64) {
      if (x.shape().dim(axis) != Shape.BATCH) {
        requireIndices(indices.constant(), x.shape().dim(axis));
      }
    }
    node.result(new DeviceOp.Gather(axis), x, indices);
  }

  private static void slice(NodeContext node) {
    node.requireInputs(3, 5);
    Value x = node.input(0);
    int rank = x.shape().rank();
    long[] starts = node.longs(1, "starts");
    long[] ends = node.dims(2, "ends");
    long[] axes = node.longs(3, "axes");
    long[] steps = node.longs(4, "steps");
    if (axes == null) {
      axes = new long[starts.length];
      Arrays.setAll(axes, i -> i);
    }
    if (steps == null) {
      steps = new long[starts.length];
      Arrays.fill(steps, 1);
    }
    if (ends.length != starts.length
        || axes.length != starts.length
        || steps.length != starts.length) {
      throw NodeProblem.invalid("starts, ends, axes and steps differ in length");
    }
    ShapeOps.axes(axes, rank);
    List<Integer> begin = new ArrayList<>(Collections.nCopies(rank, 0));
    List<Integer> size = x.shape().toList();
    List<Integer> step = new ArrayList<>(Collections.nCopies(rank, 1));
    for (int i = 0; i < axes.length; i++) {
      int axis = ShapeOps.axis(axes[i], rank);
      int dim = x.shape().dim(axis);
      if (dim == Shape.BATCH) {
        boolean whole = ends[i] >= Integer.MAX_VALUE || ends[i] == Value.BATCH_ENTRY;
        if (starts[i] != 0 || !whole || steps[i] != 1) {
          throw NodeProblem.unsupported("the batch dimension cannot be sliced");
        }
        continue;
      }
      if (ends[i] == Value.BATCH_ENTRY) {
        throw NodeProblem.unsupported("ends depend on the batch size");
      }
      sliceAxis(axis, dim, starts[i], ends[i], steps[i], begin, size, step);
    }
    node.result(new DeviceOp.Slice(begin, size, step), x);
  }

  /** Clamps as ONNX does: bounds beyond the dimension mean its end. */
  private static void sliceAxis(
      int axis,
      int dim,
      long start,
      long end,
      long stride,
      List<Integer> begin,
      List<Integer> size,
      List<Integer> step) {
    if (stride == 0 || stride < -Integer.MAX_VALUE || stride > Integer.MAX_VALUE) {
      throw NodeProblem.invalid("step " + stride + " of axis " + axis);
    }
    boolean forward = stride > 0;
    long first = start < 0 ? start + dim : start;
    long limit = end < 0 ? end + dim : end;
    first = forward ? Math.clamp(first, 0, dim) : Math.clamp(first, 0, Math.max(0, dim - 1));
    limit = forward ? Math.clamp(limit, 0, dim) : Math.clamp(limit, -1, Math.max(-1, dim - 1));
    long span = forward ? limit - first : first - limit;
    long count = dim == 0 || span <= 0 ? 0 : (span - 1) / Math.abs(stride) + 1;
    begin.set(axis, count == 0 ? 0 : (int) first);
    size.set(axis, (int) count);
    step.set(axis, (int) stride);
  }

  private static void split(NodeContext node) {
    node.requireInputs(1, 2);
    Value x = node.input(0);
    int axis = ShapeOps.axis(node.attributes().intOr("axis", 0), x.shape().rank());
    int dim = x.shape().dim(axis);
    if (dim == Shape.BATCH) {
      throw NodeProblem.unsupported("the batch dimension cannot be split");
    }
    long[] sizes = node.hasInput(1) ? node.longs(1, "split") : node.attributes().longs("split");
    int declared = node.attributes().intOr("num_outputs", node.outputCount());
    if (sizes == null) {
      sizes = equalParts(node, dim, declared);
    }
    long total = 0;
    for (long size : sizes) {
      total = size < 0 ? -1 : Math.addExact(total, size);
      if (total < 0 || total > dim) {
        break;
      }
    }
    if (total != dim || sizes.length != node.outputCount() || sizes.length != declared) {
      throw NodeProblem.invalid(
          "parts "
              + Arrays.toString(sizes)
              + " do not make up axis "
              + axis
              + " of "
              + x.shape()
              + " for "
              + node.outputCount()
              + " outputs");
    }
    int start = 0;
    for (int i = 0; i < sizes.length; i++) {
      if (node.outputUsed(i)) {
        List<Integer> begin = new ArrayList<>(Collections.nCopies(x.shape().rank(), 0));
        List<Integer> size = x.shape().toList();
        begin.set(axis, sizes[i] == 0 ? 0 : start);
        size.set(axis, (int) sizes[i]);
        List<Integer> ones = Collections.nCopies(begin.size(), 1);
        node.result(i, new DeviceOp.Slice(begin, size, ones), x);
      }
      start += (int) sizes[i];
    }
  }

  /** Equal parts; where num_outputs asks for them (opset 18) the last one may be smaller. */
  private static long[] equalParts(NodeContext node, int dim, int parts) {
    boolean uneven = node.attributes().has("num_outputs");
    if (parts != node.outputCount() || (!uneven && dim % parts != 0)) {
      throw NodeProblem.invalid(
          "a dimension of " + dim + " does not split into " + parts + " equal parts");
    }
    long part = ((long) dim + parts - 1) / parts;
    long[] sizes = new long[parts];
    Arrays.setAll(sizes, i -> Math.clamp(dim - i * part, 0, part));
    return sizes;
  }

  private static void pad(NodeContext node) {
    node.requireInputs(2, 4);
    Value x = node.input(0);
    int rank = x.shape().rank();
    long[] pads = node.longs(1, "pads");
    long[] axes = node.longs(3, "axes");
    String modeName = node.attributes().stringOr("mode", "constant");
    PadMode mode =
        switch (modeName) {
          case "constant" -> PadMode.CONSTANT;
          case "reflect" -> PadMode.REFLECT;
          case "edge" -> PadMode.EDGE;
          default -> throw NodeProblem.unsupported("pad mode '" + modeName + "'");
        };
    if (axes == null) {
      axes = new long[rank];
      Arrays.setAll(axes, i -> i);
    }
    if (pads.length != 2 * axes.length) {
      throw NodeProblem.invalid("expected " + 2 * axes.length + " pads, found " + pads.length);
    }
    ShapeOps.axes(axes, rank);
    List<Integer> before = new ArrayList<>(Collections.nCopies(rank, 0));
    List<Integer> after = new ArrayList<>(Collections.nCopies(rank, 0));
    for (int i = 0; i < axes.length; i++) {
      int axis = ShapeOps.axis(axes[i], rank);
      before.set(axis, padSize(pads[i]));
      after.set(axis, padSize(pads[axes.length + i]));
    }
    float value = node.hasInput(2) && mode == PadMode.CONSTANT ? fill(node, x) : 0;
    node.result(new DeviceOp.Pad(before, after, mode, value), x);
  }

  private static float fill(NodeContext node, Value x) {
    if (x.isFloat()) {
      return node.scalar(2, "constant_value");
    }
    long[] value = node.longs(2, "constant_value");
    if (value.length != 1 || value[0] != (long) (float) value[0]) {
      throw NodeProblem.unsupported("constant_value is no scalar that float32 holds exactly");
    }
    return value[0];
  }

  private static int padSize(long pad) {
    if (pad < 0) {
      throw NodeProblem.unsupported("negative pads are not supported; export a Slice instead");
    }
    if (pad > 1 << 24) {
      throw NodeProblem.invalid("pad of " + pad + " elements");
    }
    return (int) pad;
  }
}
