package org.helu.device.tornado;

import java.util.ArrayList;
import java.util.List;
import org.helu.device.tornado.IntegerLayer.Image;
import org.helu.device.tornado.kernel.BitKernels;
import org.helu.device.tornado.kernel.CodeKernels;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Calls of integer layers. Bits meet bits in popcounts of whole words; everything else is computed
 * on codes of one int each, packed and unpacked where an edge is packed.
 */
final class IntegerLowering {
  private final KernelCall.Factory call;
  private final Node node;
  private final Buffers buffers;
  private final KernelForm form;
  private final List<KernelCall> calls = new ArrayList<>();
  private final TensorType out;
  private final int samples;
  private final IntArray batch;

  private IntegerLowering(KernelCall.Factory call, Buffers buffers, KernelForm form) {
    this.call = call;
    this.form = form;
    this.node = call.node();
    this.buffers = buffers;
    this.out = buffers.type(node.output());
    // One of a static shape's dimensions may count samples; here all of them are rows of one.
    this.samples = buffers.samples(node.output());
    this.batch = buffers.batchOf(node.output(), 1);
  }

  static List<KernelCall> calls(
      KernelCall.Factory call, Buffers buffers, IntegerOp op, KernelForm form) {
    IntegerLowering lowering = new IntegerLowering(call, buffers, form);
    switch (op) {
      case IntegerOp.IntegerDense dense -> lowering.dense(dense);
      case IntegerOp.IntegerConv2d conv -> lowering.conv(conv);
      case IntegerOp.Convert convert -> lowering.convert(convert);
    }
    return lowering.calls;
  }

  static List<KernelCall> maxPool(
      KernelCall.Factory call, Buffers buffers, DeviceOp.Pool2d op, KernelForm form) {
    IntegerLowering lowering = new IntegerLowering(call, buffers, form);
    lowering.maxPool(op);
    return lowering.calls;
  }

  /** A dense layer is a convolution by one tap over an image of one line. */
  private void dense(IntegerOp.IntegerDense op) {
    Shape in = buffers.shape(node.input(0));
    int rows = rows(node.input(0));
    Image image = new Image(samples, 1, rows, in.last(), 1, rows, out.shape().last());
    layer(image, Window.ofKernel(1, 1), 1, op.codes(), op.residual(), op.epilogues());
  }

  private void conv(IntegerOp.IntegerConv2d op) {
    Shape in = buffers.shape(node.input(0));
    Shape y = out.shape();
    int count = y.isBatched() ? samples : y.dim(0);
    Image image = new Image(count, in.dim(1), in.dim(2), in.dim(3), y.dim(1), y.dim(2), y.dim(3));
    layer(image, op.window(), op.groups(), op.codes(), op.residual(), op.epilogues());
  }

  private void layer(
      Image image,
      Window window,
      int groups,
      Codes codes,
      boolean residual,
      List<Epilogue> epilogues) {
    Tensor weight = buffers.constantTensor(node.input(1));
    Epilogue epilogue = epilogues.isEmpty() ? null : epilogues.getFirst();
    boolean planes = buffers.element(node.input(0)) == ElementType.BIT && groups == 1;
    IntegerLayer layer =
        new IntegerLayer(
            call,
            buffers,
            image,
            window,
            groups,
            codes,
            weight,
            planes ? buffers.type(node.input(0)).planes() : 0,
            IntegerEpilogue.of(
                buffers,
                epilogue,
                epilogue == null || epilogue.parameterType() == null ? null : node.input(2),
                residual ? node.inputs().getLast() : null),
            // A static shape's first dimension counts samples too.
            out.shape().isBatched() ? batch : buffers.constant(image.samples()));
    boolean written = form == KernelForm.OPENCL_C && layer.isWritten();
    boolean bits = out.elementType() == ElementType.BIT && out.planes() == 1;
    if (planes && bits && !written) {
      calls.add(layer.planesToBits(buffers.longs(node.input(0)), buffers.longs(node.output())));
      return;
    }
    boolean direct =
        out.elementType() == ElementType.UINT8 || epilogue == null || (bits && written);
    TornadoNativeArray y = direct ? buffers.array(node.output()) : buffers.scratch(out.shape());
    KernelCall sums;
    if (written) {
      TornadoNativeArray x = planes ? buffers.longs(node.input(0)) : codes(0);
      sums = layer.written(x, y, bits ? out.wordsPerRow() : 0);
    } else if (planes) {
      sums = layer.planesToInts(buffers.longs(node.input(0)), (IntArray) y);
    } else {
      sums = layer.codesToInts(codes(0), (IntArray) y, form);
    }
    calls.add(direct ? sums : sums.writing(y));
    if (epilogue instanceof Epilogue.Affine) {
      affine((IntArray) y, 2, epilogues.size() == 2);
    } else if (!direct) {
      pack((IntArray) y);
    }
  }

  private void convert(IntegerOp.Convert op) {
    String x = node.input(0);
    int size = buffers.size(node.output());
    int channels = out.shape().last();
    boolean bits = out.elementType() == ElementType.BIT;
    boolean floats = buffers.element(x) == ElementType.FLOAT32;
    int rows = node.inputs().size() == 2 && buffers.shape(node.input(1)).dim(0) > 1 ? 1 : 0;
    if (op.epilogue() instanceof Epilogue.Affine) {
      affine(codes(0), 1, false);
      return;
    }
    IntArray y = bits ? buffers.scratch(out.shape()) : buffers.ints(node.output());
    KernelCall codes =
        switch (op.epilogue()) {
          case Epilogue.Quantize quantize when form == KernelForm.OPENCL_C ->
              OpenClSource.quantize(
                  call,
                  buffers,
                  buffers.floats(x),
                  y,
                  batch,
                  quantize,
                  size,
                  (long) samples * size);
          case Epilogue.Quantize(float scale, int zeroPoint, int high) ->
              call.of(
                  "heluQuantize",
                  CodeKernels::heluQuantize,
                  buffers.floats(x),
                  y,
                  batch,
                  samples,
                  size,
                  scale,
                  zeroPoint,
                  high);
          case Epilogue.Threshold threshold when floats ->
              call.of(
                  "heluFloatThreshold",
                  CodeKernels::heluFloatThreshold,
                  buffers.floats(x),
                  buffers.floats(node.input(1)),
                  y,
                  batch,
                  samples,
                  size,
                  channels,
                  rows,
                  threshold.steps());
          default -> {
            IntegerEpilogue epilogue =
                IntegerEpilogue.of(buffers, op.epilogue(), node.input(1), null);
            int[] g = new int[23];
            g[20] = epilogue.steps();
            g[21] = epilogue.high();
            g[22] = rows;
            yield call.of(
                "heluConvertInts",
                CodeKernels::heluConvertInts,
                codes(0),
                epilogue.thresholds(),
                epilogue.multipliers(),
                y,
                batch,
                buffers.constant(g),
                samples,
                size,
                channels,
                epilogue.kind());
          }
        };
    calls.add(bits ? codes.writing(y) : codes);
    if (bits) {
      pack(y);
    }
  }

  private void maxPool(DeviceOp.Pool2d op) {
    String x = node.input(0);
    Shape in = buffers.shape(x);
    Shape y = out.shape();
    IntArray g = NormLowering.window(buffers, in, y, op.window());
    int count = y.isBatched() ? samples : y.dim(0);
    IntArray counted = y.isBatched() ? batch : buffers.constant(count);
    int pixels = y.dim(1) * y.dim(2);
    if (out.elementType() == ElementType.BIT && out.planes() == 1) {
      calls.add(
          call.of(
              "heluBitPool",
              BitKernels::heluBitPool,
              buffers.longs(x),
              buffers.longs(node.output()),
              counted,
              g,
              count,
              pixels,
              out.wordsPerRow()));
      return;
    }
    boolean bits = out.elementType() == ElementType.BIT;
    IntArray codes = codes(0);
    IntArray pooled = bits ? buffers.scratch(y) : buffers.ints(node.output());
    KernelCall pool =
        call.of(
            "heluIntPool",
            CodeKernels::heluIntPool,
            codes,
            pooled,
            counted,
            g,
            count,
            pixels,
            y.dim(3),
            out.elementType() == ElementType.INT32 ? Integer.MIN_VALUE : 0);
    calls.add(bits ? pool.writing(pooled) : pool);
    if (bits) {
      pack(pooled);
    }
  }

  private void affine(IntArray x, int parameters, boolean gate) {
    calls.add(
        call.of(
            "heluAffine",
            CodeKernels::heluAffine,
            x,
            buffers.floats(node.input(parameters)),
            buffers.floats(node.output()),
            batch,
            samples,
            buffers.size(node.output()),
            out.shape().last(),
            buffers.shape(node.input(parameters)).dim(0) > 1 ? 1 : 0,
            gate ? 1 : 0));
  }

  /** An input as one int a code or sum; packed ones are unpacked before. */
  private IntArray codes(int input) {
    String x = node.input(input);
    TensorType type = buffers.type(x);
    if (type.elementType() != ElementType.BIT) {
      return buffers.ints(x);
    }
    IntArray codes = buffers.scratch(type.shape());
    KernelCall unpack =
        call.of(
            "heluUnpack",
            BitKernels::heluUnpack,
            buffers.longs(x),
            codes,
            batch,
            samples,
            rows(x),
            type.shape().last(),
            type.planes());
    calls.add(unpack.writing(codes));
    return codes;
  }

  private void pack(IntArray codes) {
    calls.add(
        call.of(
            "heluPack",
            BitKernels::heluPack,
            codes,
            buffers.longs(node.output()),
            batch,
            samples,
            rows(node.output()),
            out.shape().last(),
            out.planes()));
  }

  /** Rows (all dimensions but the last) of one sample. */
  private int rows(String value) {
    int last = buffers.shape(value).last();
    return last == 0 ? 0 : buffers.size(value) / last;
  }
}
