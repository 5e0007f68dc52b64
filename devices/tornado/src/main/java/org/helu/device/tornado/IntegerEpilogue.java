package org.helu.device.tornado;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.tensor.Tensor;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * What becomes of an integer layer's sums, with its parameters in the layouts of the kernels.
 * Affine is none: it follows in a kernel of its own.
 *
 * @param kind as CodeFunctions.stored has it
 * @param steps of a Threshold
 * @param high the highest code of a Requantize
 * @param divisor of a Requantize, a power of two
 * @param parameters one row for all channels or a row for each; null where there are none
 * @param residual what a Requantize adds; any where it adds nothing
 */
record IntegerEpilogue(
    Buffers buffers,
    int kind,
    int steps,
    int high,
    long divisor,
    Tensor parameters,
    IntArray residual) {
  private static final int LANES = OpenClSource.OUTPUTS;

  /**
   * @param epilogue null where sums are stored
   * @param parameters the value that holds them
   * @param residual null where nothing is added
   */
  static IntegerEpilogue of(
      Buffers buffers, Epilogue epilogue, String parameters, String residual) {
    IntArray added = residual == null ? buffers.noInts() : buffers.ints(residual);
    return switch (epilogue) {
      case Epilogue.Threshold threshold ->
          new IntegerEpilogue(
              buffers, 1, threshold.steps(), 0, 1, buffers.constantTensor(parameters), added);
      case Epilogue.Requantize requantize ->
          new IntegerEpilogue(
              buffers,
              residual == null ? 2 : 3,
              0,
              requantize.high(),
              1L << requantize.shift(),
              buffers.constantTensor(parameters),
              added);
      case null, default -> new IntegerEpilogue(buffers, 0, 0, 0, 1, null, added);
    };
  }

  /** 1 where each channel has its own parameters, else 0. */
  int perChannel() {
    return parameters != null && parameters.shape().dim(0) > 1 ? 1 : 0;
  }

  /** {@code [rows,steps+1]}. */
  IntArray thresholds() {
    return kind == 1 ? buffers.constant(ints(parameters.toLongs())) : buffers.noInts();
  }

  /** {@code [rows,kind]} behind the divisor. */
  LongArray multipliers() {
    return kind >= 2 ? divided(parameters.toLongs()) : buffers.noLongs();
  }

  /** As the kernel in OpenCL C reads them, {@code [blocks,steps+1,16]}. */
  IntArray thresholdBlocks() {
    return kind == 1 ? buffers.constant(ints(blocks(steps + 1))) : buffers.noInts();
  }

  /** As the kernel in OpenCL C reads them, {@code [blocks,kind,16]} behind the divisor. */
  LongArray multiplierBlocks() {
    return kind >= 2 ? divided(blocks(kind)) : buffers.noLongs();
  }

  private LongArray divided(long[] values) {
    return buffers.constant(
        LongStream.concat(LongStream.of(divisor), Arrays.stream(values)).toArray());
  }

  private static int[] ints(long[] values) {
    return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
  }

  /** Sixteen channels to a block; a row that all share is one block, sixteen times the same. */
  private long[] blocks(int count) {
    long[] rows = parameters.toLongs();
    if (perChannel() == 1) {
      return OpenClSource.blocked(rows, rows.length / count, count);
    }
    long[] lanes = new long[count * LANES];
    Arrays.setAll(lanes, i -> rows[i / LANES]);
    return lanes;
  }
}
