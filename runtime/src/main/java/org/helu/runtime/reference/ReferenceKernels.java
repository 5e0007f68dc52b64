package org.helu.runtime.reference;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.Op;
import org.helu.runtime.reference.MatrixKernels.Layout;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Encoding;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Every op in plain scalar Java: slow, short, and the definition that devices are tested against.
 * Sums of reductions and normalizations are formed in double and rounded once.
 */
public final class ReferenceKernels {
  private ReferenceKernels() {}

  /**
   * Computes one op.
   *
   * @param op with its batch bound, see {@link Op#withBatch}
   * @param inputs in the op's order, batch bound
   * @throws org.helu.runtime.op.OpException if the inputs do not fit the op
   */
  public static Tensor evaluate(Op op, List<Tensor> inputs) {
    List<TensorType> types = new ArrayList<>(inputs.size());
    inputs.forEach(input -> types.add(input.type()));
    TensorType type = op.infer(types);
    Tensor x = inputs.isEmpty() ? null : inputs.get(0);
    return switch (op) {
      case FloatOp.Conv conv -> {
        Tensor w = inputs.get(1);
        float[] y =
            MatrixKernels.conv(
                x.toFloats(),
                Layout.nchw(x.shape()),
                w.toFloats(),
                Layout.nchw(w.shape()),
                Layout.nchw(type.shape()),
                conv.window(),
                conv.groups());
        if (inputs.size() == 3) {
          addPerChannel(y, inputs.get(2).toFloats(), type.shape(), 1);
        }
        yield floats(type, y);
      }
      case FloatOp.Pool pool ->
          floats(
              type,
              MatrixKernels.pool(
                  x.toFloats(),
                  Layout.nchw(x.shape()),
                  Layout.nchw(type.shape()),
                  pool.kind(),
                  pool.window()));
      case FloatOp.Gemm gemm -> {
        Tensor b = inputs.get(1);
        Tensor c = inputs.size() == 3 ? inputs.get(2) : null;
        yield floats(
            type,
            MatrixKernels.gemm(
                gemm,
                x.toFloats(),
                x.shape(),
                b.toFloats(),
                b.shape(),
                c == null ? null : c.toFloats(),
                c == null ? null : c.shape()));
      }
      case FloatOp.MatMul _ -> matMul(type, x, inputs.get(1));
      case FloatOp.BatchNorm norm -> batchNorm(norm, type, inputs);
      case FloatOp.Helu _ -> relu(type, x);
      case FloatOp.Quantize quantize -> QuantizerKernels.quantize(quantize, type, inputs);
      case FloatOp.Dequantize dequantize -> QuantizerKernels.dequantize(dequantize, type, inputs);
      case FloatOp.MultiThreshold steps -> QuantizerKernels.multiThreshold(steps, type, inputs);
      case DeviceOp.Dense dense -> {
        Shape w = inputs.get(1).shape();
        float[] y =
            MatrixKernels.dense(
                x.toFloats(),
                inputs.get(1).toFloats(),
                Math.toIntExact(type.rows()),
                w.dim(1),
                w.dim(0));
        yield finish(type, y, inputs, dense.bias(), dense.residual(), dense.epilogues());
      }
      case DeviceOp.Conv2d conv -> {
        Tensor w = inputs.get(1);
        float[] y =
            MatrixKernels.conv(
                x.toFloats(),
                Layout.nhwc(x.shape()),
                w.toFloats(),
                Layout.nhwc(w.shape()),
                Layout.nhwc(type.shape()),
                conv.window(),
                conv.groups());
        yield finish(type, y, inputs, conv.bias(), conv.residual(), conv.epilogues());
      }
      case DeviceOp.Pool2d pool when type.elementType() != ElementType.FLOAT32 ->
          IntegerKernels.maxPool(pool, type, x);
      case DeviceOp.Pool2d pool ->
          floats(
              type,
              MatrixKernels.pool(
                  x.toFloats(),
                  Layout.nhwc(x.shape()),
                  Layout.nhwc(type.shape()),
                  pool.kind(),
                  pool.window()));
      case DeviceOp.Gate _ -> gated(type, x.toFloats());
      case DeviceOp.Unary unary -> unary(unary, type, x);
      case DeviceOp.Binary binary -> binary(binary.kind(), type, x, inputs.get(1));
      case DeviceOp.Where _ -> ShapeKernels.where(type, x, inputs.get(1), inputs.get(2));
      case DeviceOp.Cast _ -> cast(type, x);
      case DeviceOp.Reduce reduce -> NormKernels.reduce(reduce, type, x);
      case DeviceOp.Reshape _ -> new Tensor(type, x.copy().data().asSlice(0, type.byteSize()));
      case DeviceOp.Transpose transpose -> ShapeKernels.transpose(transpose, x);
      case DeviceOp.Concat concat -> ShapeKernels.concat(type, concat.axis(), inputs);
      case DeviceOp.Slice slice -> ShapeKernels.slice(slice, x);
      case DeviceOp.Pad pad -> ShapeKernels.pad(pad, type, x);
      case DeviceOp.Gather gather -> ShapeKernels.gather(gather, type, x, inputs.get(1));
      case DeviceOp.Softmax softmax -> NormKernels.softmax(softmax, type, x);
      case DeviceOp.LayerNorm norm -> NormKernels.layerNorm(norm, type, inputs);
      case DeviceOp.BatchMatMul _ -> matMul(type, x, inputs.get(1));
      case IntegerOp integer -> IntegerKernels.evaluate(integer, type, inputs);
    };
  }

  /** Writes a gated tensor: magnitudes with zeros where the gate is closed, and the packed mask. */
  public static Tensor gated(TensorType type, float[] z) {
    Tensor y = Tensor.zeros(type);
    int last = type.shape().last();
    long maskOffset = type.maskOffset();
    for (int i = 0; i < z.length; i++) {
      if (ScalarFunctions.gate(z[i])) {
        y.setFloat(i, z[i]);
        int column = i % last;
        long word = maskOffset + ((long) (i / last) * type.wordsPerRow() + (column >>> 6)) * 8;
        long bits = y.data().get(Tensor.LONG, word) | 1L << (column & 63);
        y.data().set(Tensor.LONG, word, bits);
      }
    }
    return y;
  }

  private static Tensor finish(
      TensorType type,
      float[] y,
      List<Tensor> inputs,
      boolean bias,
      boolean residual,
      List<Epilogue> epilogues) {
    if (bias) {
      addPerChannel(y, inputs.get(2).toFloats(), type.shape(), type.shape().rank() - 1);
    }
    if (residual) {
      float[] r = inputs.get(inputs.size() - 1).toFloats();
      for (int i = 0; i < y.length; i++) {
        y[i] += r[i];
      }
    }
    Tensor result = null;
    for (Epilogue epilogue : epilogues) {
      result =
          switch (epilogue) {
            case Epilogue.Gate _ -> gated(type, result == null ? y : result.toFloats());
            default -> throw new IllegalArgumentException(epilogue + " does not take floats");
          };
    }
    return result == null ? floats(type, y) : result;
  }

  private static void addPerChannel(float[] y, float[] bias, Shape shape, int axis) {
    int inner = 1;
    for (int a = axis + 1; a < shape.rank(); a++) {
      inner *= shape.dim(a);
    }
    for (int i = 0; i < y.length; i++) {
      y[i] += bias[i / inner % bias.length];
    }
  }

  private static Tensor matMul(TensorType type, Tensor a, Tensor b) {
    Shape as = a.shape().rank() == 1 ? Shape.of(1, a.shape().dim(0)) : a.shape();
    Shape bs = b.shape().rank() == 1 ? Shape.of(b.shape().dim(0), 1) : b.shape();
    int m = as.dim(-2);
    int k = as.dim(-1);
    int n = bs.dim(-1);
    int[] outer = new int[Math.max(as.rank(), bs.rank()) - 2];
    int rank = outer.length;
    int count = 1;
    for (int i = 0; i < rank; i++) {
      int ai = i - rank + as.rank() - 2;
      int bi = i - rank + bs.rank() - 2;
      outer[i] = Math.max(ai < 0 ? 1 : as.dim(ai), bi < 0 ? 1 : bs.dim(bi));
      if ((ai >= 0 && as.dim(ai) == 0) || (bi >= 0 && bs.dim(bi) == 0)) {
        outer[i] = 0;
      }
      count *= outer[i];
    }
    Shape batch = Shape.of(outer);
    long[] aStrides = outerStrides(as, batch, m * k);
    long[] bStrides = outerStrides(bs, batch, k * n);
    float[] av = a.toFloats();
    float[] bv = b.toFloats();
    float[] y = new float[Math.toIntExact(type.shape().elements())];
    int[] index = new int[rank];
    for (int i = 0; i < count; i++) {
      int aOffset = 0;
      int bOffset = 0;
      for (int axis = 0; axis < rank; axis++) {
        aOffset += (int) (index[axis] * aStrides[axis]);
        bOffset += (int) (index[axis] * bStrides[axis]);
      }
      MatrixKernels.matMul(av, aOffset, bv, bOffset, y, i * m * n, m, k, n);
      ShapeKernels.next(index, batch);
    }
    return floats(type, y);
  }

  private static long[] outerStrides(Shape operand, Shape batch, int matrix) {
    Shape outer = Shape.of(operand.toList().subList(0, operand.rank() - 2));
    long[] strides = ShapeKernels.broadcastStrides(outer, batch);
    for (int i = 0; i < strides.length; i++) {
      strides[i] *= matrix;
    }
    return strides;
  }

  private static Tensor batchNorm(FloatOp.BatchNorm op, TensorType type, List<Tensor> inputs) {
    float[] y = inputs.get(0).toFloats();
    float[] scale = inputs.get(1).toFloats();
    float[] bias = inputs.get(2).toFloats();
    float[] mean = inputs.get(3).toFloats();
    float[] variance = inputs.get(4).toFloats();
    int inner = 1;
    for (int a = 2; a < type.shape().rank(); a++) {
      inner *= type.shape().dim(a);
    }
    for (int i = 0; i < y.length; i++) {
      int c = i / inner % scale.length;
      double normal = (y[i] - (double) mean[c]) / Math.sqrt((double) variance[c] + op.epsilon());
      y[i] = (float) (normal * scale[c] + bias[c]);
    }
    return floats(type, y);
  }

  private static Tensor relu(TensorType type, Tensor x) {
    float[] y = x.toFloats();
    for (int i = 0; i < y.length; i++) {
      y[i] = ScalarFunctions.gate(y[i]) ? y[i] : 0f;
    }
    return floats(type, y);
  }

  private static Tensor unary(DeviceOp.Unary op, TensorType type, Tensor x) {
    Tensor y = Tensor.zeros(type);
    long count = y.elements();
    for (long i = 0; i < count; i++) {
      if (type.elementType() == ElementType.FLOAT32) {
        y.setFloat(i, ScalarFunctions.unary(op.kind(), op.a(), op.b(), x.getFloat(i)));
      } else {
        y.setLong(i, integerUnary(op, x.getLong(i)));
      }
    }
    return y;
  }

  private static long integerUnary(DeviceOp.Unary op, long x) {
    return switch (op.kind()) {
      case ABS -> Math.abs(x);
      case NEG -> -x;
      case SIGN -> Long.signum(x);
      case CLIP -> Math.min(Math.max(x, (long) op.a()), (long) op.b());
      case NOT -> x == 0 ? 1 : 0;
      default -> throw new IllegalArgumentException(op.kind() + " takes floats");
    };
  }

  private static Tensor binary(BinaryKind kind, TensorType type, Tensor a, Tensor b) {
    Tensor y = Tensor.zeros(type);
    Shape shape = type.shape();
    long[] aStrides = ShapeKernels.broadcastStrides(a.shape(), shape);
    long[] bStrides = ShapeKernels.broadcastStrides(b.shape(), shape);
    int[] index = new int[shape.rank()];
    boolean floating = a.type().elementType() == ElementType.FLOAT32;
    long count = shape.elements();
    for (long i = 0; i < count; i++) {
      long ai = 0;
      long bi = 0;
      for (int axis = 0; axis < index.length; axis++) {
        ai += index[axis] * aStrides[axis];
        bi += index[axis] * bStrides[axis];
      }
      if (kind.isPredicate()) {
        y.setLong(i, predicate(kind, floating, a, ai, b, bi) ? 1 : 0);
      } else if (floating) {
        y.setFloat(i, ScalarFunctions.binary(kind, a.getFloat(ai), b.getFloat(bi)));
      } else {
        y.setLong(i, ScalarFunctions.binary(kind, a.getLong(ai), b.getLong(bi)));
      }
      ShapeKernels.next(index, shape);
    }
    return y;
  }

  private static boolean predicate(
      BinaryKind kind, boolean floating, Tensor a, long ai, Tensor b, long bi) {
    if (floating) {
      return ScalarFunctions.predicate(kind, a.getFloat(ai), b.getFloat(bi));
    }
    // Comparing by sign keeps all 64 bits, which a conversion to double would not.
    return ScalarFunctions.predicate(
        kind,
        kind.ordinal() >= BinaryKind.AND.ordinal()
            ? a.getLong(ai)
            : Long.compare(a.getLong(ai), b.getLong(bi)),
        kind.ordinal() >= BinaryKind.AND.ordinal() ? b.getLong(bi) : 0);
  }

  private static Tensor cast(TensorType type, Tensor x) {
    Tensor y = Tensor.zeros(type);
    boolean fromFloat = x.type().elementType() == ElementType.FLOAT32;
    long count = y.elements();
    for (long i = 0; i < count; i++) {
      if (type.elementType() == ElementType.FLOAT32) {
        y.setFloat(i, fromFloat ? x.getFloat(i) : (float) x.getLong(i));
      } else if (type.elementType() == ElementType.BOOL) {
        y.setLong(i, x.getDouble(i) != 0 ? 1 : 0);
      } else {
        y.setLong(i, fromFloat ? saturate(x.getFloat(i), type.elementType()) : x.getLong(i));
      }
    }
    return y;
  }

  private static long saturate(float value, ElementType to) {
    return switch (to) {
      case INT32 -> (int) value;
      case INT8 -> Math.max(-128, Math.min(127, (int) value));
      case UINT8 -> Math.max(0, Math.min(255, (int) value));
      default -> (long) value;
    };
  }

  private static Tensor floats(TensorType type, float[] values) {
    return Tensor.ofFloats(type.withEncoding(Encoding.PLAIN).shape(), values);
  }
}
