package org.helu.runtime.op;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Encoding;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.TensorType;

/**
 * What devices run. Images are NHWC, weights of {@link Dense} and {@link Conv2d} are constants.
 *
 * <p>Ops that mean the same before and after lowering (element-wise, shape and reduction ops) are
 * emitted by the importer already; integer and BOOL operands are legal only until constants are
 * folded.
 */
public sealed interface DeviceOp extends Op
    permits DeviceOp.Dense,
        DeviceOp.Conv2d,
        DeviceOp.Pool2d,
        DeviceOp.Gate,
        DeviceOp.Unary,
        DeviceOp.Binary,
        DeviceOp.Where,
        DeviceOp.Cast,
        DeviceOp.Reduce,
        DeviceOp.Reshape,
        DeviceOp.Transpose,
        DeviceOp.Concat,
        DeviceOp.Slice,
        DeviceOp.Pad,
        DeviceOp.Gather,
        DeviceOp.Softmax,
        DeviceOp.LayerNorm,
        DeviceOp.BatchMatMul,
        IntegerOp {

  /** What happens to the accumulator before it is stored; empty where the op has none. */
  default List<Epilogue> epilogues() {
    return List.of();
  }

  /**
   * {@code y = epilogue(x W^T + bias + residual)}. Inputs: x {@code [...,K]}, weight {@code [O,K]},
   * bias {@code [O]} if {@code bias}, residual of the output's shape if {@code residual}.
   */
  record Dense(boolean bias, boolean residual, List<Epilogue> epilogues) implements DeviceOp {
    public Dense {
      epilogues = List.copyOf(epilogues);
    }

    @Override
    public TensorType infer(List<TensorType> inputs) {
      int count = 2 + (bias ? 1 : 0) + (residual ? 1 : 0);
      ShapeRules.requireInputs(inputs, count, count);
      ShapeRules.requireFloat(inputs);
      Shape x = inputs.get(0).shape();
      ShapeRules.requireRank(inputs.get(1), 2, "weight");
      int outputs = inputs.get(1).shape().dim(0);
      if (x.rank() < 2 || x.dim(-1) != inputs.get(1).shape().dim(1)) {
        throw new OpException(
            "expected x [...,K] with weight [O,K], found " + x + " and " + inputs.get(1).shape());
      }
      Shape out = x.withDim(-1, outputs);
      requireOperands(inputs, bias, residual, out);
      return stored(out, epilogues);
    }
  }

  /**
   * 2-D convolution (cross-correlation), NHWC, zero padding: {@code y = epilogue(x * W + bias +
   * residual)}. Inputs: x {@code [N,H,W,C]}, weight {@code [O,kH,kW,C/groups]}, bias {@code [O]} if
   * {@code bias}, residual of the output's shape if {@code residual}. Depthwise where {@code groups
   * == C}.
   */
  record Conv2d(Window window, int groups, boolean bias, boolean residual, List<Epilogue> epilogues)
      implements DeviceOp {
    public Conv2d {
      epilogues = List.copyOf(epilogues);
    }

    @Override
    public TensorType infer(List<TensorType> inputs) {
      int count = 2 + (bias ? 1 : 0) + (residual ? 1 : 0);
      ShapeRules.requireInputs(inputs, count, count);
      ShapeRules.requireFloat(inputs);
      ShapeRules.requireRank(inputs.get(0), 4, "NHWC input");
      ShapeRules.requireRank(inputs.get(1), 4, "weight");
      Shape x = inputs.get(0).shape();
      int outputs = inputs.get(1).shape().dim(0);
      if (groups < 1 || x.dim(3) % groups != 0 || outputs % groups != 0) {
        throw new OpException(
            "groups=" + groups + " does not divide " + x.dim(3) + " and " + outputs + " channels");
      }
      ShapeRules.requireShape(
          inputs.get(1),
          Shape.of(outputs, window.kernelH(), window.kernelW(), x.dim(3) / groups),
          "weight");
      Shape out = Shape.of(x.dim(0), window.outH(x.dim(1)), window.outW(x.dim(2)), outputs);
      requireOperands(inputs, bias, residual, out);
      return stored(out, epilogues);
    }
  }

  /**
   * Pool over a window, NHWC. {@code ceil} rounds the output size up, as ONNX's ceil_mode. Codes
   * ({@code BIT}, {@code UINT8}) and INT32 sums have maxima only; of bits the maximum is OR.
   */
  record Pool2d(PoolKind kind, Window window, boolean ceil) implements DeviceOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 1, 1);
      ShapeRules.requireRank(inputs.get(0), 4, "NHWC input");
      TensorType type = inputs.get(0);
      ElementType element = type.elementType();
      if (kind != PoolKind.MAX || !(IntegerRules.isCode(element) || element == ElementType.INT32)) {
        ShapeRules.requireFloat(inputs);
        type = type.withEncoding(Encoding.PLAIN);
      }
      Shape x = type.shape();
      return type.withShape(
          Shape.of(x.dim(0), outH(window, x.dim(1), ceil), outW(window, x.dim(2), ceil), x.dim(3)));
    }

    /** Output height. */
    public static int outH(Window w, int inH, boolean ceil) {
      int pads = w.padTop() + w.padBottom();
      int out = w.outH(inH);
      return ceil
          ? ceilOut(out, inH, pads, w.padTop(), w.kernelH(), w.strideH(), w.dilationH())
          : out;
    }

    /** Output width. */
    public static int outW(Window w, int inW, boolean ceil) {
      int pads = w.padLeft() + w.padRight();
      int out = w.outW(inW);
      return ceil
          ? ceilOut(out, inW, pads, w.padLeft(), w.kernelW(), w.strideW(), w.dilationW())
          : out;
    }

    private static int ceilOut(
        int floorOut, int in, int pads, int padBefore, int kernel, int stride, int dilation) {
      int room = in + pads - dilation * (kernel - 1) - 1;
      // One more window where the last one is partial, unless it would start in the padding behind.
      boolean partial = room % stride != 0 && (long) floorOut * stride < (long) in + padBefore;
      return partial ? floorOut + 1 : floorOut;
    }
  }

  /**
   * HeLU as a one-bit gate where it could not be fused into its producer, see {@link
   * Epilogue.Gate}.
   */
  record Gate() implements DeviceOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 1, 1);
      ShapeRules.requireFloat(inputs);
      return inputs.get(0).withEncoding(Encoding.GATED);
    }
  }

  /** Element-wise function of one input. */
  record Unary(UnaryKind kind, float a, float b) implements DeviceOp {
    /** A kind without parameters. */
    public Unary(UnaryKind kind) {
      this(kind, 0, 0);
    }

    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 1, 1);
      ElementType element = inputs.get(0).elementType();
      boolean integerKind =
          kind == UnaryKind.ABS
              || kind == UnaryKind.NEG
              || kind == UnaryKind.SIGN
              || kind == UnaryKind.CLIP;
      if (kind == UnaryKind.NOT) {
        ShapeRules.requireElement(inputs.get(0), ElementType.BOOL);
      } else if (!integerKind || element == ElementType.BOOL) {
        ShapeRules.requireFloat(inputs);
      }
      return inputs.get(0).withEncoding(Encoding.PLAIN);
    }
  }

  /** Element-wise function of two inputs of one element type, broadcast as in NumPy. */
  record Binary(BinaryKind kind) implements DeviceOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 2, 2);
      ShapeRules.requireElement(inputs.get(1), inputs.get(0).elementType());
      boolean logical = kind == BinaryKind.AND || kind == BinaryKind.OR || kind == BinaryKind.XOR;
      boolean bool = inputs.get(0).elementType() == ElementType.BOOL;
      if (logical != bool && kind != BinaryKind.EQUAL) {
        throw new OpException(kind + " does not take " + inputs.get(0).elementType() + " operands");
      }
      Shape shape = ShapeRules.broadcast(inputs.get(0).shape(), inputs.get(1).shape());
      ElementType element = kind.isPredicate() ? ElementType.BOOL : inputs.get(0).elementType();
      return new TensorType(element, shape);
    }
  }

  /** {@code condition ? x : y}, broadcast. Inputs: condition (BOOL), x, y. */
  record Where() implements DeviceOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 3, 3);
      ShapeRules.requireElement(inputs.get(0), ElementType.BOOL);
      ShapeRules.requireElement(inputs.get(2), inputs.get(1).elementType());
      Shape shape = ShapeRules.broadcast(inputs.get(1).shape(), inputs.get(2).shape());
      return new TensorType(
          inputs.get(1).elementType(), ShapeRules.broadcast(inputs.get(0).shape(), shape));
    }
  }

  /** Conversion; float to integer truncates toward zero and saturates, anything to BOOL is != 0. */
  record Cast(ElementType to) implements DeviceOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 1, 1);
      if (to == ElementType.BIT || inputs.get(0).elementType() == ElementType.BIT) {
        throw new OpException("BIT tensors are not cast");
      }
      return inputs.get(0).withElementType(to);
    }
  }

  /** Reduction over {@code axes} (not the batch). */
  record Reduce(ReduceKind kind, List<Integer> axes, boolean keepDims) implements DeviceOp {
    public Reduce {
      axes = List.copyOf(axes);
    }

    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 1, 1);
      ShapeRules.requireFloat(inputs);
      Shape shape = ShapeRules.reduced(inputs.get(0).shape(), axes, keepDims);
      return new TensorType(ElementType.FLOAT32, shape);
    }
  }

  /**
   * The same elements, row-major, under another shape; a batch stays a batch. A gated edge keeps
   * its mask where the packed rows stay whole: the last dimension is unchanged, or whole words are
   * joined. A {@code BIT} tensor can be reshaped in these cases only; several planes only where the
   * last dimension is unchanged.
   */
  record Reshape(Shape target) implements DeviceOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 1, 1);
      Shape from = inputs.get(0).shape();
      if (from.isBatched() != target.isBatched()
          || from.elementsPerSample() != target.elementsPerSample()) {
        throw new OpException("cannot reshape " + from + " to " + target);
      }
      boolean keepsMask =
          from.last() == target.last()
              || (from.last() != 0 && from.last() % 64 == 0 && target.last() % from.last() == 0);
      TensorType type = inputs.get(0).withShape(target);
      if (type.elementType() == ElementType.BIT
          && !(type.planes() == 1 ? keepsMask : from.last() == target.last())) {
        throw new OpException("reshaping " + inputs.get(0) + " to " + target + " breaks its rows");
      }
      return keepsMask ? type : type.withEncoding(Encoding.PLAIN);
    }

    @Override
    public Reshape withBatch(int batch) {
      return new Reshape(target.withBatch(batch));
    }
  }

  /** Axes permuted: output axis {@code i} is input axis {@code perm[i]}. */
  record Transpose(List<Integer> perm) implements DeviceOp {
    public Transpose {
      perm = List.copyOf(perm);
    }

    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 1, 1);
      Shape shape = inputs.get(0).shape();
      ShapeRules.requirePermutation(perm, shape);
      return new TensorType(inputs.get(0).elementType(), shape.permuted(perm));
    }
  }

  /** Inputs joined along {@code axis}. */
  record Concat(int axis) implements DeviceOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 1, 1024);
      Shape first = inputs.get(0).shape();
      int normal = ShapeRules.axis(axis, first.rank());
      if (first.isBatched() && normal == 0) {
        throw new OpException("concatenating along the batch dimension mixes samples");
      }
      long total = 0;
      for (TensorType type : inputs) {
        Shape shape = type.shape();
        ShapeRules.requireElement(type, inputs.get(0).elementType());
        if (shape.rank() != first.rank()
            || !shape.withDim(normal, 0).equals(first.withDim(normal, 0))) {
          throw new OpException(
              "shapes " + first + " and " + shape + " differ outside axis " + normal);
        }
        total += shape.dim(normal);
      }
      return new TensorType(
          inputs.get(0).elementType(), first.withDim(normal, Math.toIntExact(total)));
    }
  }

  /**
   * A strided part: output index {@code i} of an axis reads input index {@code begin + i * step}.
   *
   * @param begin first index per axis, within the input
   * @param size output size per axis; at a symbolic batch axis {@link Shape#BATCH}
   * @param step distance per axis, not 0
   */
  record Slice(List<Integer> begin, List<Integer> size, List<Integer> step) implements DeviceOp {
    public Slice {
      begin = List.copyOf(begin);
      size = List.copyOf(size);
      step = List.copyOf(step);
    }

    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 1, 1);
      Shape shape = inputs.get(0).shape();
      int rank = shape.rank();
      if (begin.size() != rank || size.size() != rank || step.size() != rank) {
        throw new OpException("expected begin, size and step for each axis of " + shape);
      }
      for (int axis = 0; axis < rank; axis++) {
        int first = begin.get(axis);
        int count = size.get(axis);
        if (shape.dim(axis) == Shape.BATCH) {
          if (first != 0 || count != Shape.BATCH || step.get(axis) != 1) {
            throw new OpException("the batch dimension cannot be sliced");
          }
          continue;
        }
        long lastIndex = first + (long) (count - 1) * step.get(axis);
        if (count < 0
            || step.get(axis) == 0
            || (count > 0
                && (first < 0
                    || first >= shape.dim(axis)
                    || lastIndex < 0
                    || lastIndex >= shape.dim(axis)))) {
          throw new OpException("slice leaves axis " + axis + " of " + shape + ": " + this);
        }
      }
      return new TensorType(inputs.get(0).elementType(), Shape.of(size));
    }

    @Override
    public Slice withBatch(int batch) {
      if (size.isEmpty() || size.get(0) != Shape.BATCH) {
        return this;
      }
      List<Integer> bound = new ArrayList<>(size);
      bound.set(0, batch);
      return new Slice(begin, bound, step);
    }
  }

  /** Border added before and after each axis; never at the batch. */
  record Pad(List<Integer> before, List<Integer> after, PadMode mode, float value)
      implements DeviceOp {
    public Pad {
      before = List.copyOf(before);
      after = List.copyOf(after);
    }

    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 1, 1);
      Shape shape = inputs.get(0).shape();
      if (before.size() != shape.rank() || after.size() != shape.rank()) {
        throw new OpException("expected pads for each axis of " + shape);
      }
      int[] dims = shape.dims();
      for (int axis = 0; axis < dims.length; axis++) {
        int b = before.get(axis);
        int a = after.get(axis);
        if (b < 0 || a < 0 || (dims[axis] == Shape.BATCH && a + b != 0)) {
          throw new OpException("pads must be at least 0, and 0 at the batch; found " + this);
        }
        int limit = mode == PadMode.REFLECT ? dims[axis] - 1 : Integer.MAX_VALUE;
        boolean empty = mode != PadMode.CONSTANT && dims[axis] == 0;
        if (a + b != 0 && (empty || a > limit || b > limit)) {
          throw new OpException(mode + " pads exceed axis " + axis + " of " + shape);
        }
        if (dims[axis] != Shape.BATCH) {
          dims[axis] = Math.addExact(dims[axis], Math.addExact(a, b));
        }
      }
      return new TensorType(inputs.get(0).elementType(), Shape.of(dims));
    }
  }

  /**
   * {@code y = x[..., indices, ...]} along {@code axis}. Inputs: x, indices (INT64, negative ones
   * count from the end). Source: ONNX <i>Gather</i>.
   */
  record Gather(int axis) implements DeviceOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 2, 2);
      ShapeRules.requireElement(inputs.get(1), ElementType.INT64);
      Shape shape = inputs.get(0).shape();
      int normal = ShapeRules.axis(axis, shape.rank());
      if (inputs.get(1).shape().isBatched() || (shape.isBatched() && normal == 0)) {
        throw new OpException("gathering along the batch dimension mixes samples");
      }
      List<Integer> dims = new ArrayList<>(shape.toList());
      dims.remove(normal);
      dims.addAll(normal, inputs.get(1).shape().toList());
      return new TensorType(inputs.get(0).elementType(), Shape.of(dims));
    }
  }

  /** Softmax along {@code axis}, {@code e^(x-max) / sum}; its logarithm if {@code log}. */
  record Softmax(int axis, boolean log) implements DeviceOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 1, 1);
      ShapeRules.requireFloat(inputs);
      Shape shape = inputs.get(0).shape();
      if (ShapeRules.axis(axis, shape.rank()) == 0 && shape.isBatched()) {
        throw new OpException("softmax over the batch dimension mixes samples");
      }
      return inputs.get(0).withEncoding(Encoding.PLAIN);
    }
  }

  /**
   * {@code y = (x - mean) / sqrt(var + epsilon) * scale + bias} over axes {@code axis..last}.
   * Inputs: x, scale and optionally bias, both broadcast to x. Source: ONNX
   * <i>LayerNormalization</i>.
   */
  record LayerNorm(int axis, float epsilon) implements DeviceOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 2, 3);
      ShapeRules.requireFloat(inputs);
      Shape shape = inputs.get(0).shape();
      if (ShapeRules.axis(axis, shape.rank()) == 0 && shape.isBatched()) {
        throw new OpException("normalizing over the batch dimension mixes samples");
      }
      for (TensorType parameter : inputs.subList(1, inputs.size())) {
        if (!ShapeRules.broadcast(shape, parameter.shape()).equals(shape)) {
          throw new OpException(parameter.shape() + " does not broadcast to " + shape);
        }
      }
      return inputs.get(0).withEncoding(Encoding.PLAIN);
    }
  }

  /** NumPy's matmul of two activations: {@code [...,M,K] x [...,K,N] -> [...,M,N]}. */
  record BatchMatMul() implements DeviceOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      ShapeRules.requireInputs(inputs, 2, 2);
      ShapeRules.requireFloat(inputs);
      Shape shape = ShapeRules.matMul(inputs.get(0).shape(), inputs.get(1).shape());
      return new TensorType(ElementType.FLOAT32, shape);
    }
  }

  private static void requireOperands(
      List<TensorType> inputs, boolean bias, boolean residual, Shape out) {
    if (bias) {
      ShapeRules.requireShape(inputs.get(2), Shape.of(out.last()), "bias");
    }
    if (residual) {
      ShapeRules.requireShape(inputs.get(inputs.size() - 1), out, "residual");
    }
  }

  private static TensorType stored(Shape out, List<Epilogue> epilogues) {
    Encoding encoding = Encoding.PLAIN;
    for (Epilogue epilogue : epilogues) {
      if (!(epilogue instanceof Epilogue.Gate)) {
        throw new OpException("float sums have no epilogue " + epilogue);
      }
      encoding = Encoding.GATED;
    }
    return new TensorType(ElementType.FLOAT32, out, encoding);
  }
}
