package org.helu.device.tornado;

import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Tensor;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

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

  /** One-bit weights {@code [O,C]} to {@code [O/16,ceil(C/4),16]} ints of four signed bytes. */
  static long[] signs(Tensor weight) {
    int[] packed = packed(weight);
    int outputs = weight.shape().dim(0);
    int packs = packed.length / outputs;
    int lanes = OpenClSource.OUTPUTS;
    long[] words = new long[(outputs + lanes - 1) / lanes * packs * lanes / 2];
    for (int i = 0; i < packed.length; i++) {
      int o = i % outputs;
      int at = (o / lanes * packs + i / outputs) * lanes + o % lanes;
      words[at / 2] |= (packed[i] & 0xffffffffL) << at % 2 * 32;
    }
    return words;
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

  private static int[] values(Tensor weight) {
    int[] values = new int[Math.toIntExact(weight.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (int) value(weight, i);
    }
    return values;
  }

  /** {@code [O/16,taps*C,16]}: one int a weight, or where they are bits their words. */
  static TornadoNativeArray blocked(Buffers buffers, Tensor weight, boolean packed) {
    int outputs = weight.shape().dim(0);
    int taps = Math.toIntExact(weight.type().rows()) / outputs;
    return packed
        ? buffers.constant(
            OpenClSource.blocked(planes(weight), outputs, taps * weight.type().wordsPerRow()))
        : buffers.constant(
            OpenClSource.blocked(values(weight), outputs, taps * weight.shape().last()));
  }

  /** {@link #tapSums} as {@code [O/16,taps,16]}. */
  static IntArray blockedTapSums(Buffers buffers, Tensor weight) {
    int outputs = weight.shape().dim(0);
    int taps = Math.toIntExact(weight.type().rows()) / outputs;
    return buffers.constant(OpenClSource.blocked(tapSums(weight), outputs, taps));
  }
}
