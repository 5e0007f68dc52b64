package org.helu.device.tornado.fpga;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * A dense layer or a convolution; a dense layer is a convolution by one tap over an image of one
 * line.
 *
 * @param inH rows of the image
 * @param inW pixels of a row
 * @param inC channels of a pixel
 * @param outH rows of the output
 * @param outW pixels of an output row
 * @param outC output channels
 * @param window that slides
 * @param groups of channels
 * @param codes what integers stand for, or null of floats
 * @param bias whether floats are added for each channel
 * @param residual whether the last operand is added
 * @param x the input's type
 * @param weights {@code [outC, taps, inC / groups]}
 */
record Matrix(
    int inH,
    int inW,
    int inC,
    int outH,
    int outW,
    int outC,
    Window window,
    int groups,
    Codes codes,
    boolean bias,
    boolean residual,
    TensorType x,
    Tensor weights) {

  /** The layer of a node, or null of a node that is none. */
  static Matrix of(Graph graph, Node node) {
    Window one = Window.ofKernel(1, 1);
    return switch (node.op()) {
      case DeviceOp.Dense op -> of(graph, node, one, 1, null, op.bias(), op.residual());
      case DeviceOp.Conv2d op ->
          of(graph, node, op.window(), op.groups(), null, op.bias(), op.residual());
      case IntegerOp.IntegerDense op -> of(graph, node, one, 1, op.codes(), false, op.residual());
      case IntegerOp.IntegerConv2d op ->
          of(graph, node, op.window(), op.groups(), op.codes(), false, op.residual());
      default -> null;
    };
  }

  private static Matrix of(
      Graph graph,
      Node node,
      Window window,
      int groups,
      Codes codes,
      boolean bias,
      boolean residual) {
    TensorType x = graph.type(node.input(0));
    Tensor weights = graph.constant(node.input(1));
    int[] in = image(x.shape(), weights.shape().rank());
    int[] out = image(graph.type(node.output()).shape(), weights.shape().rank());
    return new Matrix(
        in[0], in[1], in[2], out[0], out[1], out[2], window, groups, codes, bias, residual, x,
        weights);
  }

  /** Height, width and channels: of a dense layer, whose weights have rank 2, one line of rows. */
  private static int[] image(Shape shape, int weightRank) {
    if (weightRank == 2) {
      int rows = Math.toIntExact(shape.elementsPerSample() / shape.last());
      return new int[] {1, rows, shape.last()};
    }
    return new int[] {shape.dim(1), shape.dim(2), shape.dim(3)};
  }

  /** The input channel that an output of a turn reads as one of its terms. */
  String channel(Products.Turn at, Fold fold, String p, String term) {
    String output = Expr.sum(Expr.times(at.block(), fold.pe()), p);
    String group = groups == 1 ? Expr.ZERO : Expr.over(output, groupOutputs());
    return Expr.sum(Expr.times(group, groupInputs()), term);
  }

  int pixels() {
    return outH * outW;
  }

  int groupInputs() {
    return inC / groups;
  }

  int groupOutputs() {
    return outC / groups;
  }

  boolean isFloat() {
    return codes == null;
  }

  private boolean oneBitWeights() {
    return weights.type().elementType() == ElementType.BIT;
  }

  /** Whether bits meet bits, so that a word of products is an XOR and a count. */
  boolean isWordwise() {
    return !isFloat() && x.elementType() == ElementType.BIT && oneBitWeights() && groups == 1;
  }

  /** Terms of a sum within a tap that are computed one after the other: codes, or words. */
  int terms() {
    return isWordwise() ? (inC + 63) / 64 : groupInputs();
  }

  /** Bit operations of one term: bits of a code times bits of a weight, for each code of a word. */
  int bitOperations() {
    if (isFloat()) {
      return 32 * 32;
    }
    return x.planes() * (oneBitWeights() ? 1 : 8) * (isWordwise() ? Math.min(inC, 64) : 1);
  }

  long multiplyAccumulates() {
    return (long) pixels() * outC * window.taps() * groupInputs();
  }

  /** Turns of the innermost loop. */
  long turns(Fold fold) {
    return (long) pixels() * (outC / fold.pe()) * window.taps() * (terms() / fold.simd());
  }

  Taps taps() {
    return new Taps(window, inH, inW, outH, outW);
  }

  /**
   * Numbers of outputs that can be computed at a time, ascending: they divide the channels, and
   * where bits are packed to several words, 64.
   *
   * @param packed whether outputs are packed bits
   */
  List<Integer> pes(boolean packed) {
    return divisors(outC).stream().filter(pe -> !packed || outC <= 64 || 64 % pe == 0).toList();
  }

  /** Numbers of terms that can be computed at a time, ascending: they divide the terms. */
  List<Integer> simds() {
    // One-bit weights of bytes are read as one word a turn.
    return divisors(terms()).stream().filter(simd -> simd <= 64).toList();
  }

  private static List<Integer> divisors(int size) {
    List<Integer> divisors = new ArrayList<>();
    IntStream.rangeClosed(1, size).filter(d -> size % d == 0).forEach(divisors::add);
    return divisors;
  }
}
