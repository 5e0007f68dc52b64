package org.helu.runtime.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.helu.runtime.HeluException;

/**
 * Dimensions of a tensor, outermost first. The first one may be {@link #BATCH}: the number of
 * samples, known only when a session runs. All others are known and not negative.
 */
public final class Shape {
  /** The symbolic batch dimension, allowed at axis 0 only. */
  public static final int BATCH = -1;

  /** More dimensions than any supported op uses; bounds what a file can ask for. */
  public static final int MAX_RANK = 8;

  /** Elements that one tensor may hold: 2^40, beyond any memory helu runs in. */
  private static final long MAX_ELEMENTS = 1L << 40;

  private final int[] dims;

  private Shape(int[] dims) {
    this.dims = dims;
  }

  /** A shape from its dimensions; the first may be {@link #BATCH}. */
  public static Shape of(int... dims) {
    if (dims.length > MAX_RANK) {
      throw HeluException.invalid(
          "shape", "rank " + dims.length + " exceeds " + MAX_RANK, "reshape the model's tensors");
    }
    long elements = 1;
    for (int axis = 0; axis < dims.length; axis++) {
      int dim = dims[axis];
      if (dim < 0 && !(axis == 0 && dim == BATCH)) {
        throw HeluException.invalid(
            "shape",
            "dimension " + axis + " of " + Arrays.toString(dims) + " is " + dim,
            "dimensions must not be negative; only the first may be the symbolic batch");
      }
      // Compared before multiplying: 2^40 times a dimension overflows a long.
      if (elements > MAX_ELEMENTS / Math.max(1, dim)) {
        throw HeluException.invalid(
            "shape",
            Arrays.toString(dims) + " holds more than 2^40 elements",
            "declare smaller dimensions");
      }
      elements *= Math.max(1, dim);
    }
    return new Shape(dims.clone());
  }

  /** A shape from a list, see {@link #of(int...)}. */
  public static Shape of(List<Integer> dims) {
    return of(dims.stream().mapToInt(Integer::intValue).toArray());
  }

  /** Number of dimensions. */
  public int rank() {
    return dims.length;
  }

  /** The dimension at {@code axis}; negative axes count from the end. */
  public int dim(int axis) {
    return dims[axis < 0 ? axis + dims.length : axis];
  }

  /** The innermost dimension, 1 for a scalar: channels in NHWC, features of a dense layer. */
  public int last() {
    return dims.length == 0 ? 1 : dims[dims.length - 1];
  }

  /** A copy of the dimensions. */
  public int[] dims() {
    return dims.clone();
  }

  /** Whether the first dimension is the symbolic batch. */
  public boolean isBatched() {
    return dims.length > 0 && dims[0] == BATCH;
  }

  /** Elements of one sample: the product of all dimensions but a symbolic batch. */
  public long elementsPerSample() {
    long elements = 1;
    for (int axis = isBatched() ? 1 : 0; axis < dims.length; axis++) {
      elements *= dims[axis];
    }
    return elements;
  }

  /** Elements of the whole tensor; the shape must not be symbolic. */
  public long elements() {
    if (isBatched()) {
      throw new IllegalStateException("symbolic batch in " + this + "; bind it first");
    }
    return elementsPerSample();
  }

  /** This shape with the symbolic batch, if there is one, replaced by {@code batch}. */
  public Shape withBatch(int batch) {
    if (!isBatched()) {
      return this;
    }
    int[] bound = dims.clone();
    bound[0] = batch;
    return of(bound);
  }

  /** This shape with one dimension replaced. */
  public Shape withDim(int axis, int dim) {
    int[] changed = dims.clone();
    changed[axis < 0 ? axis + dims.length : axis] = dim;
    return of(changed);
  }

  /** Dimensions permuted: result axis {@code i} is this shape's axis {@code perm.get(i)}. */
  public Shape permuted(List<Integer> perm) {
    int[] permuted = new int[dims.length];
    for (int i = 0; i < permuted.length; i++) {
      permuted[i] = dims[perm.get(i)];
    }
    return of(permuted);
  }

  /** The dimensions as a list. */
  public List<Integer> toList() {
    List<Integer> list = new ArrayList<>(dims.length);
    for (int dim : dims) {
      list.add(dim);
    }
    return list;
  }

  /** Row-major strides in elements; the shape must not be symbolic beyond its first dimension. */
  public long[] strides() {
    long[] strides = new long[dims.length];
    long stride = 1;
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= Math.max(1, dims[axis]);
    }
    return strides;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** {@code [Nx28x28]}, where {@code N} is the symbolic batch; {@code []} is a scalar. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("[");
    for (int axis = 0; axis < dims.length; axis++) {
      text.append(axis == 0 ? "" : "x").append(dims[axis] == BATCH ? "N" : dims[axis]);
    }
    return text.append(']').toString();
  }
}
