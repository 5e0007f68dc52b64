package org.helu.device.tornado;

import org.helu.device.tornado.kernel.NormKernels;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Shape;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Calls of pools, reductions and normalizations. */
final class NormLowering {
  private NormLowering() {}

  static KernelCall pool(KernelCall.Factory call, Buffers buffers, DeviceOp.Pool2d op) {
    String x = call.node().input(0);
    String y = call.node().output();
    Shape in = buffers.shape(x);
    Shape out = buffers.shape(y);
    IntArray geometry = window(buffers, in, out, op.window());
    // A static shape's first dimension counts samples too.
    int samples = out.isBatched() ? buffers.samples(y) : out.dim(0);
    return call.of(
        "heluPool2d",
        NormKernels::heluPool2d,
        buffers.floats(x),
        buffers.floats(y),
        buffers.batchOf(y, samples),
        geometry,
        samples,
        out.dim(1) * out.dim(2),
        out.dim(3),
        op.kind().ordinal());
  }

  /** The array {@code g} of pools. */
  static IntArray window(Buffers buffers, Shape in, Shape out, Window w) {
    return buffers.constant(
        in.dim(1),
        in.dim(2),
        out.dim(2),
        w.kernelH(),
        w.kernelW(),
        w.strideH(),
        w.strideW(),
        w.dilationH(),
        w.dilationW(),
        w.padTop(),
        w.padLeft(),
        w.padBottom(),
        w.padRight());
  }

  static KernelCall reduce(KernelCall.Factory call, Buffers buffers, DeviceOp.Reduce op) {
    String x = call.node().input(0);
    String y = call.node().output();
    Tables.Reduction tables = Tables.Reduction.of(op.axes(), buffers.shape(x));
    return call.of(
        "heluReduce",
        NormKernels::heluReduce,
        buffers.floats(x),
        buffers.floats(y),
        buffers.constant(tables.base()),
        buffers.constant(tables.offsets()),
        buffers.batch(),
        buffers.samples(y),
        buffers.size(y),
        tables.offsets().length,
        buffers.stride(x),
        kernelKind(op.kind()));
  }

  private static int kernelKind(ReduceKind kind) {
    return switch (kind) {
      case MEAN -> 0;
      case SUM -> 1;
      case PROD -> 2;
      case MAX -> 3;
      case MIN -> 4;
    };
  }

  static KernelCall softmax(KernelCall.Factory call, Buffers buffers, DeviceOp.Softmax op) {
    String x = call.node().input(0);
    String y = call.node().output();
    Shape shape = buffers.shape(x);
    int axis = op.axis() < 0 ? op.axis() + shape.rank() : op.axis();
    int inner = 1;
    for (int a = axis + 1; a < shape.rank(); a++) {
      inner *= shape.dim(a);
    }
    int size = shape.dim(axis);
    return call.of(
        "heluSoftmax",
        NormKernels::heluSoftmax,
        buffers.floats(x),
        buffers.floats(y),
        buffers.batch(),
        buffers.samples(y),
        buffers.size(y) / size,
        size,
        inner,
        op.log() ? 1 : 0);
  }

  static KernelCall layerNorm(KernelCall.Factory call, Buffers buffers, DeviceOp.LayerNorm op) {
    Node node = call.node();
    String x = node.input(0);
    String y = node.output();
    Shape shape = buffers.shape(x);
    int axis = op.axis() < 0 ? op.axis() + shape.rank() : op.axis();
    int size = 1;
    for (int a = axis; a < shape.rank(); a++) {
      size *= shape.dim(a);
    }
    boolean bias = node.inputs().size() == 3;
    FloatArray shift = bias ? buffers.floats(node.input(2)) : buffers.none();
    IntArray scaleIndex = buffers.constant(Tables.broadcast(buffers.shape(node.input(1)), shape));
    IntArray biasIndex =
        bias
            ? buffers.constant(Tables.broadcast(buffers.shape(node.input(2)), shape))
            : buffers.constant(0);
    return call.of(
        "heluLayerNorm",
        NormKernels::heluLayerNorm,
        buffers.floats(x),
        buffers.floats(node.input(1)),
        shift,
        buffers.floats(y),
        scaleIndex,
        biasIndex,
        buffers.batch(),
        buffers.samples(y),
        buffers.size(y) / size,
        size,
        bias ? 1 : 0,
        op.epsilon());
  }
}
