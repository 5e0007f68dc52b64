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
    TensorType x,
    Tensor weights) {

  /** The layer of a node, or null of a node that is none. */
  static Matrix of(Graph graph, Node node) {
    return switch (node.op()) {
      case DeviceOp.Dense _ -> dense(graph, node, null);
      case DeviceOp.Conv2d op -> conv(graph, node, op.window(), op.groups(), null);
      case IntegerOp.IntegerDense op -> dense(graph, node, op.codes());
      case IntegerOp.IntegerConv2d op -> conv(graph, node, op.window(), op.groups(), op.codes());
      default -> null;
    };
  }

  private static Matrix dense(Graph graph, Node node, Codes codes) {
    TensorType x = graph.type(node.input(0));
    Tensor weights = graph.constant(node.input(1));
    int rows = Math.toIntExact(x.shape().elementsPerSample() / x.shape().last());
    int inC = x.shape().last();
    int outC = weights.shape().dim(0);
    Window one = Window.ofKernel(1, 1);
    return new Matrix(1, rows, inC, 1, rows, outC, one, 1, codes, x, weights);
  }

  private static Matrix conv(Graph graph, Node node, Window window, int groups, Codes codes) {
    TensorType x = graph.type(node.input(0));
    Shape in = x.shape();
    Shape out = graph.type(node.output()).shape();
    return new Matrix(
        in.dim(1),
        in.dim(2),
        in.dim(3),
        out.dim(1),
        out.dim(2),
        out.dim(3),
        window,
        groups,
        codes,
        x,
        graph.constant(node.input(1)));
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
