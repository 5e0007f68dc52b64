package org.helu.device.tornado;

import org.helu.device.tornado.OpenClSource.Mode;
import org.helu.device.tornado.OpenClSource.Operands;
import org.helu.device.tornado.kernel.BitKernels;
import org.helu.device.tornado.kernel.CodeKernels;
import org.helu.device.tornado.kernel.PackedKernels;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Tensor;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * An integer convolution, and its kernel calls in the forms that there are; a dense layer is one by
 * one tap over an image of one line.
 *
 * @param groups of channels
 * @param planes bit planes of the input, 0 where it holds one int a code
 * @param epilogue what becomes of the sums
 * @param batch how many samples a run has
 */
record IntegerLayer(
    KernelCall.Factory call,
    Buffers buffers,
    Image image,
    Window window,
    int groups,
    Codes codes,
    Tensor weight,
    int planes,
    IntegerEpilogue epilogue,
    IntArray batch) {
  private static final int WORD = 64;

  /** A code is stored as the signed byte {@code code - 128} where {@code dp4a} reads it. */
  private static final int DP4A_ZERO = 128;

  /** Samples, and the sizes of one sample's input and output. */
  record Image(int samples, int inH, int inW, int inC, int outH, int outW, int outputs) {
    int pixels() {
      return outH * outW;
    }

    /** Pixels of all samples. */
    long rows() {
      return (long) samples * pixels();
    }
  }

  /** Whether the kernel in OpenCL C computes it. */
  boolean isWritten() {
    return groups == 1 && (planes == 0 || weight.type().planes() == 1);
  }

  private int groupIn() {
    return image.inC / groups;
  }

  /** What BitKernels and PackedKernels call g. */
  private IntArray geometry() {
    return buffers.constant(
        image.inH,
        image.inW,
        image.inC,
        image.outW,
        window.kernelH(),
        window.kernelW(),
        window.strideH(),
        window.strideW(),
        window.dilationH(),
        window.dilationW(),
        window.padTop(),
        window.padLeft(),
        groupIn(),
        image.outputs / groups,
        planes,
        weight.type().planes(),
        (groupIn() + WORD - 1) / WORD,
        codes.step(),
        codes.zero(),
        codes.pad(),
        epilogue.steps(),
        epilogue.high(),
        epilogue.perChannel(),
        ((codes.pad() + codes.zero()) / codes.step() ^ DP4A_ZERO) * 0x01010101);
  }

  /**
   * The kernel in OpenCL C, on bit planes or one int a code; {@code outWords} of packed outputs.
   */
  KernelCall written(TornadoNativeArray x, TornadoNativeArray y, int outWords) {
    boolean packed = planes > 0;
    int[] sizes =
        OpenClSource.sizes(
            packed ? Mode.BIT_PLANES : Mode.CODES,
            image.inH,
            image.inW,
            image.inC,
            image.outW,
            window,
            image.pixels(),
            image.outputs,
            epilogue.kind(),
            codes.step(),
            codes.zero(),
            codes.pad(),
            epilogue.steps(),
            epilogue.high(),
            epilogue.perChannel(),
            planes,
            (groupIn() + WORD - 1) / WORD,
            outWords);
    Operands operands =
        new Operands(
            x,
            packed
                ? buffers.constant(IntegerWeights.planeBlocks(weight))
                : buffers.constant(IntegerWeights.packedBlocks(weight)),
            IntegerWeights.blockedTapSums(buffers, weight),
            epilogue.thresholdBlocks(),
            epilogue.multiplierBlocks(),
            epilogue.residual(),
            y,
            batch,
            buffers.constant(sizes));
    int width = outWords > 0 ? outWords * WORD : image.outputs;
    return OpenClSource.call(call, operands, image.rows(), width);
  }

  /** Bits by one threshold. */
  KernelCall planesToBits(LongArray x, LongArray y) {
    return call.of(
        "heluPlanesToBits",
        BitKernels::heluPlanesToBits,
        x,
        buffers.constant(IntegerWeights.planes(weight)),
        buffers.constant(IntegerWeights.tapSums(weight)),
        epilogue.thresholds(),
        y,
        batch,
        geometry(),
        image.samples,
        image.pixels(),
        image.outputs,
        (image.outputs + WORD - 1) / WORD);
  }

  KernelCall planesToInts(LongArray x, IntArray y) {
    return call.of(
        "heluPlanesToInts",
        BitKernels::heluPlanesToInts,
        x,
        buffers.constant(IntegerWeights.planes(weight)),
        buffers.constant(IntegerWeights.tapSums(weight)),
        epilogue.thresholds(),
        epilogue.multipliers(),
        epilogue.residual(),
        y,
        batch,
        geometry(),
        image.samples,
        image.pixels(),
        image.outputs,
        epilogue.kind());
  }

  /** One int a code, in the form that is preferred. */
  KernelCall codesToInts(IntArray x, IntArray y, KernelForm form) {
    if (groups > 1 || form.isForCpu()) {
      return call.of(
          "heluCodesToInts",
          CodeKernels::heluCodesToInts,
          x,
          buffers.constant(IntegerWeights.transposed(weight)),
          epilogue.thresholds(),
          epilogue.multipliers(),
          epilogue.residual(),
          y,
          batch,
          geometry(),
          image.samples,
          image.pixels(),
          image.outputs,
          epilogue.kind());
    }
    if (form == KernelForm.TILED_DP4A && isForDp4a()) {
      int factor = DP4A_ZERO * codes.step() - codes.zero();
      return call.of(
              "heluCodesDp4aTiled",
              PackedKernels::heluCodesDp4aTiled,
              new KernelContext(),
              x,
              buffers.constant(IntegerWeights.packed(weight)),
              buffers.constant(IntegerWeights.outputSums(weight, factor)),
              epilogue.thresholds(),
              epilogue.multipliers(),
              epilogue.residual(),
              y,
              batch,
              geometry(),
              image.pixels(),
              image.outputs,
              epilogue.kind())
          .over(MatrixLowering.tiles(image.rows(), image.outputs));
    }
    return call.of(
        "heluPackedToInts",
        PackedKernels::heluPackedToInts,
        x,
        buffers.constant(IntegerWeights.packed(weight)),
        epilogue.thresholds(),
        epilogue.multipliers(),
        epilogue.residual(),
        y,
        batch,
        geometry(),
        image.samples,
        image.pixels(),
        image.outputs,
        epilogue.kind());
  }

  /** Whether it fills tiles, and padding has a code. */
  private boolean isForDp4a() {
    boolean padded = (codes.pad() + codes.zero()) % codes.step() == 0;
    return padded && MatrixLowering.isTiled(image.rows(), window.taps() * image.inC, image.outputs);
  }
}
