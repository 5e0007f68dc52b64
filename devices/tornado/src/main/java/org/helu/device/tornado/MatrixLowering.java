package org.helu.device.tornado;

import java.util.Arrays;
import org.helu.device.tornado.OpenClSource.Mode;
import org.helu.device.tornado.OpenClSource.Operands;
import org.helu.device.tornado.kernel.MatrixKernels;
import org.helu.device.tornado.kernel.TiledKernels;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Shape;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Calls of dense layers, convolutions and matrix products, and the packing of their weights. */
final class MatrixLowering {
  private static final int BLOCK = MatrixKernels.BLOCK;

  /** Half a tile. */
  private static final int MIN_TILED = TiledKernels.TILE / 2;

  private MatrixLowering() {}

  static KernelCall dense(
      KernelCall.Factory call, Buffers buffers, DeviceOp.Dense op, KernelForm form) {
    Node node = call.node();
    Shape w = buffers.shape(node.input(1));
    int rows = buffers.size(node.output()) / w.dim(0);
    float[] weights = buffers.constantTensor(node.input(1)).toFloats();
    boolean bias = op.bias();
    int flags = flags(bias, op.residual(), !op.epilogues().isEmpty());
    return product(call, buffers, weights, w.dim(1), w.dim(0), rows, flags, form);
  }

  /** A dense layer over {@code rows} rows of a sample, whose outputs are side by side. */
  private static KernelCall product(
      KernelCall.Factory call,
      Buffers buffers,
      float[] weights,
      int inputs,
      int outputs,
      int rows,
      int flags,
      KernelForm form) {
    Node node = call.node();
    FloatArray x = buffers.floats(node.input(0));
    FloatArray bias = (flags & 1) != 0 ? buffers.floats(node.input(2)) : buffers.none();
    FloatArray residual =
        (flags & 2) != 0 ? buffers.floats(node.inputs().getLast()) : buffers.none();
    FloatArray y = buffers.floats(node.output());
    IntArray batch = buffers.batchOf(node.output(), 1);
    int samples = buffers.samples(node.output());
    if (form == KernelForm.OPENCL_C) {
      Window one = Window.ofKernel(1, 1);
      int[] sizes =
          OpenClSource.sizes(Mode.FLOATS, 1, rows, inputs, rows, one, rows, outputs, flags);
      FloatArray w = buffers.constant(OpenClSource.blocked(weights, outputs, inputs));
      Operands operands = floats(buffers, x, w, bias, residual, y, batch, sizes);
      return OpenClSource.call(call, operands, (long) samples * rows, outputs);
    }
    if (form.isForCpu() && outputs % BLOCK == 0) {
      FloatArray w = buffers.constant(blockedWeights(weights, outputs, inputs));
      return call.of(
          "heluDense8",
          MatrixKernels::heluDense8,
          x,
          w,
          bias,
          residual,
          y,
          batch,
          samples,
          rows,
          inputs,
          outputs,
          flags);
    }
    FloatArray w = buffers.constant(transposedWeights(weights, outputs, inputs));
    long all = (long) samples * rows;
    if (form.isTiled() && isTiled(all, inputs, outputs)) {
      return call.of(
              "heluDenseTiled",
              TiledKernels::heluDenseTiled,
              new KernelContext(),
              x,
              w,
              bias,
              residual,
              y,
              batch,
              rows,
              inputs,
              outputs,
              flags)
          .over(tiles(all, outputs));
    }
    return call.of(
        "heluDense",
        MatrixKernels::heluDense,
        x,
        w,
        bias,
        residual,
        y,
        batch,
        samples,
        rows,
        inputs,
        outputs,
        flags);
  }

  static KernelCall conv(
      KernelCall.Factory call, Buffers buffers, DeviceOp.Conv2d op, KernelForm form) {
    Node node = call.node();
    Shape in = buffers.shape(node.input(0));
    Shape out = buffers.shape(node.output());
    Window w = op.window();
    float[] weights = buffers.constantTensor(node.input(1)).toFloats();
    int outputs = out.dim(3);
    int groupIn = in.dim(3) / op.groups();
    int flags = flags(op.bias(), op.residual(), !op.epilogues().isEmpty());
    if (w.isPointwise() && op.groups() == 1) {
      int rows = buffers.size(node.output()) / outputs;
      return product(call, buffers, weights, groupIn, outputs, rows, flags, form);
    }
    FloatArray bias = op.bias() ? buffers.floats(node.input(2)) : buffers.none();
    FloatArray residual = op.residual() ? buffers.floats(node.inputs().getLast()) : buffers.none();
    int pixels = out.dim(1) * out.dim(2);
    FloatArray x = buffers.floats(node.input(0));
    FloatArray y = buffers.floats(node.output());
    // A static shape's first dimension counts samples too.
    int samples = out.isBatched() ? buffers.samples(node.output()) : out.dim(0);
    IntArray batch = buffers.batchOf(node.output(), samples);
    int terms = w.taps() * groupIn;
    if (form == KernelForm.OPENCL_C && op.groups() == 1) {
      int inH = in.dim(1);
      int inW = in.dim(2);
      int[] sizes =
          OpenClSource.sizes(
              Mode.FLOATS, inH, inW, in.dim(3), out.dim(2), w, pixels, outputs, flags);
      FloatArray packed = buffers.constant(OpenClSource.blocked(weights, outputs, terms));
      Operands operands = floats(buffers, x, packed, bias, residual, y, batch, sizes);
      return OpenClSource.call(call, operands, (long) samples * pixels, outputs);
    }
    IntArray geometry =
        buffers.constant(
            in.dim(1),
            in.dim(2),
            in.dim(3),
            out.dim(2),
            w.kernelH(),
            w.kernelW(),
            w.strideH(),
            w.strideW(),
            w.dilationH(),
            w.dilationW(),
            w.padTop(),
            w.padLeft(),
            groupIn,
            outputs / op.groups());
    if (form.isForCpu() && op.groups() == 1 && outputs % BLOCK == 0) {
      FloatArray packed = buffers.constant(blockedWeights(weights, outputs, terms));
      return call.of(
          "heluConv2d8",
          MatrixKernels::heluConv2d8,
          x,
          packed,
          bias,
          residual,
          y,
          batch,
          geometry,
          samples,
          pixels,
          outputs,
          flags);
    }
    FloatArray packed = buffers.constant(transposedWeights(weights, outputs, terms));
    long all = (long) samples * pixels;
    if (form.isTiled() && op.groups() == 1 && isTiled(all, terms, outputs)) {
      return call.of(
              "heluConv2dTiled",
              TiledKernels::heluConv2dTiled,
              new KernelContext(),
              x,
              packed,
              bias,
              residual,
              y,
              batch,
              geometry,
              pixels,
              outputs,
              terms,
              flags)
          .over(tiles(all, outputs));
    }
    return call.of(
        "heluConv2d",
        MatrixKernels::heluConv2d,
        x,
        packed,
        bias,
        residual,
        y,
        batch,
        geometry,
        samples,
        pixels,
        outputs,
        flags);
  }

  private static Operands floats(
      Buffers buffers,
      FloatArray x,
      FloatArray w,
      FloatArray bias,
      FloatArray residual,
      FloatArray y,
      IntArray batch,
      int[] sizes) {
    IntArray g = buffers.constant(sizes);
    return new Operands(x, w, bias, buffers.noInts(), buffers.noLongs(), residual, y, batch, g);
  }

  /** Whether a layer fills a good part of the tiles that it would be cut into. */
  static boolean isTiled(long rows, int terms, int outputs) {
    return rows >= MIN_TILED && terms >= TiledKernels.ITEMS && outputs >= MIN_TILED;
  }

  static KernelCall.Grid tiles(long rows, int outputs) {
    int items = TiledKernels.ITEMS;
    long down = (rows + TiledKernels.TILE - 1) / TiledKernels.TILE;
    int across = (outputs + TiledKernels.TILE - 1) / TiledKernels.TILE;
    return new KernelCall.Grid(across * items, Math.toIntExact(down * items), items, items);
  }

  private static int flags(boolean bias, boolean residual, boolean gate) {
    return (bias ? 1 : 0) + (residual ? 2 : 0) + (gate ? 4 : 0);
  }

  /** {@code [O,K]} to {@code [K,O]}: neighbouring outputs read neighbouring weights. */
  static float[] transposedWeights(float[] w, int outputs, int terms) {
    float[] packed = new float[w.length];
    for (int o = 0; o < outputs; o++) {
      for (int k = 0; k < terms; k++) {
        packed[k * outputs + o] = w[o * terms + k];
      }
    }
    return packed;
  }

  /** {@code [O,K]} to {@code [O/8,K,8]}. */
  static float[] blockedWeights(float[] w, int outputs, int terms) {
    float[] packed = new float[w.length];
    for (int o = 0; o < outputs; o++) {
      for (int k = 0; k < terms; k++) {
        packed[(o / BLOCK * terms + k) * BLOCK + o % BLOCK] = w[o * terms + k];
      }
    }
    return packed;
  }

  static KernelCall matMul(KernelCall.Factory call, Buffers buffers) {
    Node node = call.node();
    String a = node.input(0);
    String b = node.input(1);
    String y = node.output();
    int[] left = Tables.sample(buffers.shape(a));
    int[] right = Tables.sample(buffers.shape(b));
    // A batched [N,K] is one row a sample; vectors are a row or a column.
    int m = left.length == 1 ? 1 : left[left.length - 2];
    int k = left[left.length - 1];
    int n = right.length == 1 ? 1 : right[right.length - 1];
    int[] leftOuter = Arrays.copyOf(left, Math.max(0, left.length - 2));
    int[] rightOuter = Arrays.copyOf(right, Math.max(0, right.length - 2));
    boolean batched = buffers.shape(y).isBatched();
    if (batched && !buffers.shape(a).isBatched()) {
      leftOuter = withoutBatch(leftOuter, buffers.shape(b).rank() - 2);
    }
    if (batched && !buffers.shape(b).isBatched()) {
      rightOuter = withoutBatch(rightOuter, buffers.shape(a).rank() - 2);
    }
    int[] outer = outer(leftOuter, rightOuter);
    int matrices = 1;
    for (int dim : outer) {
      matrices *= dim;
    }
    return call.of(
        "heluBatchMatMul",
        MatrixKernels::heluBatchMatMul,
        buffers.floats(a),
        buffers.floats(b),
        buffers.floats(y),
        buffers.constant(scaled(Tables.broadcast(leftOuter, outer), m * k)),
        buffers.constant(scaled(Tables.broadcast(rightOuter, outer), k * n)),
        buffers.batch(),
        buffers.samples(y),
        matrices,
        m,
        k,
        n,
        buffers.stride(a),
        buffers.stride(b));
  }

  /** Drops the dimension (1) that stands against the other operand's batch, if there is one. */
  private static int[] withoutBatch(int[] own, int otherOuterRank) {
    boolean has = own.length > 0 && own.length == otherOuterRank;
    return has ? Arrays.copyOfRange(own, 1, own.length) : own;
  }

  private static int[] outer(int[] left, int[] right) {
    int[] outer = new int[Math.max(left.length, right.length)];
    for (int i = 0; i < outer.length; i++) {
      int l = i - outer.length + left.length;
      int r = i - outer.length + right.length;
      int leftDim = l < 0 ? 1 : left[l];
      outer[i] = leftDim == 1 && r >= 0 ? right[r] : leftDim;
    }
    return outer;
  }

  private static int[] scaled(int[] table, int factor) {
    for (int i = 0; i < table.length; i++) {
      table[i] *= factor;
    }
    return table;
  }
}
