package org.helu.device.tornado.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.utils.QuantizationUtils;

/**
 * Integer layers of one group on codes of one int each, with weights packed four channels to an int
 * ({@link PackedCodes}): {@code w [kH,kW,ceil(C/4),O]}, zeros beyond the last channel. The array
 * {@code g} is that of {@link BitKernels}, with one more place, 23: four times the code of padding,
 * packed.
 */
public final class PackedKernels {
  /** The left tile's row of 64 is one longer: items that write a column then use all banks. */
  private static final int PITCH = 65;

  private PackedKernels() {}

  /** One output an iteration, the weights taken apart: for every backend. */
  public static void heluPackedToInts(
      IntArray x,
      IntArray w,
      IntArray thresholds,
      LongArray multipliers,
      IntArray residual,
      IntArray y,
      IntArray batch,
      IntArray g,
      int maxBatch,
      int pixels,
      int outputs,
      int kind) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < pixels * outputs; i++) {
        if (n < batch.get(0)) {
          int o = i % outputs;
          int pixel = i / outputs;
          int inH = g.get(0);
          int inW = g.get(1);
          int inC = g.get(2);
          int packs = (inC + 3) / 4;
          int top = pixel / g.get(3) * g.get(6) - g.get(10);
          int left = pixel % g.get(3) * g.get(7) - g.get(11);
          int kH = g.get(4);
          int kW = g.get(5);
          int scale = g.get(17);
          int zero = g.get(18);
          int border = g.get(19);
          int sum = 0;
          for (int kh = 0; kh < kH; kh++) {
            int ih = top + kh * g.get(8);
            for (int kw = 0; kw < kW; kw++) {
              int iw = left + kw * g.get(9);
              int weight = (kh * kW + kw) * packs * outputs + o;
              // Both kinds of taps in one expression: of an else branch TornadoVM made a wrong sum.
              int inside = ih >= 0 && ih < inH && iw >= 0 && iw < inW ? 1 : 0;
              int from = inside * ((n * inH + ih) * inW + iw) * inC;
              int factor = inside * scale;
              int offset = inside * zero - (1 - inside) * border;
              for (int p = 0; p < packs; p++) {
                int word = w.get(weight + p * outputs);
                int at = from + p * 4;
                int more = inC - p * 4;
                int second = more > 1 ? 1 : 0;
                int third = more > 2 ? 2 : 0;
                int fourth = more > 3 ? 3 : 0;
                int a = (factor * x.get(at) - offset) * PackedCodes.first(word);
                int b = (factor * x.get(at + second) - offset) * PackedCodes.second(word);
                int c = (factor * x.get(at + third) - offset) * PackedCodes.third(word);
                int d = (factor * x.get(at + fourth) - offset) * PackedCodes.fourth(word);
                sum = sum + a + b + c + d;
              }
            }
          }
          int at = n * pixels * outputs + i;
          y.set(at, CodeFunctions.stored(sum, thresholds, multipliers, residual, g, o, at, kind));
        }
      }
    }
  }

  /** Four codes of a pixel, or those of padding. */
  private static int codes(IntArray x, IntArray g, int base, int top, int left, int c, int valid) {
    int word = g.get(23);
    if (valid != 0 && top >= 0 && top < g.get(0) && left >= 0 && left < g.get(1)) {
      int at = ((base + top) * g.get(1) + left) * g.get(2) + c;
      word = PackedCodes.packedAt(x, at, g.get(2) - c);
    }
    return word;
  }

  private static int weight(IntArray w, int pack, int o, int packs, int outputs) {
    int word = 0;
    if (pack < packs && o < outputs) {
      word = w.get(pack * outputs + o);
    }
    return word;
  }

  /** One of four sums: sixteen copies of an epilogue would be more than TornadoVM inlines. */
  private static int chosen(int i, int s0, int s1, int s2, int s3) {
    int low = i == 0 ? s0 : s1;
    int high = i == 2 ? s2 : s3;
    return i < 2 ? low : high;
  }

  /**
   * Tiles as in {@link TiledKernels}, of sixteen packs, multiplied by {@code dp4a}: PTX and CUDA
   * only. With the signed bytes {@code s = code - 128}, {@code sum (step code - zero) w = step sum
   * s w + (128 step - zero) sum w}; taps outside of the image read the code of padding.
   *
   * @param corrections {@code (128 step - zero) sum w} of each output
   * @param pixels outH × outW
   */
  public static void heluCodesDp4aTiled(
      KernelContext context,
      IntArray x,
      IntArray w,
      IntArray corrections,
      IntArray thresholds,
      LongArray multipliers,
      IntArray residual,
      IntArray y,
      IntArray batch,
      IntArray g,
      int pixels,
      int outputs,
      int kind) {
    int[] left = context.allocateIntLocalArray(16 * PITCH);
    int[] right = context.allocateIntLocalArray(16 * 64);
    int column = context.localIdx;
    int row = context.localIdy;
    int item = row * 16 + column;
    int from = context.groupIdx * 64;
    int first = context.groupIdy * 64;
    int total = batch.get(0) * pixels;
    int tapPacks = (g.get(2) + 3) / 4;
    int packs = g.get(4) * g.get(5) * tapPacks;
    // The same for a whole work-group, whose items wait for each other.
    int tiles = first < total ? (packs + 15) / 16 : 0;
    // An item fetches the same four pixels' codes in every tile.
    int p0 = (first + row) % pixels;
    int n0 = (first + row) / pixels * g.get(0);
    int h0 = p0 / g.get(3) * g.get(6) - g.get(10);
    int v0 = p0 % g.get(3) * g.get(7) - g.get(11);
    int p1 = (first + row + 16) % pixels;
    int n1 = (first + row + 16) / pixels * g.get(0);
    int h1 = p1 / g.get(3) * g.get(6) - g.get(10);
    int v1 = p1 % g.get(3) * g.get(7) - g.get(11);
    int p2 = (first + row + 32) % pixels;
    int n2 = (first + row + 32) / pixels * g.get(0);
    int h2 = p2 / g.get(3) * g.get(6) - g.get(10);
    int v2 = p2 % g.get(3) * g.get(7) - g.get(11);
    int p3 = (first + row + 48) % pixels;
    int n3 = (first + row + 48) / pixels * g.get(0);
    int h3 = p3 / g.get(3) * g.get(6) - g.get(10);
    int v3 = p3 % g.get(3) * g.get(7) - g.get(11);
    int s00 = 0;
    int s01 = 0;
    int s02 = 0;
    int s03 = 0;
    int s10 = 0;
    int s11 = 0;
    int s12 = 0;
    int s13 = 0;
    int s20 = 0;
    int s21 = 0;
    int s22 = 0;
    int s23 = 0;
    int s30 = 0;
    int s31 = 0;
    int s32 = 0;
    int s33 = 0;
    for (int t = 0; t < tiles; t++) {
      int pack = t * 16 + column;
      int c = pack % tapPacks * 4;
      int tap = pack / tapPacks;
      int down = tap / g.get(5) * g.get(8);
      int across = tap % g.get(5) * g.get(9);
      int in0 = first + row < total && pack < packs ? 1 : 0;
      left[column * PITCH + row] = codes(x, g, n0, h0 + down, v0 + across, c, in0);
      int in1 = first + row + 16 < total && pack < packs ? 1 : 0;
      left[column * PITCH + row + 16] = codes(x, g, n1, h1 + down, v1 + across, c, in1);
      int in2 = first + row + 32 < total && pack < packs ? 1 : 0;
      left[column * PITCH + row + 32] = codes(x, g, n2, h2 + down, v2 + across, c, in2);
      int in3 = first + row + 48 < total && pack < packs ? 1 : 0;
      left[column * PITCH + row + 48] = codes(x, g, n3, h3 + down, v3 + across, c, in3);
      right[item] = weight(w, t * 16 + item / 64, from + item % 64, packs, outputs);
      right[item + 256] = weight(w, t * 16 + item / 64 + 4, from + item % 64, packs, outputs);
      right[item + 512] = weight(w, t * 16 + item / 64 + 8, from + item % 64, packs, outputs);
      right[item + 768] = weight(w, t * 16 + item / 64 + 12, from + item % 64, packs, outputs);
      context.localBarrier();
      for (int k = 0; k < 16; k++) {
        int a0 = left[k * PITCH + row];
        int a1 = left[k * PITCH + row + 16];
        int a2 = left[k * PITCH + row + 32];
        int a3 = left[k * PITCH + row + 48];
        int b0 = right[k * 64 + column];
        int b1 = right[k * 64 + column + 16];
        int b2 = right[k * 64 + column + 32];
        int b3 = right[k * 64 + column + 48];
        s00 = QuantizationUtils.dp4a_packed(a0, b0, s00);
        s01 = QuantizationUtils.dp4a_packed(a0, b1, s01);
        s02 = QuantizationUtils.dp4a_packed(a0, b2, s02);
        s03 = QuantizationUtils.dp4a_packed(a0, b3, s03);
        s10 = QuantizationUtils.dp4a_packed(a1, b0, s10);
        s11 = QuantizationUtils.dp4a_packed(a1, b1, s11);
        s12 = QuantizationUtils.dp4a_packed(a1, b2, s12);
        s13 = QuantizationUtils.dp4a_packed(a1, b3, s13);
        s20 = QuantizationUtils.dp4a_packed(a2, b0, s20);
        s21 = QuantizationUtils.dp4a_packed(a2, b1, s21);
        s22 = QuantizationUtils.dp4a_packed(a2, b2, s22);
        s23 = QuantizationUtils.dp4a_packed(a2, b3, s23);
        s30 = QuantizationUtils.dp4a_packed(a3, b0, s30);
        s31 = QuantizationUtils.dp4a_packed(a3, b1, s31);
        s32 = QuantizationUtils.dp4a_packed(a3, b2, s32);
        s33 = QuantizationUtils.dp4a_packed(a3, b3, s33);
      }
      context.localBarrier();
    }
    for (int i = 0; i < 16; i++) {
      int down = first + row + i / 4 * 16;
      int o = from + column + i % 4 * 16;
      int s0 = chosen(i % 4, s00, s01, s02, s03);
      int s1 = chosen(i % 4, s10, s11, s12, s13);
      int s2 = chosen(i % 4, s20, s21, s22, s23);
      int s3 = chosen(i % 4, s30, s31, s32, s33);
      if (down < total && o < outputs) {
        int at = down * outputs + o;
        int sum = g.get(17) * chosen(i / 4, s0, s1, s2, s3) + corrections.get(o);
        y.set(at, CodeFunctions.stored(sum, thresholds, multipliers, residual, g, o, at, kind));
      }
    }
  }
}
