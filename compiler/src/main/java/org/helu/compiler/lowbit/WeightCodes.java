package org.helu.compiler.lowbit;

import java.util.List;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.reference.ReferenceKernels;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Weights as integers: {@code weight = scale[o] * code}, o the output channel.
 *
 * @param codes INT8
 * @param scale one number, or one per output channel
 */
record WeightCodes(Tensor codes, PerChannel scale) {
  /** Transposes and reshapes between the quantizer of a weight and the layer. */
  private static final int MAX_MOVES = 16;

  /**
   * Recognizes quantized constants: dequantized INT8 or UINT8 codes, and float constants with one
   * magnitude per output channel (and zeros).
   *
   * @param axis the axis of output channels
   * @throws StaysFloat if the weights are computed, or not quantized per output channel
   */
  static WeightCodes of(Graph graph, Constants constants, String value, int axis) {
    return of(graph, constants, value, axis, MAX_MOVES);
  }

  private static WeightCodes of(
      Graph graph, Constants constants, String value, int axis, int moves) {
    if (!constants.isConstant(value)) {
      throw new StaysFloat("its weights are computed");
    }
    Node node = graph.producer(value);
    if (node != null && moves > 0 && node.op() instanceof DeviceOp.Transpose transpose) {
      WeightCodes source =
          of(graph, constants, node.input(0), transpose.perm().get(axis), moves - 1);
      Tensor moved = ReferenceKernels.evaluate(transpose, List.of(source.codes));
      return new WeightCodes(moved, source.scale);
    }
    if (node != null
        && moves > 0
        && node.op() instanceof DeviceOp.Reshape reshape
        && axis == 0
        && graph.type(node.input(0)).shape().rank() > 0
        && graph.type(node.input(0)).shape().dim(0) == reshape.target().dim(0)) {
      WeightCodes source = of(graph, constants, node.input(0), 0, moves - 1);
      return new WeightCodes(source.codes.reshaped(reshape.target()), source.scale);
    }
    if (node != null && node.op() instanceof FloatOp.Dequantize dequantize) {
      return dequantized(constants, node, dequantize, axis);
    }
    return oneMagnitude(constants.tensor(value), axis);
  }

  private static WeightCodes dequantized(
      Constants constants, Node node, FloatOp.Dequantize dequantize, int axis) {
    Tensor codes = constants.tensor(node.input(0));
    PerChannel scale = constants.perChannel(node.input(1));
    PerChannel zero = constants.perChannel(node.input(2));
    Shape shape = codes.shape();
    int own = dequantize.axis() < 0 ? dequantize.axis() + shape.rank() : dequantize.axis();
    boolean single = scale.isUniform() && zero.isUniform();
    if (!single && own != axis) {
      throw new StaysFloat(
          "its weights are quantized along axis " + own + ", not per output channel");
    }
    int inner = inner(shape, axis);
    Tensor centered = Tensor.zeros(new TensorType(ElementType.INT8, shape));
    for (long i = 0; i < centered.elements(); i++) {
      int channel = (int) (i / inner % shape.dim(axis));
      double code = codes.getLong(i) - zero.at(channel);
      if (code < -128 || code > 127) {
        throw new StaysFloat("a weight's code less its zero point is " + code + ", beyond 8 bits");
      }
      centered.setLong(i, (long) code);
    }
    return new WeightCodes(centered, single ? PerChannel.of(scale.at(0)) : scale);
  }

  private static WeightCodes oneMagnitude(Tensor weight, int axis) {
    if (weight.type().elementType() != ElementType.FLOAT32) {
      throw new StaysFloat("its weights are " + weight.type().elementType());
    }
    Shape shape = weight.shape();
    int inner = inner(shape, axis);
    double[] magnitude = new double[shape.dim(axis)];
    for (long i = 0; i < weight.elements(); i++) {
      int channel = (int) (i / inner % magnitude.length);
      double own = Math.abs(weight.getFloat(i));
      if (own != 0 && magnitude[channel] != 0 && own != magnitude[channel]) {
        throw new StaysFloat(
            "its weights are not quantized: magnitudes "
                + magnitude[channel]
                + " and "
                + own
                + " in output channel "
                + channel);
      }
      magnitude[channel] = own != 0 ? own : magnitude[channel];
    }
    Tensor codes = Tensor.zeros(new TensorType(ElementType.INT8, shape));
    for (long i = 0; i < weight.elements(); i++) {
      codes.setLong(i, (long) Math.signum(weight.getFloat(i)));
    }
    PerChannel scale = new PerChannel(magnitude);
    return new WeightCodes(codes, scale.isUniform() ? PerChannel.of(magnitude[0]) : scale);
  }

  private static int inner(Shape shape, int axis) {
    int inner = 1;
    for (int a = axis + 1; a < shape.rank(); a++) {
      inner *= shape.dim(a);
    }
    return inner;
  }
}
