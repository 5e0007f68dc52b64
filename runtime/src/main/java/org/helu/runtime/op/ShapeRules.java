package org.helu.runtime.op;

import java.util.List;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.TensorType;

/** Shape arithmetic that several ops share. */
final class ShapeRules {
  private ShapeRules() {}

  static void requireInputs(List<TensorType> inputs, int min, int max) {
    if (inputs.size() < min || inputs.size() > max) {
      String expected = min == max ? "" + min : min + " to " + max;
      throw new OpException("expected " + expected + " inputs, found " + inputs.size());
    }
  }

  static void requireRank(TensorType type, int rank, String what) {
    if (type.shape().rank() != rank) {
      throw new OpException("expected " + rank + "-D " + what + ", found " + type.shape());
    }
  }

  static void requireFloat(List<TensorType> inputs) {
    for (TensorType type : inputs) {
      requireElement(type, ElementType.FLOAT32);
    }
  }

  static void requireElement(TensorType type, ElementType expected) {
    if (type.elementType() != expected) {
      throw new OpException("expected " + expected + " operands, found " + type);
    }
  }

  static void requireShape(TensorType type, Shape expected, String what) {
    if (!type.shape().equals(expected)) {
      throw new OpException(
          "expected " + what + " of shape " + expected + ", found " + type.shape());
    }
  }

  static int axis(int axis, int rank) {
    int normal = axis < 0 ? axis + rank : axis;
    if (normal < 0 || normal >= rank) {
      throw new OpException("axis " + axis + " is outside a tensor of rank " + rank);
    }
    return normal;
  }

  /** NumPy broadcasting; the symbolic batch goes with itself and with 1. */
  static Shape broadcast(Shape left, Shape right) {
    int rank = Math.max(left.rank(), right.rank());
    int[] dims = new int[rank];
    for (int i = 0; i < rank; i++) {
      int l = dimOrOne(left, i - rank + left.rank());
      int r = dimOrOne(right, i - rank + right.rank());
      if (l != r && l != 1 && r != 1) {
        throw new OpException("shapes " + left + " and " + right + " do not broadcast");
      }
      dims[i] = l == 1 ? r : l;
    }
    for (int i = 1; i < rank; i++) {
      if (dims[i] == Shape.BATCH) {
        throw new OpException("the batch dimension must stay first: " + left + " with " + right);
      }
    }
    return Shape.of(dims);
  }

  private static int dimOrOne(Shape shape, int axis) {
    return axis < 0 ? 1 : shape.dim(axis);
  }

  static void requirePermutation(List<Integer> perm, Shape shape) {
    boolean[] seen = new boolean[shape.rank()];
    boolean valid = perm.size() == shape.rank();
    for (int i = 0; valid && i < perm.size(); i++) {
      int axis = perm.get(i);
      valid = axis >= 0 && axis < seen.length && !seen[axis];
      if (valid) {
        seen[axis] = true;
      }
    }
    if (!valid) {
      throw new OpException(perm + " is not a permutation of the axes of " + shape);
    }
    if (shape.isBatched() && perm.get(0) != 0) {
      throw new OpException("the batch dimension must stay first, found permutation " + perm);
    }
  }

  static Shape reduced(Shape shape, List<Integer> axes, boolean keepDims) {
    boolean[] drop = new boolean[shape.rank()];
    for (int axis : axes) {
      drop[axis(axis, shape.rank())] = true;
    }
    if (shape.isBatched() && drop[0]) {
      throw new OpException("reducing over the batch dimension mixes samples");
    }
    List<Integer> dims = new java.util.ArrayList<>();
    for (int i = 0; i < drop.length; i++) {
      if (!drop[i]) {
        dims.add(shape.dim(i));
      } else if (keepDims) {
        dims.add(1);
      }
    }
    return Shape.of(dims);
  }

  /** Batched matrix product: {@code [..., M, K] x [..., K, N] -> [..., M, N]}. */
  static Shape matMul(Shape left, Shape right) {
    if (left.rank() < 1 || right.rank() < 1) {
      throw new OpException("expected operands of rank 1 or more, found " + left + " and " + right);
    }
    Shape l = left.rank() == 1 ? Shape.of(1, left.dim(0)) : left;
    Shape r = right.rank() == 1 ? Shape.of(right.dim(0), 1) : right;
    if (l.dim(-1) != r.dim(-2)) {
      throw new OpException("inner dimensions differ: " + left + " and " + right);
    }
    Shape outer = broadcast(head(l, 2), head(r, 2));
    List<Integer> dims = outer.toList();
    if (left.rank() > 1) {
      dims.add(l.dim(-2));
    }
    if (right.rank() > 1) {
      dims.add(r.dim(-1));
    }
    return Shape.of(dims);
  }

  private static Shape head(Shape shape, int dropped) {
    return Shape.of(shape.toList().subList(0, shape.rank() - dropped));
  }
}
