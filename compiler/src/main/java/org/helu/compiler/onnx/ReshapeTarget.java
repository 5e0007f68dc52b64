package org.helu.compiler.onnx;

import java.util.Arrays;
import org.helu.runtime.tensor.Shape;

/** The shape that ONNX's Reshape asks for. */
final class ReshapeTarget {
  private ReshapeTarget() {}

  /**
   * Resolves 0 (copy the dimension), -1 (what is left) and {@link Value#BATCH_ENTRY}.
   *
   * <p>A symbolic batch must come out as the first dimension: by a copy, by a batch entry, or as a
   * leading -1 where the other dimensions are exactly one sample.
   */
  static Shape resolve(Shape from, long[] wanted, boolean allowZero) {
    if (wanted.length > Shape.MAX_RANK) {
      throw NodeProblem.unsupported("rank " + wanted.length + " exceeds " + Shape.MAX_RANK);
    }
    int[] dims = new int[wanted.length];
    int open = -1;
    boolean batched = false;
    long product = 1;
    for (int i = 0; i < dims.length; i++) {
      long dim = wanted[i];
      boolean copied = dim == 0 && !allowZero;
      if (copied && i >= from.rank()) {
        throw NodeProblem.invalid("dimension " + i + " copies from " + from + ", which has none");
      }
      if (copied ? from.dim(i) == Shape.BATCH : dim == Value.BATCH_ENTRY) {
        batched |= requireBatchFirst(from, i);
        dims[i] = Shape.BATCH;
      } else if (dim == -1) {
        if (open >= 0) {
          throw NodeProblem.invalid("more than one dimension of " + describe(wanted) + " is -1");
        }
        open = i;
      } else {
        dims[i] = copied ? from.dim(i) : checked(dim, wanted);
        product = Math.multiplyExact(product, dims[i]);
      }
    }
    long elements = from.elementsPerSample();
    if (from.isBatched() && !batched) {
      if (open == 0 && product == elements) {
        dims[0] = Shape.BATCH;
        return Shape.of(dims);
      }
      throw NodeProblem.unsupported(
          "reshaping "
              + from
              + " to "
              + describe(wanted)
              + " joins the batch with other dimensions or fixes it; export with a symbolic batch");
    }
    if (open >= 0) {
      if (product == 0 || elements % product != 0) {
        throw NodeProblem.invalid("cannot reshape " + from + " to " + describe(wanted));
      }
      dims[open] = Math.toIntExact(elements / product);
    }
    return Shape.of(dims);
  }

  private static boolean requireBatchFirst(Shape from, int axis) {
    if (axis != 0) {
      throw NodeProblem.unsupported("the batch dimension must stay first, found it at " + axis);
    }
    if (!from.isBatched()) {
      throw NodeProblem.unsupported("a value without a batch dimension is reshaped to have one");
    }
    return true;
  }

  private static int checked(long dim, long[] wanted) {
    if (dim < 0 || dim > Integer.MAX_VALUE) {
      throw NodeProblem.invalid("dimension " + dim + " of " + describe(wanted));
    }
    return (int) dim;
  }

  private static String describe(long[] wanted) {
    return Arrays.toString(wanted).replace(Integer.toString(Value.BATCH_ENTRY), "N");
  }
}
