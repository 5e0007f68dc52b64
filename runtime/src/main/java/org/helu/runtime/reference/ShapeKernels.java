package org.helu.runtime.reference;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.helu.runtime.HeluException;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.PadMode;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Ops that move elements and do not change them, for any element type but BIT. */
final class ShapeKernels {
  private ShapeKernels() {}

  /** Copies one element. */
  private static void copyElement(Tensor from, long fromIndex, Tensor to, long toIndex) {
    int bytes = from.type().elementType().bytes();
    MemorySegment.copy(from.data(), fromIndex * bytes, to.data(), toIndex * bytes, bytes);
  }

  /** {@code y[i0,i1,…] = x[offset + sum i_a * strides_a]}. */
  static Tensor strided(Tensor x, long offset, long[] strides, Shape shape) {
    Tensor y = Tensor.zeros(new TensorType(x.type().elementType(), shape));
    int[] index = new int[shape.rank()];
    long count = shape.elements();
    for (long i = 0; i < count; i++) {
      long source = offset;
      for (int axis = 0; axis < index.length; axis++) {
        source += index[axis] * strides[axis];
      }
      copyElement(x, source, y, i);
      next(index, shape);
    }
    return y;
  }

  /** Advances a row-major multi-index. */
  static void next(int[] index, Shape shape) {
    for (int axis = index.length - 1; axis >= 0; axis--) {
      if (++index[axis] < shape.dim(axis)) {
        return;
      }
      index[axis] = 0;
    }
  }

  /** Strides with which {@code from} is read as {@code to}, 0 where it is repeated. */
  static long[] broadcastStrides(Shape from, Shape to) {
    long[] own = from.strides();
    long[] strides = new long[to.rank()];
    for (int axis = 0; axis < from.rank(); axis++) {
      int target = axis + to.rank() - from.rank();
      strides[target] = from.dim(axis) == 1 ? 0 : own[axis];
    }
    return strides;
  }

  static Tensor transpose(DeviceOp.Transpose op, Tensor x) {
    long[] own = x.shape().strides();
    long[] strides = new long[own.length];
    for (int axis = 0; axis < strides.length; axis++) {
      strides[axis] = own[op.perm().get(axis)];
    }
    return strided(x, 0, strides, x.shape().permuted(op.perm()));
  }

  static Tensor slice(DeviceOp.Slice op, Tensor x) {
    long[] own = x.shape().strides();
    long[] strides = new long[own.length];
    long offset = 0;
    for (int axis = 0; axis < strides.length; axis++) {
      offset += op.begin().get(axis) * own[axis];
      strides[axis] = op.step().get(axis) * own[axis];
    }
    return strided(x, offset, strides, Shape.of(op.size()));
  }

  static Tensor concat(TensorType type, int axis, List<Tensor> parts) {
    Tensor y = Tensor.zeros(type);
    int normal = axis < 0 ? axis + type.shape().rank() : axis;
    long outer = 1;
    for (int a = 0; a < normal; a++) {
      outer *= type.shape().dim(a);
    }
    long total = outer == 0 ? 0 : y.data().byteSize() / outer;
    long offset = 0;
    for (Tensor part : parts) {
      long bytes = outer == 0 ? 0 : part.type().dataBytes() / outer;
      for (long i = 0; i < outer; i++) {
        MemorySegment.copy(part.data(), i * bytes, y.data(), i * total + offset, bytes);
      }
      offset += bytes;
    }
    return y;
  }

  static Tensor pad(DeviceOp.Pad op, TensorType type, Tensor x) {
    Tensor y = Tensor.zeros(type);
    Shape out = type.shape();
    Shape in = x.shape();
    long[] strides = in.strides();
    int[] index = new int[out.rank()];
    long count = out.elements();
    for (long i = 0; i < count; i++) {
      long source = 0;
      for (int axis = 0; axis < index.length && source >= 0; axis++) {
        int at = padSource(op.mode(), index[axis] - op.before().get(axis), in.dim(axis));
        source = at < 0 ? -1 : source + at * strides[axis];
      }
      if (source >= 0) {
        copyElement(x, source, y, i);
      } else if (type.elementType() == ElementType.FLOAT32) {
        y.setFloat(i, op.value());
      } else {
        y.setLong(i, (long) op.value());
      }
      next(index, out);
    }
    return y;
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

  static Tensor gather(DeviceOp.Gather op, TensorType type, Tensor x, Tensor indices) {
    Tensor y = Tensor.zeros(type);
    Shape in = x.shape();
    int axis = op.axis() < 0 ? op.axis() + in.rank() : op.axis();
    long outer = 1;
    for (int a = 0; a < axis; a++) {
      outer *= in.dim(a);
    }
    long innerBytes = x.type().elementType().bytes();
    for (int a = axis + 1; a < in.rank(); a++) {
      innerBytes *= in.dim(a);
    }
    long count = indices.elements();
    for (long o = 0; o < outer; o++) {
      for (long i = 0; i < count; i++) {
        long index = indices.getLong(i);
        long at = index < 0 ? index + in.dim(axis) : index;
        if (at < 0 || at >= in.dim(axis)) {
          throw HeluException.invalid(
              "run",
              "Gather index " + index + " is outside axis " + axis + " of " + in,
              "indices must lie in -size..size-1");
        }
        long from = (o * in.dim(axis) + at) * innerBytes;
        MemorySegment.copy(x.data(), from, y.data(), (o * count + i) * innerBytes, innerBytes);
      }
    }
    return y;
  }

  static Tensor where(TensorType type, Tensor condition, Tensor x, Tensor y) {
    Tensor result = Tensor.zeros(type);
    Shape shape = type.shape();
    Tensor c = strided(condition, 0, broadcastStrides(condition.shape(), shape), shape);
    Tensor xs = strided(x, 0, broadcastStrides(x.shape(), shape), shape);
    Tensor ys = strided(y, 0, broadcastStrides(y.shape(), shape), shape);
    long count = shape.elements();
    for (long i = 0; i < count; i++) {
      boolean chosen = c.data().get(JAVA_BYTE, i) != 0;
      copyElement(chosen ? xs : ys, i, result, i);
    }
    return result;
  }
}
