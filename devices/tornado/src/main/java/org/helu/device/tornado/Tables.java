package org.helu.device.tornado;

import java.util.List;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.PadMode;
import org.helu.runtime.tensor.Shape;

/**
 * Index tables: which element of an operand's sample each element of an output's sample reads. They
 * take the divisions out of the kernels and one kernel serves every op that moves elements.
 */
final class Tables {
  private Tables() {}

  /** Dimensions of one sample: all but a symbolic batch. */
  static int[] sample(Shape shape) {
    int[] dims = shape.dims();
    return shape.isBatched() ? java.util.Arrays.copyOfRange(dims, 1, dims.length) : dims;
  }

  private static int[] strides(int[] dims) {
    int[] strides = new int[dims.length];
    int stride = 1;
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= Math.max(1, dims[axis]);
    }
    return strides;
  }

  private static int count(int[] dims) {
    int count = 1;
    for (int dim : dims) {
      count = Math.multiplyExact(count, dim);
    }
    return count;
  }

  /** {@code offset + sum i_a strides_a} for every index of {@code dims} in row-major order. */
  static int[] strided(int offset, int[] strides, int[] dims) {
    int[] table = new int[count(dims)];
    int[] index = new int[dims.length];
    for (int i = 0; i < table.length; i++) {
      int at = offset;
      for (int axis = 0; axis < dims.length; axis++) {
        at += index[axis] * strides[axis];
      }
      table[i] = at;
      next(index, dims);
    }
    return table;
  }

  private static void next(int[] index, int[] dims) {
    for (int axis = index.length - 1; axis >= 0; axis--) {
      if (++index[axis] < dims[axis]) {
        return;
      }
      index[axis] = 0;
    }
  }

  /** An operand of shape {@code from} read under the broadcast shape {@code to}. */
  static int[] broadcast(Shape from, Shape to) {
    int[] dims = sample(to);
    int[] own = sample(from);
    if (to.isBatched() && !from.isBatched() && from.rank() == to.rank()) {
      own = java.util.Arrays.copyOfRange(own, 1, own.length); // its first dimension is 1
    }
    return broadcast(own, dims);
  }

  static int[] broadcast(int[] own, int[] dims) {
    int[] ownStrides = strides(own);
    int[] strides = new int[dims.length];
    for (int axis = 0; axis < own.length; axis++) {
      strides[axis + dims.length - own.length] = own[axis] == 1 ? 0 : ownStrides[axis];
    }
    return strided(0, strides, dims);
  }

  static int[] transpose(List<Integer> perm, Shape in, Shape out) {
    int first = in.isBatched() ? 1 : 0;
    int[] own = strides(sample(in));
    int[] strides = new int[own.length];
    for (int axis = 0; axis < strides.length; axis++) {
      strides[axis] = own[perm.get(axis + first) - first];
    }
    return strided(0, strides, sample(out));
  }

  static int[] slice(DeviceOp.Slice op, Shape in, Shape out) {
    int first = in.isBatched() ? 1 : 0;
    int[] own = strides(sample(in));
    int[] strides = new int[own.length];
    int offset = 0;
    for (int axis = 0; axis < strides.length; axis++) {
      offset += op.begin().get(axis + first) * own[axis];
      strides[axis] = op.step().get(axis + first) * own[axis];
    }
    return strided(offset, strides, sample(out));
  }

  /** -1 where the border is a constant. */
  static int[] pad(DeviceOp.Pad op, Shape in, Shape out) {
    int first = in.isBatched() ? 1 : 0;
    int[] dims = sample(out);
    int[] own = sample(in);
    int[] strides = strides(own);
    int[] table = new int[count(dims)];
    int[] index = new int[dims.length];
    for (int i = 0; i < table.length; i++) {
      int at = 0;
      for (int axis = 0; axis < dims.length && at >= 0; axis++) {
        int from = padSource(op.mode(), index[axis] - op.before().get(axis + first), own[axis]);
        at = from < 0 ? -1 : at + from * strides[axis];
      }
      table[i] = at;
      next(index, dims);
    }
    return table;
  }

  private static int padSource(PadMode mode, int at, int size) {
    if (at >= 0 && at < size) {
      return at;
    }
    return switch (mode) {
      case CONSTANT -> -1;
      case EDGE -> at < 0 ? 0 : size - 1;
      case REFLECT -> at < 0 ? -at : 2 * (size - 1) - at;
    };
  }

  /** {@code axis} counts within a sample; negative indices count from the end. */
  static int[] gather(int axis, int[] in, long[] indices) {
    int inner = 1;
    for (int a = axis + 1; a < in.length; a++) {
      inner *= in[a];
    }
    int outer = 1;
    for (int a = 0; a < axis; a++) {
      outer *= in[a];
    }
    int[] table = new int[Math.toIntExact((long) outer * indices.length * inner)];
    int i = 0;
    for (int o = 0; o < outer; o++) {
      for (long index : indices) {
        int at = (int) (index < 0 ? index + in[axis] : index);
        for (int k = 0; k < inner; k++) {
          table[i++] = (o * in[axis] + at) * inner + k;
        }
      }
    }
    return table;
  }

  /** Where each output of a reduction starts, and how far from there each of its terms is. */
  record Reduction(int[] base, int[] offsets) {
    static Reduction of(List<Integer> axes, Shape in) {
      int[] dims = sample(in);
      int first = in.isBatched() ? 1 : 0;
      int[] strides = strides(dims);
      int[] kept = dims.clone();
      int[] dropped = new int[dims.length];
      java.util.Arrays.fill(dropped, 1);
      for (int axis : axes) {
        int at = (axis < 0 ? axis + in.rank() : axis) - first;
        kept[at] = 1;
        dropped[at] = dims[at];
      }
      return new Reduction(strided(0, strides, kept), strided(0, strides, dropped));
    }
  }
}
