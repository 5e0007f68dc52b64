package org.helu.device.tornado;

import org.helu.device.tornado.kernel.ElementwiseKernels;
import org.helu.device.tornado.kernel.IntegerKernels;
import org.helu.device.tornado.kernel.MoveKernels;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.tensor.ElementType;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Calls of the element-wise ops. */
final class ElementwiseLowering {
  private ElementwiseLowering() {}

  static KernelCall gate(KernelCall.Factory call, Buffers buffers) {
    String x = call.node().input(0);
    String y = call.node().output();
    return call.of(
        "heluGate",
        ElementwiseKernels::heluGate,
        buffers.floats(x),
        buffers.floats(y),
        buffers.batch(),
        buffers.samples(y),
        buffers.size(y));
  }

  static KernelCall unary(KernelCall.Factory call, Buffers buffers, DeviceOp.Unary op) {
    String x = call.node().input(0);
    String y = call.node().output();
    IntArray batch = buffers.batch();
    int samples = buffers.samples(y);
    int size = buffers.size(y);
    int kind = op.kind().ordinal();
    return switch (buffers.element(y)) {
      case FLOAT32 ->
          call.of(
              "heluUnary",
              ElementwiseKernels::heluUnary,
              buffers.floats(x),
              buffers.floats(y),
              batch,
              samples,
              size,
              kind,
              op.a(),
              op.b());
      case INT64 ->
          call.of(
              "heluLongUnary",
              IntegerKernels::heluLongUnary,
              buffers.longs(x),
              buffers.longs(y),
              batch,
              samples,
              size,
              kind,
              (long) op.a(),
              (long) op.b());
      default ->
          call.of(
              "heluIntUnary",
              IntegerKernels::heluIntUnary,
              buffers.ints(x),
              buffers.ints(y),
              batch,
              samples,
              size,
              kind,
              (int) op.a(),
              (int) op.b());
    };
  }

  static KernelCall binary(KernelCall.Factory call, Buffers buffers, DeviceOp.Binary op) {
    Node node = call.node();
    String a = node.input(0);
    String b = node.input(1);
    String y = node.output();
    ElementType element = buffers.element(a);
    IntArray batch = buffers.batch();
    int samples = buffers.samples(y);
    int size = buffers.size(y);
    int aStride = buffers.stride(a);
    int bStride = buffers.stride(b);
    int kind = op.kind().ordinal();
    boolean predicate = op.kind().isPredicate();
    if (!predicate
        && element == ElementType.FLOAT32
        && buffers.size(a) == size
        && buffers.size(b) == size) {
      return call.of(
          "heluBinary",
          ElementwiseKernels::heluBinary,
          buffers.floats(a),
          buffers.floats(b),
          buffers.floats(y),
          batch,
          samples,
          size,
          aStride,
          bStride,
          kind);
    }
    IntArray ai = buffers.constant(Tables.broadcast(buffers.shape(a), buffers.shape(y)));
    IntArray bi = buffers.constant(Tables.broadcast(buffers.shape(b), buffers.shape(y)));
    return switch (element) {
      case FLOAT32 ->
          predicate
              ? call.of(
                  "heluCompare",
                  ElementwiseKernels::heluCompare,
                  buffers.floats(a),
                  buffers.floats(b),
                  buffers.ints(y),
                  ai,
                  bi,
                  batch,
                  samples,
                  size,
                  aStride,
                  bStride,
                  kind)
              : call.of(
                  "heluBinaryIndexed",
                  ElementwiseKernels::heluBinaryIndexed,
                  buffers.floats(a),
                  buffers.floats(b),
                  buffers.floats(y),
                  ai,
                  bi,
                  batch,
                  samples,
                  size,
                  aStride,
                  bStride,
                  kind);
      case INT64 ->
          predicate
              ? call.of(
                  "heluLongCompare",
                  IntegerKernels::heluLongCompare,
                  buffers.longs(a),
                  buffers.longs(b),
                  buffers.ints(y),
                  ai,
                  bi,
                  batch,
                  samples,
                  size,
                  aStride,
                  bStride,
                  kind)
              : call.of(
                  "heluLongBinary",
                  IntegerKernels::heluLongBinary,
                  buffers.longs(a),
                  buffers.longs(b),
                  buffers.longs(y),
                  ai,
                  bi,
                  batch,
                  samples,
                  size,
                  aStride,
                  bStride,
                  kind);
      default ->
          predicate
              ? call.of(
                  "heluIntCompare",
                  IntegerKernels::heluIntCompare,
                  buffers.ints(a),
                  buffers.ints(b),
                  buffers.ints(y),
                  ai,
                  bi,
                  batch,
                  samples,
                  size,
                  aStride,
                  bStride,
                  kind)
              : call.of(
                  "heluIntBinary",
                  IntegerKernels::heluIntBinary,
                  buffers.ints(a),
                  buffers.ints(b),
                  buffers.ints(y),
                  ai,
                  bi,
                  batch,
                  samples,
                  size,
                  aStride,
                  bStride,
                  kind);
    };
  }

  static KernelCall where(KernelCall.Factory call, Buffers buffers) {
    Node node = call.node();
    String c = node.input(0);
    String a = node.input(1);
    String b = node.input(2);
    String y = node.output();
    IntArray condition = buffers.ints(c);
    IntArray ci = buffers.constant(Tables.broadcast(buffers.shape(c), buffers.shape(y)));
    IntArray ai = buffers.constant(Tables.broadcast(buffers.shape(a), buffers.shape(y)));
    IntArray bi = buffers.constant(Tables.broadcast(buffers.shape(b), buffers.shape(y)));
    IntArray batch = buffers.batch();
    int samples = buffers.samples(y);
    int size = buffers.size(y);
    int cStride = buffers.stride(c);
    int aStride = buffers.stride(a);
    int bStride = buffers.stride(b);
    return switch (buffers.element(y)) {
      case FLOAT32 ->
          call.of(
              "heluWhereFloat",
              MoveKernels::heluWhereFloat,
              condition,
              buffers.floats(a),
              buffers.floats(b),
              buffers.floats(y),
              ci,
              ai,
              bi,
              batch,
              samples,
              size,
              cStride,
              aStride,
              bStride);
      case INT64 ->
          call.of(
              "heluWhereLong",
              MoveKernels::heluWhereLong,
              condition,
              buffers.longs(a),
              buffers.longs(b),
              buffers.longs(y),
              ci,
              ai,
              bi,
              batch,
              samples,
              size,
              cStride,
              aStride,
              bStride);
      default ->
          call.of(
              "heluWhereInt",
              MoveKernels::heluWhereInt,
              condition,
              buffers.ints(a),
              buffers.ints(b),
              buffers.ints(y),
              ci,
              ai,
              bi,
              batch,
              samples,
              size,
              cStride,
              aStride,
              bStride);
    };
  }
}
