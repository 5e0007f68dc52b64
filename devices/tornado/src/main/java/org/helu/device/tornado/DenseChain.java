package org.helu.device.tornado;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.helu.device.tornado.OpenClSource.Mode;
import org.helu.device.tornado.OpenClSource.Operands;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Dense layers one behind the other, with one-bit weights, of which none but the last is read by
 * anything else: one task of the kernel in OpenCL C ({@code chain.cl}). The first may read bits,
 * bytes, or floats through a quantizer; the others read one bit an input.
 *
 * @param nodes in order, Reshapes and a quantizer in front included
 * @param layers the dense layers among them
 * @param quantizer null where there is none
 */
record DenseChain(
    Graph graph,
    Buffers buffers,
    List<Node> nodes,
    List<Node> layers,
    Epilogue.Quantize quantizer) {
  /** What the kernel calls OF_ and TO_. */
  private enum Source {
    BITS,
    CODES,
    FLOATS
  }

  private enum End {
    BITS,
    SUMS,
    FLOATS,
    GATED_FLOATS
  }

  /** Larger layers are worth a task of their own, which all cores share also at batch 1. */
  private static final long MOST_WEIGHTS = 1L << 22;

  /** Within these a product by the inverse is as exact as the kernel takes it to be. */
  private static final float LEAST_SCALE = 1e-30f;

  private static final float GREATEST_SCALE = 1e30f;

  /** The longest chain that starts with a node, or null where a chain saves no task. */
  static DenseChain startingAt(Graph graph, int first, Buffers buffers) {
    List<Node> nodes = new ArrayList<>();
    List<Node> layers = new ArrayList<>();
    Epilogue.Quantize quantizer = null;
    int length = 0; // up to the last layer
    int step = first;
    boolean goesOn = true;
    while (goesOn && step < graph.nodes().size()) {
      Node node = graph.nodes().get(step);
      boolean linked = nodes.isEmpty() || node.input(0).equals(nodes.getLast().output());
      if (linked && isLayer(graph, node, layers.isEmpty())) {
        layers.add(node);
        length = nodes.size() + 1;
        goesOn = end(node) == End.BITS;
      } else if (linked && nodes.isEmpty() && quantizer(node) != null) {
        quantizer = quantizer(node);
      } else if (!linked || nodes.isEmpty() || !layers.isEmpty() || !isReshape(graph, node)) {
        break;
      }
      nodes.add(node);
      step++;
      goesOn = goesOn && graph.hasSingleUse(node.output());
    }
    int saved = layers.size() + (quantizer == null ? 0 : 1);
    List<Node> chain = List.copyOf(nodes.subList(0, length));
    return saved < 2 || layers.isEmpty()
        ? null
        : new DenseChain(graph, buffers, chain, List.copyOf(layers), quantizer);
  }

  private static boolean isReshape(Graph graph, Node node) {
    return Buffers.isAlias(graph, node);
  }

  private static Epilogue.Quantize quantizer(Node node) {
    return BinarizedGraph.op(node) instanceof IntegerOp.Convert(Epilogue.Quantize quantize)
        ? quantize
        : null;
  }

  private static boolean isLayer(Graph graph, Node node, boolean first) {
    if (!(BinarizedGraph.op(node) instanceof IntegerOp.IntegerDense dense)) {
      return false;
    }
    TensorType x = graph.type(node.input(0));
    Shape y = graph.type(node.output()).shape();
    TensorType weight = graph.constant(node.input(1)).type();
    boolean bits = x.elementType() == ElementType.BIT && x.planes() == 1;
    boolean bytes = first && x.elementType() == ElementType.UINT8;
    int most = bits ? OpenClSource.CHAIN_BITS : OpenClSource.CHAIN_BYTES;
    return (bits || bytes)
        && x.shape().isBatched()
        && x.shape().last() <= most
        && y.last() <= OpenClSource.CHAIN_BITS
        && y.elementsPerSample() > 0
        && weight.elementType() == ElementType.BIT
        && weight.shape().elements() > 0
        && weight.shape().elements() <= MOST_WEIGHTS
        && !dense.residual()
        && end(node) != null;
  }

  /** What becomes of a layer's sums, or null where a chain cannot do it. */
  private static End end(Node node) {
    List<Epilogue> epilogues = BinarizedGraph.op(node).epilogues();
    return switch (epilogues.isEmpty() ? null : epilogues.getFirst()) {
      case null -> End.SUMS;
      case Epilogue.Threshold(int steps, ElementType to) when steps == 1 && to == ElementType.BIT ->
          End.BITS;
      case Epilogue.Affine _ -> epilogues.size() == 1 ? End.FLOATS : End.GATED_FLOATS;
      default -> null;
    };
  }

  Node last() {
    return layers.getLast();
  }

  private Source source() {
    boolean bits = graph.type(layers.getFirst().input(0)).elementType() == ElementType.BIT;
    return quantizer != null ? Source.FLOATS : bits ? Source.BITS : Source.CODES;
  }

  KernelCall call() {
    Node first = layers.getFirst();
    int inputs = graph.type(first.input(0)).shape().last();
    int rows = buffers.size(first.input(0)) / inputs;
    float scale = quantizer == null ? 0f : quantizer.scale();
    boolean invertible = scale >= LEAST_SCALE && scale <= GREATEST_SCALE;
    Words sizes = new Words();
    sizes.add(
        Mode.CHAIN.ordinal(),
        rows,
        inputs,
        source().ordinal(),
        Float.floatToRawIntBits(scale),
        Float.floatToRawIntBits(invertible ? 1f / scale : 0f),
        quantizer == null ? 0 : quantizer.zeroPoint(),
        quantizer == null ? 0 : quantizer.high(),
        layers.size());
    Words parameters = new Words();
    List<long[]> weights = new ArrayList<>();
    for (Node layer : layers) {
      Tensor weight = graph.constant(layer.input(1));
      IntegerOp.IntegerDense op = (IntegerOp.IntegerDense) layer.op();
      sizes.add(
          weight.shape().dim(1),
          weight.shape().dim(0),
          weights.stream().mapToInt(part -> part.length).sum(),
          parameters.size(),
          op.codes().step(),
          end(layer).ordinal());
      boolean bytes = layer == first && source() != Source.BITS;
      weights.add(bytes ? signs(weight) : IntegerWeights.planeBlocks(weight));
      parameters.add(parameters(layer, op, weight, bytes));
    }
    Operands operands =
        new Operands(
            buffers.array(nodes.getFirst().input(0)),
            buffers.constant(weights.stream().flatMapToLong(Arrays::stream).toArray()),
            buffers.constant(parameters.toArray()),
            buffers.noInts(),
            buffers.noLongs(),
            buffers.noInts(),
            buffers.array(last().output()),
            buffers.batch(),
            buffers.constant(sizes.toArray()));
    long all = (long) buffers.samples(last().output()) * rows;
    return OpenClSource.chain(new KernelCall.Factory(last()), operands, all).of(computed());
  }

  private List<Node> computed() {
    return nodes.stream().filter(node -> !isReshape(graph, node)).toList();
  }

  /** Signed bytes, two ints to a long. */
  private static long[] signs(Tensor weight) {
    int[] packed = IntegerWeights.packedBlocks(weight);
    long[] words = new long[packed.length / 2];
    for (int i = 0; i < packed.length; i++) {
      words[i / 2] |= (packed[i] & 0xffffffffL) << i % 2 * 32;
    }
    return words;
  }

  /**
   * For every 16 outputs what is added to their sums, then direction or scale, then threshold or
   * shift. Beyond the last output nothing reaches a threshold.
   */
  private int[] parameters(Node layer, IntegerOp.IntegerDense op, Tensor weight, boolean bytes) {
    int outputs = weight.shape().dim(0);
    int lanes = OpenClSource.OUTPUTS;
    int[] values = new int[(outputs + lanes - 1) / lanes * lanes * 3];
    int[] sums = IntegerWeights.tapSums(weight);
    End end = end(layer);
    Tensor own = end == End.SUMS ? null : graph.constant(layer.input(2));
    for (int o = 0; o < values.length / 3; o++) {
      int at = o / lanes * lanes * 3 + o % lanes;
      values[at + 2 * lanes] = 1;
      if (o < outputs) {
        // Of bits the kernel counts those that differ from the weights' ones.
        int ones = bytes ? 0 : (sums[o] + weight.shape().dim(1)) / 2;
        values[at] = op.codes().step() * ones - op.codes().zero() * sums[o];
        for (int i = 0; own != null && i < 2; i++) {
          long place = own.shape().dim(0) > 1 ? 2L * o + i : i;
          values[at + (i + 1) * lanes] =
              end == End.BITS
                  ? (int) own.getLong(place)
                  : Float.floatToRawIntBits(own.getFloat(place));
        }
      }
    }
    return values;
  }

  /** Ints one behind the other. */
  private static final class Words {
    private int[] values = {};

    void add(int... more) {
      int size = values.length;
      values = Arrays.copyOf(values, size + more.length);
      System.arraycopy(more, 0, values, size, more.length);
    }

    int size() {
      return values.length;
    }

    int[] toArray() {
      return values;
    }
  }
}
