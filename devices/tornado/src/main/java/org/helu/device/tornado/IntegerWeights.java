package org.helu.device.tornado;

import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Tensor;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Weights of integer layers, {@code [O,taps,C]}, in the layouts of the kernels. */
final class IntegerWeights {
  private static final int WORD = 64;

  private IntegerWeights() {}

  private static long value(Tensor weight, long index) {
    return weight.type().elementType() == ElementType.BIT
        ? 2 * weight.getLong(index) - 1
        : weight.getLong(index);
  }

  /** Sums of the weights of each output and tap. */
  static int[] tapSums(Tensor weight) {
    int channels = weight.shape().last();
    int[] sums = new int[Math.toIntExact(weight.type().rows())];
    for (int i = 0; i < weight.elements(); i++) {
      sums[i / channels] += (int) value(weight, i);
    }
    return sums;
  }

  /** {@code [O,taps,C]} as bit planes {@code [O,taps,planes,words]}: one, or INT8's eight. */
  static long[] planes(Tensor weight) {
    int channels = weight.shape().last();
    int words = weight.type().wordsPerRow();
    int planes = weight.type().planes();
    long[] packed = new long[Math.toIntExact(weight.type().rows() * planes * words)];
    for (int i = 0; i < weight.elements(); i++) {
      int c = i % channels;
      for (int p = 0; p < planes; p++) {
        long bit = weight.getLong(i) >> p & 1;
        packed[(i / channels * planes + p) * words + c / WORD] |= bit << c % WORD;
      }
    }
    return packed;
  }

  /** {@code [O,taps,C]} to {@code [taps,C,O]}, one int a weight. */
  static int[] transposed(Tensor weight) {
    int outputs = weight.shape().dim(0);
    int terms = outputs == 0 ? 0 : Math.toIntExact(weight.elements() / outputs);
    int[] packed = new int[outputs * terms];
    for (int i = 0; i < packed.length; i++) {
      packed[i % terms * outputs + i / terms] = (int) value(weight, i);
    }
    return packed;
  }

  /** {@code [O,taps,C]} to {@code [taps,ceil(C/4),O]}, four channels to an int as signed bytes. */
  static int[] packed(Tensor weight) {
    int channels = weight.shape().last();
    int outputs = weight.shape().dim(0);
    int taps = Math.toIntExact(weight.type().rows()) / outputs;
    int packs = (channels + 3) / 4;
    int[] packed = new int[taps * packs * outputs];
    for (int i = 0; i < weight.elements(); i++) {
      int c = i % channels;
      int tap = i / channels % taps;
      int pack = tap * packs + c / 4;
      int value = (int) value(weight, i) & 0xff;
      packed[pack * outputs + i / channels / taps] |= value << c % 4 * 8;
    }
    return packed;
  }

  /** {@link #packed} as {@code [O/16,taps*ceil(C/4),16]}. */
  static int[] packedBlocks(Tensor weight) {
    int[] packed = packed(weight);
    int outputs = weight.shape().dim(0);
    int packs = packed.length / outputs;
    int[] byOutput = new int[packed.length];
    for (int i = 0; i < packed.length; i++) {
      byOutput[i % outputs * packs + i / outputs] = packed[i];
    }
    return OpenClSource.blocked(byOutput, outputs, packs);
  }

  /** Sums of the weights of each output, times {@code factor}. */
  static int[] outputSums(Tensor weight, int factor) {
    int[] sums = new int[weight.shape().dim(0)];
    int[] tapSums = tapSums(weight);
    int taps = tapSums.length / sums.length;
    for (int i = 0; i < tapSums.length; i++) {
      sums[i / taps] += factor * tapSums[i];
    }
    return sums;
  }

  /** Bits as {@code [O/16,taps*words,16]}. */
  static long[] planeBlocks(Tensor weight) {
    int outputs = weight.shape().dim(0);
    int taps = Math.toIntExact(weight.type().rows()) / outputs;
    return OpenClSource.blocked(planes(weight), outputs, taps * weight.type().wordsPerRow());
  }

  /** {@link #tapSums} as {@code [O/16,taps,16]}. */
  static IntArray blockedTapSums(Buffers buffers, Tensor weight) {
    int outputs = weight.shape().dim(0);
    int taps = Math.toIntExact(weight.type().rows()) / outputs;
    return buffers.constant(OpenClSource.blocked(tapSums(weight), outputs, taps));
  }
}
