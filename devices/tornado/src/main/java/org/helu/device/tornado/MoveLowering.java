package org.helu.device.tornado;

import java.util.ArrayList;
import java.util.List;
import org.helu.device.tornado.kernel.CastKernels;
import org.helu.device.tornado.kernel.MoveKernels;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Calls of the ops that move elements, and of conversions. */
final class MoveLowering {
  private MoveLowering() {}

  static KernelCall transpose(KernelCall.Factory call, Buffers buffers, DeviceOp.Transpose op) {
    Node node = call.node();
    Shape in = buffers.shape(node.input(0));
    return move(call, buffers, Tables.transpose(op.perm(), in, buffers.shape(node.output())), 0);
  }

  static KernelCall slice(KernelCall.Factory call, Buffers buffers, DeviceOp.Slice op) {
    Node node = call.node();
    Shape in = buffers.shape(node.input(0));
    return move(call, buffers, Tables.slice(op, in, buffers.shape(node.output())), 0);
  }

  static KernelCall pad(KernelCall.Factory call, Buffers buffers, DeviceOp.Pad op) {
    Node node = call.node();
    Shape in = buffers.shape(node.input(0));
    return move(call, buffers, Tables.pad(op, in, buffers.shape(node.output())), op.value());
  }

  static KernelCall gather(KernelCall.Factory call, Buffers buffers, DeviceOp.Gather op) {
    Node node = call.node();
    Shape in = buffers.shape(node.input(0));
    int axis = op.axis() < 0 ? op.axis() + in.rank() : op.axis();
    int size = in.dim(axis);
    Tensor indices = buffers.constantTensor(node.input(1));
    for (long index : indices.toLongs()) {
      if (index < -size || index >= size) {
        throw HeluException.invalid(
            "device/tornado",
            node.label() + ": index " + index + " is outside axis " + axis + " of " + in,
            "indices must lie in -size..size-1");
      }
    }
    int within = in.isBatched() ? axis - 1 : axis;
    int[] table = Tables.gather(within, Tables.sample(in), indices.toLongs());
    return move(call, buffers, table, 0);
  }

  private static KernelCall move(
      KernelCall.Factory call, Buffers buffers, int[] table, float fill) {
    String x = call.node().input(0);
    String y = call.node().output();
    IntArray index = buffers.constant(table);
    IntArray batch = buffers.batch();
    int samples = buffers.samples(y);
    int size = buffers.size(y);
    int stride = buffers.stride(x);
    return switch (buffers.element(y)) {
      case FLOAT32 ->
          call.of(
              "heluMoveFloat",
              MoveKernels::heluMoveFloat,
              buffers.floats(x),
              buffers.floats(y),
              index,
              batch,
              samples,
              size,
              stride,
              fill);
      case INT64 ->
          call.of(
              "heluMoveLong",
              MoveKernels::heluMoveLong,
              buffers.longs(x),
              buffers.longs(y),
              index,
              batch,
              samples,
              size,
              stride,
              (long) fill);
      default ->
          call.of(
              "heluMoveInt",
              MoveKernels::heluMoveInt,
              buffers.ints(x),
              buffers.ints(y),
              index,
              batch,
              samples,
              size,
              stride,
              (int) fill);
    };
  }

  /** One call an operand. */
  static List<KernelCall> concat(KernelCall.Factory call, Buffers buffers, DeviceOp.Concat op) {
    Node node = call.node();
    String y = node.output();
    Shape out = buffers.shape(y);
    int axis = op.axis() < 0 ? op.axis() + out.rank() : op.axis();
    int inner = 1;
    for (int a = axis + 1; a < out.rank(); a++) {
      inner *= out.dim(a);
    }
    int total = out.dim(axis) * inner;
    List<KernelCall> calls = new ArrayList<>();
    int offset = 0;
    for (String x : node.inputs()) {
      int run = buffers.shape(x).dim(axis) * inner;
      if (buffers.size(x) > 0) {
        calls.add(join(call, buffers, x, y, run, total, offset));
      }
      offset += run;
    }
    return calls;
  }

  private static KernelCall join(
      KernelCall.Factory call,
      Buffers buffers,
      String x,
      String y,
      int run,
      int total,
      int offset) {
    IntArray batch = buffers.batch();
    int samples = buffers.samples(y);
    int size = buffers.size(x);
    int xStride = buffers.stride(x);
    int yStride = buffers.stride(y);
    return switch (buffers.element(y)) {
      case FLOAT32 ->
          call.of(
              "heluJoinFloat",
              MoveKernels::heluJoinFloat,
              buffers.floats(x),
              buffers.floats(y),
              batch,
              samples,
              size,
              xStride,
              yStride,
              run,
              total,
              offset);
      case INT64 ->
          call.of(
              "heluJoinLong",
              MoveKernels::heluJoinLong,
              buffers.longs(x),
              buffers.longs(y),
              batch,
              samples,
              size,
              xStride,
              yStride,
              run,
              total,
              offset);
      default ->
          call.of(
              "heluJoinInt",
              MoveKernels::heluJoinInt,
              buffers.ints(x),
              buffers.ints(y),
              batch,
              samples,
              size,
              xStride,
              yStride,
              run,
              total,
              offset);
    };
  }

  static KernelCall cast(KernelCall.Factory call, Buffers buffers, ElementType to) {
    String x = call.node().input(0);
    String y = call.node().output();
    IntArray batch = buffers.batch();
    int samples = buffers.samples(y);
    int size = buffers.size(y);
    int mode =
        switch (to) {
          case INT8 -> 1;
          case UINT8 -> 2;
          case BOOL -> 3;
          default -> 0;
        };
    return switch (buffers.element(x)) {
      case FLOAT32 ->
          to == ElementType.INT64
              ? call.of(
                  "heluFloatToLong",
                  CastKernels::heluFloatToLong,
                  buffers.floats(x),
                  buffers.longs(y),
                  batch,
                  samples,
                  size,
                  mode)
              : call.of(
                  "heluFloatToInt",
                  CastKernels::heluFloatToInt,
                  buffers.floats(x),
                  buffers.ints(y),
                  batch,
                  samples,
                  size,
                  mode);
      case INT64 ->
          to == ElementType.FLOAT32
              ? call.of(
                  "heluLongToFloat",
                  CastKernels::heluLongToFloat,
                  buffers.longs(x),
                  buffers.floats(y),
                  batch,
                  samples,
                  size,
                  mode)
              : call.of(
                  "heluLongToInt",
                  CastKernels::heluLongToInt,
                  buffers.longs(x),
                  buffers.ints(y),
                  batch,
                  samples,
                  size,
                  mode);
      default ->
          switch (to) {
            case FLOAT32 ->
                call.of(
                    "heluIntToFloat",
                    CastKernels::heluIntToFloat,
                    buffers.ints(x),
                    buffers.floats(y),
                    batch,
                    samples,
                    size,
                    mode);
            case INT64 ->
                call.of(
                    "heluIntToLong",
                    CastKernels::heluIntToLong,
                    buffers.ints(x),
                    buffers.longs(y),
                    batch,
                    samples,
                    size,
                    mode);
            default ->
                call.of(
                    "heluIntToInt",
                    CastKernels::heluIntToInt,
                    buffers.ints(x),
                    buffers.ints(y),
                    batch,
                    samples,
                    size,
                    mode);
          };
    };
  }
}
