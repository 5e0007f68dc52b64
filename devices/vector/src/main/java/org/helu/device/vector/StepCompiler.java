package org.helu.device.vector;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.helu.device.vector.kernel.DirectConv;
import org.helu.device.vector.kernel.Panels;
import org.helu.device.vector.kernel.Simd;
import org.helu.device.vector.kernel.Winograd;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Binds each node to a kernel.
 *
 * <p>Without a kernel of their own, and so run by the scalar reference, which allocates: Where,
 * Cast, Gather, LayerNorm, BatchMatMul, comparisons and logic, Reduce PROD or over axes that are
 * not neighbours, and what works on integers but for integer layers, their pools, sums and moves.
 */
final class StepCompiler {
  private final Graph graph;
  private final Addresses addresses;
  private final Weights weights;
  private final int maxBatch;
  private final IntegerSteps integers;

  StepCompiler(BinarizedGraph source, Addresses addresses, Weights weights, int maxBatch) {
    this.graph = source.graph();
    this.addresses = addresses;
    this.weights = weights;
    this.maxBatch = maxBatch;
    this.integers = new IntegerSteps(graph, addresses, weights, maxBatch);
  }

  /** One step per node; null where there is nothing to compute. */
  Step[] compile() {
    List<Step> steps = new ArrayList<>(graph.nodes().size());
    for (Node node : graph.nodes()) {
      steps.add(compile(node));
    }
    // An output may be a constant that no step reads.
    graph.outputs().forEach(addresses::of);
    return steps.toArray(Step[]::new);
  }

  private Step compile(Node node) {
    TensorType out = graph.type(node.output());
    if (out.shape().elementsPerSample() == 0) {
      return null;
    }
    return switch (BinarizedGraph.op(node)) {
      case DeviceOp.Dense op -> dense(node, op);
      case DeviceOp.Conv2d op -> conv(node, op);
      case DeviceOp.Pool2d op when isFloat(node) ->
          new PoolStep(op, shape(node, 0), out.shape(), address(node, 0), output(node));
      case DeviceOp.Pool2d op ->
          new CodePoolStep(
              graph.type(node.input(0)), op.window(), out.shape(), address(node, 0), output(node));
      case IntegerOp op -> integers.compile(node, op);
      case DeviceOp.Gate _ ->
          new UnaryStep(null, Count.elements(out.shape()), address(node, 0), output(node));
      case DeviceOp.Unary op when isFloat(node) && op.kind() != UnaryKind.NOT ->
          new UnaryStep(op, Count.elements(out.shape()), address(node, 0), output(node));
      case DeviceOp.Binary op when isFloat(node) && !op.kind().isPredicate() -> binary(node, op);
      case DeviceOp.Binary op when isSum(node, op) -> {
        Box box = broadcastBox(node);
        yield new IntSumStep(box, address(node, 0), address(node, 1), output(node));
      }
      case DeviceOp.Reshape _ -> {
        addresses.of(node.output());
        yield null;
      }
      case DeviceOp.Transpose op when isMoved(out) -> transpose(node, op);
      case DeviceOp.Slice op when isMoved(out) -> slice(node, op);
      case DeviceOp.Pad op when isPadded(out) ->
          new PadStep(op, graph.type(node.input(0)), out.shape(), address(node, 0), output(node));
      case DeviceOp.Concat op when isMoved(out) -> concat(node, op);
      case DeviceOp.Reduce op when hasKernel(op, shape(node, 0)) -> reduce(node, op);
      case DeviceOp.Softmax op -> softmax(node, op);
      default -> reference(node);
    };
  }

  private Shape shape(Node node, int input) {
    return graph.type(node.input(input)).shape();
  }

  private long address(Node node, int input) {
    return addresses.of(node.input(input));
  }

  private long output(Node node) {
    return addresses.of(node.output());
  }

  private boolean isFloat(Node node) {
    return graph.type(node.input(0)).elementType() == ElementType.FLOAT32;
  }

  /** Whether elements are of 4 bytes or of 1, which kernels move. */
  private static boolean isMoved(TensorType type) {
    return type.elementType() != ElementType.BIT
        && (type.elementType().bytes() == 4 || type.elementType().bytes() == 1);
  }

  /** Whether two tensors of INT32 sums are added. */
  private boolean isSum(Node node, DeviceOp.Binary op) {
    return op.kind() == BinaryKind.ADD
        && graph.type(node.input(0)).elementType() == ElementType.INT32;
  }

  /** Whether rows behind the batch are padded. */
  private static boolean isPadded(TensorType out) {
    return isMoved(out) && out.shape().rank() > (out.shape().isBatched() ? 1 : 0);
  }

  private int elementBytes(Node node) {
    return graph.type(node.output()).elementType().bytes();
  }

  private static boolean isGated(DeviceOp op) {
    return op.epilogues().contains(Epilogue.GATE);
  }

  private Step dense(Node node, DeviceOp.Dense op) {
    Tensor weight = requireConstant(node, 1);
    Tensor bias = op.bias() ? requireConstant(node, 2) : null;
    int outputs = weight.shape().dim(0);
    int inputs = weight.shape().dim(1);
    Panels panels = new Panels(weights.next(), 1, outputs, new long[] {0}, inputs, 0);
    pack(panels, weight.data(), bias);
    return new DenseStep(
        panels,
        Count.outer(shape(node, 0), shape(node, 0).rank() - 1),
        inputs,
        outputs,
        address(node, 0),
        output(node),
        residual(node, op.residual()),
        isGated(op),
        maxBatch);
  }

  private long residual(Node node, boolean has) {
    return has ? address(node, node.inputs().size() - 1) : -1;
  }

  private void pack(Panels panels, MemorySegment weight, Tensor bias) {
    MemorySegment biasData = bias == null ? null : bias.data();
    weights.reserve(panels.bytes(), memory -> panels.pack(memory, weight, biasData));
  }

  private Step conv(Node node, DeviceOp.Conv2d op) {
    Shape in = shape(node, 0);
    Shape out = graph.type(node.output()).shape();
    Tensor weight = requireConstant(node, 1);
    Tensor bias = op.bias() ? requireConstant(node, 2) : null;
    long residual = residual(node, op.residual());
    long x = address(node, 0);
    long y = output(node);
    if (op.groups() > 1 && op.groups() == in.dim(3)) {
      return depthwise(op, in, out, weight, bias, x, y, residual);
    }
    ConvShape shape = ConvShape.of(op.window(), in, out, in.dim(3));
    if (op.groups() == 1 && WinogradStep.suits(shape) && hasBothSigns(weight)) {
      return winograd(op, shape, weight.data(), bias == null ? null : bias.data(), x, y, residual);
    }
    int groupInputs = in.dim(3) / op.groups();
    Window w = op.window();
    // In NHWC the taps of a kernel row are neighbours, unless dilation or groups set them apart.
    boolean rowIsRun = w.dilationW() == 1 && op.groups() == 1;
    long[] runs = new long[rowIsRun ? w.kernelH() : w.taps()];
    for (int i = 0; i < runs.length; i++) {
      runs[i] =
          rowIsRun
              ? i * shape.tapLineBytes()
              : i / w.kernelW() * shape.tapLineBytes() + i % w.kernelW() * shape.tapBytes();
    }
    Panels panels =
        new Panels(
            weights.next(),
            op.groups(),
            out.dim(3) / op.groups(),
            runs,
            rowIsRun ? w.kernelW() * groupInputs : groupInputs,
            groupInputs * 4L);
    pack(panels, weight.data(), bias);
    return ConvStep.product(shape, panels, x, y, residual, isGated(op), maxBatch);
  }

  /**
   * Whether no output is a sum of terms of one sign where inputs are, whose sign others may rely
   * on: minimal filtering does not keep it.
   */
  private static boolean hasBothSigns(Tensor weight) {
    int outputs = weight.shape().dim(0);
    long inputs = weight.elements() / outputs;
    for (int o = 0; o < outputs; o++) {
      boolean positive = false;
      boolean negative = false;
      for (long i = o * inputs; i < (o + 1) * inputs && !(positive && negative); i++) {
        positive |= weight.getFloat(i) > 0;
        negative |= weight.getFloat(i) < 0;
      }
      if (positive != negative) {
        return false;
      }
    }
    return true;
  }

  private Step winograd(
      DeviceOp.Conv2d op,
      ConvShape shape,
      MemorySegment weight,
      MemorySegment bias,
      long x,
      long y,
      long residual) {
    WinogradStep.Tiling tiling = WinogradStep.Tiling.of(shape);
    int channels = shape.channels();
    Winograd winograd = new Winograd(weights.next(), channels, shape.outputs(), tiling.tiles());
    weights.reserve(winograd.bytes(), memory -> winograd.pack(memory, weight, bias, 0.25));
    DirectConv direct = new DirectConv(weight, bias, channels, shape.outputs());
    return new FloatWinogradStep(tiling, winograd, direct, x, y, residual, isGated(op));
  }

  private Step depthwise(
      DeviceOp.Conv2d op,
      Shape in,
      Shape out,
      Tensor weight,
      Tensor bias,
      long x,
      long y,
      long residual) {
    int outputs = out.dim(3);
    int repeat = outputs / in.dim(3);
    int lanes = Simd.LANES;
    int frameChannels = (outputs + lanes - 1) / lanes * lanes;
    ConvShape shape = ConvShape.of(op.window(), in, out, frameChannels);
    int taps = op.window().taps();
    long[] shifts = new long[taps];
    for (int tap = 0; tap < taps; tap++) {
      int kh = tap / op.window().kernelW();
      int kw = tap % op.window().kernelW();
      shifts[tap] = kh * shape.tapLineBytes() + kw * shape.tapBytes();
    }
    long place = weights.next();
    weights.reserve(
        (taps + 1L) * frameChannels * 4,
        memory -> {
          for (int o = 0; o < outputs; o++) {
            if (bias != null) {
              memory.set(Tensor.FLOAT, place + o * 4L, bias.getFloat(o));
            }
            for (int tap = 0; tap < taps; tap++) {
              long at = place + ((tap + 1L) * frameChannels + o) * 4;
              memory.set(Tensor.FLOAT, at, weight.getFloat((long) o * taps + tap));
            }
          }
        });
    boolean gate = isGated(op);
    return ConvStep.depthwise(shape, place, shifts, repeat, x, y, residual, gate, maxBatch);
  }

  private Tensor requireConstant(Node node, int input) {
    return graph.constant(node.input(input));
  }

  private Step binary(Node node, DeviceOp.Binary op) {
    Box box = broadcastBox(node);
    return new BinaryStep(op.kind(), box, address(node, 0), address(node, 1), output(node));
  }

  /** The output's box with the strides of two operands. */
  private Box broadcastBox(Node node) {
    Shape out = graph.type(node.output()).shape();
    return Box.of(out, Box.broadcast(shape(node, 0), out), Box.broadcast(shape(node, 1), out));
  }

  private Step transpose(Node node, DeviceOp.Transpose op) {
    Shape in = shape(node, 0);
    long[] own = in.strides();
    long[] strides = new long[own.length];
    for (int axis = 0; axis < strides.length; axis++) {
      strides[axis] = own[op.perm().get(axis)];
    }
    Box box = Box.of(graph.type(node.output()).shape(), strides);
    return new MoveStep(elementBytes(node), box, address(node, 0), output(node));
  }

  private Step slice(Node node, DeviceOp.Slice op) {
    long[] strides = shape(node, 0).strides();
    long first = 0;
    for (int axis = 0; axis < strides.length; axis++) {
      first += op.begin().get(axis) * strides[axis];
      strides[axis] *= op.step().get(axis);
    }
    Box box = Box.of(graph.type(node.output()).shape(), strides);
    int size = elementBytes(node);
    return new MoveStep(size, box, address(node, 0) + first * size, output(node));
  }

  private Step concat(Node node, DeviceOp.Concat op) {
    Shape out = graph.type(node.output()).shape();
    int axis = op.axis() < 0 ? op.axis() + out.rank() : op.axis();
    long[] x = new long[node.inputs().size()];
    long[] rowBytes = new long[x.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = address(node, i);
      rowBytes[i] = inner(shape(node, i), axis - 1) * elementBytes(node);
    }
    return new ConcatStep(Count.outer(out, axis), x, rowBytes, output(node));
  }

  /** Product of the dimensions behind {@code axis}. */
  private static long inner(Shape shape, int axis) {
    long product = 1;
    for (int a = axis + 1; a < shape.rank(); a++) {
      product *= shape.dim(a);
    }
    return product;
  }

  private static int[] reducedAxes(DeviceOp.Reduce op, Shape shape) {
    return op.axes().stream()
        .mapToInt(axis -> axis < 0 ? axis + shape.rank() : axis)
        .sorted()
        .distinct()
        .toArray();
  }

  private static boolean hasKernel(DeviceOp.Reduce op, Shape shape) {
    int[] axes = reducedAxes(op, shape);
    return op.kind() != ReduceKind.PROD
        && axes.length > 0
        && axes[axes.length - 1] - axes[0] == axes.length - 1;
  }

  private Step reduce(Node node, DeviceOp.Reduce op) {
    Shape in = shape(node, 0);
    int[] axes = reducedAxes(op, in);
    long size = 1;
    for (int axis : axes) {
      size *= in.dim(axis);
    }
    return ReduceStep.reduction(
        op.kind(),
        Count.outer(in, axes[0]),
        size,
        inner(in, axes[axes.length - 1]),
        address(node, 0),
        output(node));
  }

  private Step softmax(Node node, DeviceOp.Softmax op) {
    Shape in = shape(node, 0);
    int axis = op.axis() < 0 ? op.axis() + in.rank() : op.axis();
    return ReduceStep.softmax(
        op.log(),
        Count.outer(in, axis),
        in.dim(axis),
        inner(in, axis),
        address(node, 0),
        output(node));
  }

  private Step reference(Node node) {
    List<ReferenceStep.Operand> operands = new ArrayList<>();
    for (String input : node.inputs()) {
      Tensor constant = graph.constant(input);
      long offset = constant == null ? addresses.of(input) : -1;
      operands.add(new ReferenceStep.Operand(graph.type(input), offset, constant));
    }
    Count elements = Count.elements(graph.type(node.output()).shape());
    return new ReferenceStep(node, operands, elements, output(node));
  }

  /** Whether weights and biases are constants, which packing needs. */
  static boolean supports(BinarizedGraph graph, Node node) {
    boolean bias =
        switch (BinarizedGraph.op(node)) {
          case DeviceOp.Dense op -> op.bias();
          case DeviceOp.Conv2d op -> op.bias();
          default -> {
            yield false;
          }
        };
    boolean weighted =
        BinarizedGraph.op(node) instanceof DeviceOp.Dense
            || BinarizedGraph.op(node) instanceof DeviceOp.Conv2d;
    return (!weighted || graph.graph().constant(node.input(1)) != null)
        && (!bias || graph.graph().constant(node.input(2)) != null);
  }
}
