package org.helu.compiler.lowbit;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.op.Rounding;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * A seeded random network as a framework trains it quantized. Half of them have scales that are
 * powers of two and integer batch norm, so that sums often lie exactly on a step.
 */
final class RandomLowBit {
  private final SplittableRandom random;
  private final GraphBuilder builder;
  private final boolean ties;
  private final List<Tensor> inputs = new ArrayList<>();
  private int counter;
  private Shape shape;
  private String value;

  RandomLowBit(long seed) {
    random = new SplittableRandom(seed);
    builder = new GraphBuilder("seed" + seed);
    ties = random.nextBoolean();
  }

  /** Inputs for three samples that lie on the input quantizer's grid. */
  List<Tensor> inputs() {
    return inputs;
  }

  Graph build() {
    boolean image = random.nextInt(3) > 0;
    shape =
        image
            ? Shape.of(-1, pick(1, 2, 3, 4, 8), pick(4, 5, 7), pick(4, 6, 7))
            : Shape.of(-1, pick(1, 5, 31, 64, 65, 100));
    input();
    int layers = 1 + random.nextInt(3);
    for (int i = 0; i < layers; i++) {
      String skip = value;
      Shape skipShape = shape;
      layer();
      if (skipShape.equals(shape) && random.nextInt(2) == 0) {
        value = builder.add(new DeviceOp.Binary(BinaryKind.ADD), name("add"), value, skip);
        if (random.nextBoolean()) {
          value = builder.add(new FloatOp.Helu(0), name("relu"), value);
        }
        quantize(scale() * 8, pick(0, 2), 0, pick(3, 15, 255), ElementType.UINT8);
        continue;
      }
      maybePool(4);
      activation();
      maybePool(4);
      maybeAverage();
      if (skipShape.equals(shape) && random.nextInt(3) == 0) {
        value = builder.add(new DeviceOp.Binary(BinaryKind.ADD), name("add"), skip, value);
        activation();
      }
    }
    if (shape.rank() == 4) {
      flatten();
    }
    dense(pick(1, 3, 10));
    return builder.output(value).build();
  }

  private void input() {
    builder.input(new GraphInput("x", new TensorType(ElementType.FLOAT32, shape)));
    boolean signed = random.nextBoolean();
    float scale = scale();
    int low = signed ? -128 : 0;
    int zero = pick(0, 0, 3, -7);
    zero = signed ? zero : Math.abs(zero);
    Tensor x = Tensor.zeros(new TensorType(ElementType.FLOAT32, shape.withBatch(3)));
    for (long i = 0; i < x.elements(); i++) {
      x.setFloat(i, (low + random.nextInt(256) - zero) * scale);
    }
    inputs.add(x);
    value = "x";
    // Another rounding of x / scale would see the float32 rounding of x.
    ElementType to = signed ? ElementType.INT8 : ElementType.UINT8;
    quantize(Rounding.HALF_EVEN, scale, zero, low, low + 255, to);
  }

  private void quantize(float scale, int zero, int low, int high, ElementType to) {
    Rounding rounding =
        random.nextInt(3) > 0 ? Rounding.HALF_EVEN : Rounding.values()[random.nextInt(7)];
    quantize(rounding, scale, zero, low, high, to);
  }

  private void quantize(
      Rounding rounding, float scale, int zero, int low, int high, ElementType to) {
    String s = constant("scale", Tensor.scalar(scale));
    String z = constant("zero", Tensor.ofInts(Shape.of(), zero));
    FloatOp op = new FloatOp.Quantize(1, low, high, rounding, to);
    String codes = builder.add(op, name("quantize"), value, s, z);
    value = builder.add(new FloatOp.Dequantize(1), name("dequantize"), codes, s, z);
  }

  private void layer() {
    if (shape.rank() == 4 && random.nextInt(4) > 0) {
      conv();
    } else {
      if (shape.rank() == 4) {
        flatten();
      }
      dense(pick(1, 7, 32, 33, 64));
    }
    if (random.nextInt(3) > 0) {
      batchNorm();
    }
  }

  private void conv() {
    int channels = shape.dim(1);
    boolean depthwise = random.nextInt(4) == 0;
    int groups = depthwise ? channels : channels % 2 == 0 && random.nextInt(3) == 0 ? 2 : 1;
    int outputs = depthwise ? channels : groups * pick(1, 2, 3, 8);
    int kernel = Math.min(pick(1, 2, 3), Math.min(shape.dim(2), shape.dim(3)));
    int pad = random.nextInt(3);
    int dilation = kernel > 1 && shape.dim(2) > 4 && shape.dim(3) > 4 ? pick(1, 1, 2) : 1;
    Window window =
        new Window(
            kernel, kernel, pick(1, 1, 2), 1, dilation, dilation, pad, pad, pad, random.nextInt(2));
    String weight = weight(Shape.of(outputs, channels / groups, kernel, kernel), 0);
    FloatOp op = new FloatOp.Conv(window, groups);
    value =
        random.nextBoolean()
            ? builder.add(op, name("conv"), value, weight)
            : builder.add(op, name("conv"), value, weight, bias(outputs));
    shape = Shape.of(-1, outputs, window.outH(shape.dim(2)), window.outW(shape.dim(3)));
  }

  private void dense(int outputs) {
    int inner = shape.last();
    shape = Shape.of(-1, outputs);
    switch (random.nextInt(3)) {
      case 0 -> {
        String weight = weight(Shape.of(inner, outputs), 1);
        value = builder.add(new FloatOp.MatMul(), name("matmul"), value, weight);
      }
      case 1 -> {
        String weight = weight(Shape.of(outputs, inner), 0);
        FloatOp op = new FloatOp.Gemm(ties ? 0.5f : 0.7f, 2, false, true);
        value = builder.add(op, name("gemm"), value, weight, bias(outputs));
      }
      default -> {
        String weight = weight(Shape.of(inner, outputs), 1);
        FloatOp op = new FloatOp.Gemm(1, 1, false, false);
        value = builder.add(op, name("gemm"), value, weight);
      }
    }
  }

  private void flatten() {
    shape = Shape.of(-1, shape.dim(1) * shape.dim(2) * shape.dim(3));
    value = builder.add(new DeviceOp.Reshape(shape), name("flatten"), value);
  }

  /** One-bit or eight-bit weights in one of the forms that exporters write. */
  private String weight(Shape dims, int axis) {
    int outputs = dims.dim(axis);
    int inner = 1;
    for (int a = axis + 1; a < dims.rank(); a++) {
      inner *= dims.dim(a);
    }
    boolean perChannel = random.nextBoolean();
    float[] scales = new float[perChannel ? outputs : 1];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = scale();
    }
    boolean bits = random.nextInt(3) > 0;
    Tensor codes = Tensor.zeros(new TensorType(ElementType.INT8, dims));
    Tensor floats = Tensor.zeros(new TensorType(ElementType.FLOAT32, dims));
    for (int i = 0; i < codes.elements(); i++) {
      long code = bits ? 2 * random.nextInt(2) - 1 : random.nextInt(256) - 128;
      codes.setLong(i, code);
      floats.setFloat(i, code * scales[perChannel ? i / inner % outputs : 0]);
    }
    if (bits && random.nextBoolean()) {
      return constant("weight", floats);
    }
    Shape scaleShape = perChannel ? Shape.of(outputs) : Shape.of();
    String scale = constant("wscale", Tensor.ofFloats(scaleShape, scales));
    String zero = constant("wzero", Tensor.ofInts(scaleShape, new int[scales.length]));
    String stored = constant("wcodes", codes);
    if (random.nextInt(3) == 0) {
      FloatOp op = new FloatOp.Quantize(axis, -128, 127, Rounding.HALF_EVEN, ElementType.INT8);
      stored = builder.add(op, name("wquantize"), constant("weight", floats), scale, zero);
    }
    return builder.add(new FloatOp.Dequantize(axis), name("weight"), stored, scale, zero);
  }

  private String bias(int outputs) {
    if (random.nextBoolean()) {
      return constant("bias", vector(outputs, -8, 8));
    }
    int[] codes = random.ints(outputs, -99, 99).toArray();
    return builder.add(
        new FloatOp.Dequantize(0),
        name("bias"),
        constant("bcodes", Tensor.ofInts(Shape.of(outputs), codes)),
        constant("bscale", Tensor.scalar(scale())),
        constant("bzero", Tensor.ofInts(Shape.of(), 0)));
  }

  private void batchNorm() {
    int channels = shape.dim(1);
    Tensor gamma = vector(channels, -2, 2);
    gamma.setFloat(random.nextInt(channels), 0);
    float[] variance = new float[channels];
    for (int c = 0; c < channels; c++) {
      variance[c] = ties ? pick(1, 4, 16) : (float) (0.2 + 40 * random.nextDouble());
    }
    value =
        builder.add(
            new FloatOp.BatchNorm(ties ? 0 : 1e-5f),
            name("norm"),
            value,
            constant("gamma", gamma),
            constant("beta", vector(channels, -2, 2)),
            constant("mean", vector(channels, -4, 4)),
            constant("variance", Tensor.ofFloats(Shape.of(channels), variance)));
  }

  private void activation() {
    switch (random.nextInt(8)) {
      case 0 -> value = builder.add(new DeviceOp.Unary(UnaryKind.SIGN), name("sign"), value);
      case 1 ->
          threshold(new FloatOp.MultiThreshold(2, -1, false), Tensor.ofFloats(Shape.of(1, 1), 0));
      case 2 ->
          threshold(new FloatOp.MultiThreshold(1, 0, true), Tensor.ofFloats(Shape.of(1, 1), 0));
      case 3 -> {
        BinaryKind kind = random.nextBoolean() ? BinaryKind.GREATER : BinaryKind.LESS_OR_EQUAL;
        String zero = constant("limit", Tensor.scalar(ties ? 1 : 0.3f));
        String bit = builder.add(new DeviceOp.Binary(kind), name("bit"), value, zero);
        value = builder.add(new DeviceOp.Cast(ElementType.FLOAT32), name("step"), bit);
      }
      case 4 -> {
        int steps = pick(1, 2, 3, 15);
        int channels = shape.dim(1);
        float[] rows = new float[channels * steps];
        for (int c = 0; c < channels; c++) {
          for (int t = 0; t < steps; t++) {
            rows[c * steps + t] = t * 2 - steps + (ties ? 0 : random.nextInt(9) / 10f);
          }
        }
        Tensor thresholds = Tensor.ofFloats(Shape.of(channels, steps), rows);
        threshold(new FloatOp.MultiThreshold(scale(), 0, random.nextBoolean()), thresholds);
      }
      case 5 -> quantize(scale(), pick(0, 5), -128, 127, ElementType.INT8);
      default -> {
        value = builder.add(new FloatOp.Helu(0), name("relu"), value);
        int bits = pick(2, 3, 4, 8);
        quantize(scale() * 4, 0, 0, (1 << bits) - 1, ElementType.UINT8);
      }
    }
  }

  private void threshold(FloatOp op, Tensor thresholds) {
    value = builder.add(op, name("threshold"), value, constant("thresholds", thresholds));
  }

  private void maybePool(int oneIn) {
    if (shape.rank() == 4 && shape.dim(2) > 2 && shape.dim(3) > 2 && random.nextInt(oneIn) == 0) {
      int pad = random.nextInt(2);
      Window window = new Window(2, 2, 2, 2, 1, 1, pad, pad, 0, 0);
      FloatOp.Pool pool = new FloatOp.Pool(PoolKind.MAX, window, false);
      value = builder.add(pool, name("pool"), value);
      shape = Shape.of(-1, shape.dim(1), window.outH(shape.dim(2)), window.outW(shape.dim(3)));
    }
  }

  /** A mean of codes, and often QONNX's Trunc of it: division, rounding, shift, rounding, scale. */
  private void maybeAverage() {
    if (shape.rank() != 4 || random.nextInt(3) > 0) {
      return;
    }
    int height = shape.dim(2);
    int width = shape.dim(3);
    if (random.nextBoolean()) {
      value =
          builder.add(
              new DeviceOp.Reduce(ReduceKind.MEAN, List.of(2, 3), true), name("mean"), value);
      shape = Shape.of(-1, shape.dim(1), 1, 1);
    } else if (height > 1 && width > 1) {
      int pad = random.nextInt(2);
      Window window = new Window(2, 2, 1, 2, 1, 1, pad, pad, pad, 0);
      PoolKind kind = random.nextBoolean() ? PoolKind.AVERAGE : PoolKind.AVERAGE_INCLUDE_PAD;
      value = builder.add(new FloatOp.Pool(kind, window, false), name("average"), value);
      shape = Shape.of(-1, shape.dim(1), window.outH(height), window.outW(width));
    }
    if (random.nextBoolean()) {
      quantize(scale(), pick(0, 2), 0, pick(3, 255), ElementType.UINT8);
    } else {
      String scale = constant("truncscale", Tensor.scalar(scale()));
      value = builder.add(new DeviceOp.Binary(BinaryKind.DIV), name("units"), value, scale);
      value = builder.add(new DeviceOp.Unary(UnaryKind.ROUND), name("rounded"), value);
      value = builder.add(new DeviceOp.Unary(UnaryKind.LINEAR, 0.25f, 0), name("part"), value);
      UnaryKind kind = random.nextBoolean() ? UnaryKind.FLOOR : UnaryKind.CEIL;
      value = builder.add(new DeviceOp.Unary(kind), name("truncated"), value);
      value = builder.add(new DeviceOp.Binary(BinaryKind.MUL), name("trunc"), value, scale);
    }
  }

  private float scale() {
    return ties ? (float) Math.scalb(1.0, -random.nextInt(4)) : 0.05f + (float) random.nextDouble();
  }

  private Tensor vector(int length, int from, int to) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      double real = from + (to - from) * random.nextDouble();
      values[i] = (float) (ties ? Math.rint(real) : real);
    }
    return Tensor.ofFloats(Shape.of(length), values);
  }

  private String constant(String base, Tensor tensor) {
    return builder.freshConstant(base, tensor);
  }

  private String name(String base) {
    return base + "_" + counter++;
  }

  private int pick(int... values) {
    return values[random.nextInt(values.length)];
  }
}
