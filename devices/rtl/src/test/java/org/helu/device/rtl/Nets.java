package org.helu.device.rtl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Builds integer networks with random constants, layer behind layer. */
final class Nets {
  final SplittableRandom random;
  private final GraphBuilder builder;
  private final String name;
  private String value;
  private TensorType type;
  private Codes codes = Codes.UNSIGNED;
  private int nodes;

  private Nets(String name, TensorType input, long seed) {
    this.name = name;
    this.random = new SplittableRandom(seed);
    this.builder = new GraphBuilder(name);
    this.value = "x";
    this.type = input;
    builder.input(new GraphInput(value, input));
  }

  /** Codes enter. */
  static Nets of(String name, long seed, ElementType element, int bits, int... dims) {
    int[] shape = new int[dims.length + 1];
    shape[0] = Shape.BATCH;
    System.arraycopy(dims, 0, shape, 1, dims.length);
    TensorType type =
        element == ElementType.BIT
            ? TensorType.bits(Shape.of(shape), bits)
            : new TensorType(element, Shape.of(shape));
    return new Nets(name, type, seed);
  }

  /** What the codes of the next layers stand for. */
  Nets codes(Codes next) {
    codes = next;
    return this;
  }

  Nets quantize(float scale, int zeroPoint) {
    return add(new IntegerOp.Convert(new Epilogue.Quantize(scale, zeroPoint, 255)));
  }

  String current() {
    return value;
  }

  Nets dense(int outputs, ElementType weights, Epilogue... epilogues) {
    int inputs = type.shape().last();
    String weight = weight(Shape.of(outputs, inputs), weights);
    int products = inputs;
    return matrix(
        new IntegerOp.IntegerDense(codes, false, List.of(epilogues)),
        weight,
        outputs,
        products,
        weights,
        null,
        epilogues);
  }

  Nets conv(int outputs, Window window, ElementType weights, Epilogue... epilogues) {
    return conv(outputs, window, weights, null, epilogues);
  }

  Nets conv(
      int outputs, Window window, ElementType weights, String residual, Epilogue... epilogues) {
    int channels = type.shape().last();
    Shape shape = Shape.of(outputs, window.kernelH(), window.kernelW(), channels);
    return matrix(
        new IntegerOp.IntegerConv2d(window, 1, codes, residual != null, List.of(epilogues)),
        weight(shape, weights),
        outputs,
        window.taps() * channels,
        weights,
        residual,
        epilogues);
  }

  private Nets matrix(
      IntegerOp op,
      String weight,
      int outputs,
      int products,
      ElementType weights,
      String residual,
      Epilogue... epilogues) {
    List<String> inputs = new ArrayList<>(List.of(weight));
    if (epilogues.length > 0) {
      double spread = Math.sqrt(products) * spread(weights);
      inputs.add(parameters(epilogues[0], outputs, spread, residual != null));
    }
    if (residual != null) {
      inputs.add(residual);
    }
    return add(op, inputs.toArray(String[]::new));
  }

  private double spread(ElementType weights) {
    int most = type.elementType() == ElementType.UINT8 ? 255 : (1 << type.planes()) - 1;
    return (most * 0.5 + 0.5) * (weights == ElementType.BIT ? 1 : 70);
  }

  /** Thresholds around 0, some never and some always reached. */
  private String parameters(Epilogue epilogue, int channels, double spread, boolean residual) {
    return switch (epilogue) {
      case Epilogue.Threshold threshold -> {
        int columns = 1 + threshold.steps();
        int[] values = new int[channels * columns];
        for (int c = 0; c < channels; c++) {
          for (int t = 1; t < columns; t++) {
            values[c * columns + t] = (int) Math.round(random.nextDouble(-1.5, 1.5) * spread);
          }
          if (random.nextInt(8) == 0) {
            values[c * columns + 1] = Integer.MIN_VALUE + 1;
            values[c * columns + columns - 1] = Integer.MAX_VALUE;
          }
          Arrays.sort(values, c * columns + 1, (c + 1) * columns);
          values[c * columns] = random.nextInt(3) == 0 ? -1 : 1;
        }
        yield builder.freshConstant("t", Tensor.ofInts(Shape.of(channels, columns), values));
      }
      case Epilogue.Requantize requantize -> {
        int columns = residual ? 3 : 2;
        long[] values = new long[channels * columns];
        for (int c = 0; c < channels; c++) {
          double slope = requantize.high() / spread / 3 * Math.pow(2, requantize.shift());
          values[c * columns] = (long) (slope * random.nextDouble(-1, 1));
          values[c * columns + 1] =
              (long) (Math.pow(2, requantize.shift()) * random.nextDouble() * requantize.high());
          if (residual) {
            values[c * columns + 2] =
                (long) (Math.pow(2, requantize.shift()) * random.nextDouble());
          }
        }
        yield builder.freshConstant("m", Tensor.ofLongs(Shape.of(channels, columns), values));
      }
      case Epilogue.Affine _ -> {
        float[] values = new float[channels * 2];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) random.nextDouble(-1, 1);
        }
        yield builder.freshConstant("a", Tensor.ofFloats(Shape.of(channels, 2), values));
      }
      default -> throw new IllegalArgumentException(epilogue.toString());
    };
  }

  private String weight(Shape shape, ElementType element) {
    Tensor tensor = Tensor.zeros(new TensorType(element, shape));
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.setLong(i, element == ElementType.BIT ? random.nextInt(2) : random.nextInt(-128, 128));
    }
    return builder.freshConstant("w", tensor);
  }

  Nets maxPool(Window window) {
    return add(new DeviceOp.Pool2d(PoolKind.MAX, window, false));
  }

  Nets convert(Epilogue epilogue) {
    int most = type.elementType() == ElementType.UINT8 ? 255 : (1 << type.planes()) - 1;
    return add(
        new IntegerOp.Convert(epilogue), parameters(epilogue, type.shape().last(), most, false));
  }

  Nets reshape(int... dims) {
    return add(new DeviceOp.Reshape(Shape.of(dims)));
  }

  private Nets add(DeviceOp op, String... more) {
    List<String> inputs = new ArrayList<>(List.of(value));
    inputs.addAll(List.of(more));
    value = builder.add(op, "n" + nodes++, inputs.toArray(String[]::new));
    // The builder checks types only when it builds; the next layer needs this one's now.
    type = builder.output(value).build().type(value);
    return this;
  }

  BinarizedGraph build() {
    GraphBuilder last = new GraphBuilder(name);
    var graph = builder.build();
    graph.inputs().forEach(last::input);
    graph.constants().forEach(last::constant);
    graph.nodes().forEach(last::add);
    return new BinarizedGraph(last.output(value).build(), Provenance.NONE);
  }

  static Epilogue.Threshold bits(int steps) {
    return new Epilogue.Threshold(steps, ElementType.BIT);
  }

  static Window window(int kernel, int stride, int pad) {
    return new Window(kernel, kernel, stride, stride, 1, 1, pad, pad, pad, pad);
  }

  /** Random codes of a graph's input. */
  static Tensor input(BinarizedGraph graph, int samples, long seed) {
    TensorType type = graph.graph().inputs().getFirst().type().withBatch(samples);
    Tensor tensor = Tensor.zeros(type);
    SplittableRandom random = new SplittableRandom(seed);
    for (long i = 0; i < tensor.elements(); i++) {
      switch (type.elementType()) {
        case FLOAT32 -> tensor.setFloat(i, (float) random.nextDouble(-0.2, 1.2));
        case BIT -> tensor.setLong(i, random.nextInt(1 << type.planes()));
        default -> tensor.setLong(i, random.nextInt(256));
      }
    }
    return tensor;
  }
}
