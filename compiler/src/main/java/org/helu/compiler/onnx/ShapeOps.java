package org.helu.compiler.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Op;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/** Ops that give the same elements another shape or order. */
final class ShapeOps {
  private ShapeOps() {}

  static void register(OpTable table) {
    table.add("Identity", ShapeOps::identity);
    table.add("Dropout", ShapeOps::dropout);
    table.add("Flatten", ShapeOps::flatten);
    table.add("Reshape", ShapeOps::reshape);
    table.add("Squeeze", ShapeOps::squeeze);
    table.add("Unsqueeze", ShapeOps::unsqueeze);
    table.add("Transpose", ShapeOps::transpose);
    table.add("Expand", ShapeOps::expand);
    table.add("Tile", ShapeOps::tile);
    table.add("DepthToSpace", ShapeOps::depthToSpace);
    table.add("SpaceToDepth", ShapeOps::spaceToDepth);
  }

  /** An axis counted from 0. */
  static int axis(long axis, int rank) {
    long normal = axis < 0 ? axis + rank : axis;
    if (normal < 0 || normal >= rank) {
      throw NodeProblem.invalid("axis " + axis + " is outside a tensor of rank " + rank);
    }
    return (int) normal;
  }

  /** Axes counted from 0, sorted. */
  static Collection<Integer> axes(long[] axes, int rank) {
    TreeSet<Integer> normal = new TreeSet<>();
    for (long axis : axes) {
      if (!normal.add(axis(axis, rank))) {
        throw NodeProblem.invalid("axis " + axis + " is given twice");
      }
    }
    return normal;
  }

  /** The product of dimensions {@code from..to-1}, none of which is the batch. */
  static int product(Shape shape, int from, int to) {
    long product = 1;
    for (int axis = from; axis < to; axis++) {
      product = Math.multiplyExact(product, shape.dim(axis));
    }
    if (product > Integer.MAX_VALUE) {
      throw NodeProblem.invalid("dimensions of " + shape + " overflow when joined");
    }
    return (int) product;
  }

  private static void identity(NodeContext node) {
    node.requireInputs(1, 1);
    node.alias(0, node.input(0));
  }

  private static void dropout(NodeContext node) {
    node.requireInputs(1, 3);
    node.attributes().ignore("ratio", "seed");
    Value training = node.optional(2);
    if (training != null
        && !(training.isConstant()
            && training.constant().elements() == 1
            && training.constant().getLong(0) == 0)) {
      throw NodeProblem.unsupported("training mode; export the model in eval mode");
    }
    node.alias(0, node.input(0));
    if (node.outputUsed(1)) {
      Shape shape = node.input(0).shape();
      if (shape.isBatched()) {
        throw NodeProblem.unsupported("the mask output is not supported for a symbolic batch");
      }
      // Inference drops nothing: the mask is true everywhere.
      node.constant(1, ConstantOps.filled(node, shape, ConstantOps.scalarBool(true)));
    }
  }

  private static void flatten(NodeContext node) {
    node.requireInputs(1, 1);
    Value x = node.input(0);
    Shape shape = x.shape();
    int rank = shape.rank();
    long given = node.attributes().longOr("axis", 1);
    int axis = given == rank ? rank : given == 0 && rank == 0 ? 0 : axis(given, rank);
    int first = shape.isBatched() ? 1 : 0;
    if (shape.isBatched() && (axis == 0 || product(shape, 1, axis) != 1)) {
      throw NodeProblem.unsupported(
          "flattening " + shape + " at axis " + axis + " joins the batch with other dimensions");
    }
    int outer = first == 1 ? Shape.BATCH : product(shape, 0, axis);
    reshapeTo(node, x, Shape.of(outer, product(shape, axis, rank)));
  }

  private static void reshape(NodeContext node) {
    node.requireInputs(2, 2);
    Value x = node.input(0);
    if (node.input(1).shape().rank() != 1) {
      throw NodeProblem.invalid("expected a vector of dimensions, found " + node.input(1).shape());
    }
    boolean allowZero = node.attributes().flag("allowzero", false);
    long[] wanted = node.dims(1, "shape");
    Shape target = ReshapeTarget.resolve(x.shape(), wanted, allowZero);
    node.result(new DeviceOp.Reshape(target), x);
  }

  private static void reshapeTo(NodeContext node, Value x, Shape target) {
    node.result(new DeviceOp.Reshape(target), x);
  }

  private static void squeeze(NodeContext node) {
    node.requireInputs(1, 2);
    Value x = node.input(0);
    long[] given = node.hasInput(1) ? node.longs(1, "axes") : node.attributes().longs("axes");
    List<Integer> dims = x.shape().toList();
    if (given == null) {
      dims.removeIf(dim -> dim == 1);
    } else {
      for (int axis : ((TreeSet<Integer>) axes(given, dims.size())).descendingSet()) {
        if (dims.get(axis) != 1) {
          throw NodeProblem.invalid("axis " + axis + " of " + x.shape() + " is not 1");
        }
        dims.remove(axis);
      }
    }
    reshapeTo(node, x, shape(dims));
  }

  private static void unsqueeze(NodeContext node) {
    node.requireInputs(1, 2);
    Value x = node.input(0);
    long[] given = node.hasInput(1) ? node.longs(1, "axes") : node.attributes().longs("axes");
    if (given == null) {
      throw NodeProblem.invalid("axes are missing");
    }
    List<Integer> dims = x.shape().toList();
    Collection<Integer> axes = axes(given, Math.addExact(dims.size(), given.length));
    if (x.shape().isBatched() && axes.contains(0)) {
      throw NodeProblem.unsupported(
          "the batch dimension must stay first, found axes " + Arrays.toString(given));
    }
    for (int axis : axes) {
      dims.add(axis, 1);
    }
    reshapeTo(node, x, shape(dims));
  }

  private static Shape shape(List<Integer> dims) {
    if (dims.size() > Shape.MAX_RANK) {
      throw NodeProblem.unsupported("rank " + dims.size() + " exceeds " + Shape.MAX_RANK);
    }
    return Shape.of(dims);
  }

  private static void transpose(NodeContext node) {
    node.requireInputs(1, 1);
    int rank = node.input(0).shape().rank();
    int[] perm = node.attributes().ints("perm");
    List<Integer> axes = new ArrayList<>();
    for (int i = 0; i < rank && perm == null; i++) {
      axes.add(rank - 1 - i);
    }
    for (int i = 0; perm != null && i < perm.length; i++) {
      axes.add(perm[i]);
    }
    node.result(new DeviceOp.Transpose(axes), node.input(0));
  }

  /** Dimensions of 1 are repeated by gathering index 0. */
  private static void expand(NodeContext node) {
    node.requireInputs(2, 2);
    Value x = node.input(0);
    long[] wanted = node.dims(1, "shape");
    int rank = Math.max(x.shape().rank(), wanted.length);
    List<Integer> dims = x.shape().toList();
    while (dims.size() < rank) {
      if (x.shape().isBatched()) {
        throw NodeProblem.unsupported("the batch dimension must stay first");
      }
      dims.addFirst(1);
    }
    Value widened = node.reshaped(x, shape(dims));
    Op[] last = new Op[1];
    Value[] operands = new Value[2];
    for (int i = 0; i < wanted.length; i++) {
      int axis = rank - wanted.length + i;
      int dim = dims.get(axis);
      long want = wanted[i] == Value.BATCH_ENTRY ? Shape.BATCH : wanted[i];
      if (want == dim || want == 1) {
        continue;
      }
      if (dim != 1 || want < 0) {
        throw want == Shape.BATCH
            ? NodeProblem.unsupported("repeats a value for each sample; give it a batch dimension")
            : NodeProblem.invalid("cannot expand " + x.shape() + " to " + Arrays.toString(wanted));
      }
      widened = flush(node, last, operands, widened);
      last[0] = new DeviceOp.Gather(axis);
      operands[1] = indices(node, want, _ -> 0L);
    }
    finish(node, last[0], widened, operands[1]);
  }

  private static void tile(NodeContext node) {
    node.requireInputs(2, 2);
    Value x = node.input(0);
    long[] repeats = node.longs(1, "repeats");
    if (repeats.length != x.shape().rank()) {
      throw NodeProblem.invalid("expected a repeat count for each axis of " + x.shape());
    }
    Op[] last = new Op[1];
    Value[] operands = new Value[2];
    Value tiled = x;
    for (int axis = 0; axis < repeats.length; axis++) {
      if (repeats[axis] == 1) {
        continue;
      }
      int dim = x.shape().dim(axis);
      if (dim == Shape.BATCH || repeats[axis] < 0) {
        throw NodeProblem.unsupported(
            "repeats axis " + axis + " of " + x.shape() + " " + repeats[axis] + " times");
      }
      tiled = flush(node, last, operands, tiled);
      last[0] = new DeviceOp.Gather(axis);
      operands[1] = indices(node, Math.multiplyExact(repeats[axis], dim), i -> i % dim);
    }
    finish(node, last[0], tiled, operands[1]);
  }

  private static Value flush(NodeContext node, Op[] last, Value[] operands, Value x) {
    return last[0] == null ? x : node.emit(last[0], x, operands[1]);
  }

  private static void finish(NodeContext node, Op last, Value x, Value indices) {
    if (last == null) {
      node.alias(0, x);
    } else {
      node.result(last, x, indices);
    }
  }

  private static Value indices(
      NodeContext node, long count, java.util.function.LongUnaryOperator index) {
    node.spendFoldBudget(count);
    long[] indices = new long[(int) count];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = index.applyAsLong(i);
    }
    return node.constant("indices", Tensor.ofLongs(Shape.of(indices.length), indices));
  }

  private static void depthToSpace(NodeContext node) {
    node.requireInputs(1, 1);
    int block = blockSize(node);
    String mode = node.attributes().stringOr("mode", "DCR");
    int[] d = image(node, block * block, 1);
    int depth = d[1] / (block * block);
    boolean dcr = mode.equals("DCR");
    if (!dcr && !mode.equals("CRD")) {
      throw NodeProblem.invalid("mode is '" + mode + "', expected DCR or CRD");
    }
    Shape split =
        dcr
            ? Shape.of(d[0], block, block, depth, d[2], d[3])
            : Shape.of(d[0], depth, block, block, d[2], d[3]);
    Value parts = node.reshaped(node.input(0), split);
    List<Integer> perm = dcr ? List.of(0, 3, 4, 1, 5, 2) : List.of(0, 1, 4, 2, 5, 3);
    Value moved = node.emit(new DeviceOp.Transpose(perm), parts);
    reshapeTo(
        node,
        moved,
        Shape.of(d[0], depth, Math.multiplyExact(d[2], block), Math.multiplyExact(d[3], block)));
  }

  private static void spaceToDepth(NodeContext node) {
    node.requireInputs(1, 1);
    int b = blockSize(node);
    int[] d = image(node, 1, b);
    Value parts = node.reshaped(node.input(0), Shape.of(d[0], d[1], d[2] / b, b, d[3] / b, b));
    Value moved = node.emit(new DeviceOp.Transpose(List.of(0, 3, 5, 1, 2, 4)), parts);
    int channels = Math.multiplyExact(d[1], b * b);
    reshapeTo(node, moved, Shape.of(d[0], channels, d[2] / b, d[3] / b));
  }

  private static int blockSize(NodeContext node) {
    int block = node.attributes().intOr("blocksize", 0);
    if (block < 1 || block > 1 << 12) {
      throw NodeProblem.invalid("expected a blocksize of 1 to 4096, found " + block);
    }
    return block;
  }

  private static int[] image(NodeContext node, int channelFactor, int sideFactor) {
    Shape shape = node.input(0).shape();
    if (shape.rank() != 4
        || shape.dim(1) % channelFactor != 0
        || shape.dim(2) % sideFactor != 0
        || shape.dim(3) % sideFactor != 0) {
      throw NodeProblem.invalid("the block size does not divide an image of shape " + shape);
    }
    return shape.dims();
  }
}
