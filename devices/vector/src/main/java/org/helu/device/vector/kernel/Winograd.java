package org.helu.device.vector.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.helu.runtime.tensor.Tensor;

/**
 * Winograd's minimal filtering F(2x2, 3x3): a 3x3 convolution of stride 1 makes 2 x 2 outputs of a
 * patch of 4 x 4 inputs with 16 products a channel instead of 36,
 *
 * <pre>Y = A^T [ (G g G^T) * (B^T d B) ] A</pre>
 *
 * where {@code *} multiplies number by number and sums over channels (A. Lavin and S. Gray, <i>Fast
 * Algorithms for Convolutional Neural Networks</i>, arXiv 1509.09308, section 4.1):
 *
 * <pre>
 * B^T = 1  0 -1  0     G = 1    0    0     A^T = 1  1  1  0
 *       0  1  1  0         1/2  1/2  1/2         0  1 -1 -1
 *       0 -1  1  0         1/2 -1/2  1/2
 *       0  1  0 -1         0    0    1
 * </pre>
 *
 * Summed over channels, the 16 numbers are 16 independent matrix products of tiles by channels with
 * channels by outputs: one {@link Panels} of 16 groups, run by {@link WinogradTiles}. Tiles are
 * worked on in chunks, whose numbers stay in the second cache.
 */
public final class Winograd {
  private static final int NUMBERS = 16;

  /** The number of the product that is added to all four outputs: it takes the bias. */
  private static final int SHARED = 5;

  /** Keeps planes from beginning at the same place of the first cache. */
  private static final long GAP_BYTES = 128;

  private final int channels;
  private final int outputs;
  private final long columnBytes;
  private final long planeBytes;
  private final long productRowBytes;
  private final long productPlaneBytes;
  private final int panelsPerNumber;
  private final Panels panels;

  /**
   * @param base byte offset of the weights
   * @param channels inputs of a pixel, whole vectors
   * @param outputs outputs of a pixel, whole vectors
   * @param maxTiles most tiles of a chunk
   */
  public Winograd(long base, int channels, int outputs, int maxTiles) {
    this.channels = channels;
    this.outputs = outputs;
    // The last block of tiles may be higher than what is left of them.
    int rows = maxTiles + WinogradTiles.MOST_ROWS;
    this.columnBytes = rows * (long) Simd.BYTES;
    this.planeBytes = channels / Simd.LANES * columnBytes + GAP_BYTES;
    long[] vectors = new long[channels / Simd.LANES];
    Arrays.setAll(vectors, i -> i * columnBytes);
    this.panels = new Panels(base, NUMBERS, outputs, vectors, Simd.LANES, planeBytes, 2);
    this.panelsPerNumber = panels.count() / NUMBERS;
    int last = panelsPerNumber - 1;
    this.productRowBytes = (panels.column(last) + panels.vectors(last) * Simd.LANES) * 4L;
    this.productPlaneBytes = rows * productRowBytes + GAP_BYTES;
  }

  /** Whether both sides are whole vectors, so that no kernel handles a remainder. */
  public static boolean fits(int channels, int outputs) {
    return channels > 0 && channels % Simd.LANES == 0 && outputs % Simd.LANES == 0;
  }

  /** Bytes of the weights, 16/9 of the layer's. */
  public long bytes() {
    return panels.bytes();
  }

  /** Bytes that a chunk's inputs take. */
  public long inputBytes() {
    return NUMBERS * planeBytes;
  }

  /** Bytes that a chunk's products take. */
  public long productBytes() {
    return NUMBERS * productPlaneBytes;
  }

  /**
   * Four times {@code G g G^T} of one kernel: integers where the kernel has integers.
   *
   * @param kernel its nine weights, row by row
   * @param rows 12 elements that are overwritten
   * @param numbers takes the 16 numbers, row by row
   */
  private static void transform(double[] kernel, double[] rows, double[] numbers) {
    for (int j = 0; j < 3; j++) {
      twiceG(kernel[j], kernel[3 + j], kernel[6 + j], rows, j, 3);
    }
    for (int i = 0; i < 4; i++) {
      twiceG(rows[3 * i], rows[3 * i + 1], rows[3 * i + 2], numbers, 4 * i, 1);
    }
  }

  /** {@code 2 G [a b c]}. */
  private static void twiceG(double a, double b, double c, double[] to, int at, int step) {
    to[at] = 2 * a;
    to[at + step] = a + b + c;
    to[at + 2 * step] = a - b + c;
    to[at + 3 * step] = 2 * c;
  }

  /**
   * Bounds of magnitudes on the way of integers.
   *
   * @param product of any of the 16 products, and of any sum on the way to it, for weights packed
   *     with scale 1: the sum over channels of each number's greatest magnitude
   * @param output of any sum of products on the way to an output
   */
  public record Bounds(double product, double output) {}

  /**
   * Of a layer of integers.
   *
   * @param weight {@code [O, 3, 3, C]} float32
   * @param least the least input, padding included
   * @param most the greatest one
   */
  public static Bounds bounds(
      MemorySegment weight, int channels, int outputs, int least, int most) {
    double magnitude = Math.max(Math.abs((double) least), Math.abs((double) most));
    double apart = (double) most - least;
    double product = 0;
    double output = 0;
    double[] kernel = new double[9];
    double[] rows = new double[12];
    double[] numbers = new double[NUMBERS];
    float[] weights = new float[9 * channels];
    for (int o = 0; o < outputs; o++) {
      MemorySegment.copy(weight, Tensor.FLOAT, o * 36L * channels, weights, 0, weights.length);
      double[] sums = new double[NUMBERS];
      double[] lines = new double[4];
      double all = 0;
      for (int c = 0; c < channels; c++) {
        load(weights, channels, c, kernel);
        transform(kernel, rows, numbers);
        for (int number = 0; number < NUMBERS; number++) {
          sums[number] += Math.abs(numbers[number]);
        }
        for (int i = 0; i < 3; i++) {
          twiceG(kernel[3 * i], kernel[3 * i + 1], kernel[3 * i + 2], rows, 0, 1);
          for (int j = 0; j < 4; j++) {
            lines[j] += 2 * Math.abs(rows[j]);
          }
        }
        for (double value : kernel) {
          all += 4 * Math.abs(value);
        }
      }
      for (int number = 0; number < NUMBERS; number++) {
        // The shared number adds up four inputs, each other one has two sums of two, one less.
        sums[number] *= number == SHARED ? 4 * magnitude : 2 * apart;
        product = Math.max(product, sums[number]);
      }
      for (int j = 0; j < 4; j++) {
        lines[j] *= j == 1 ? 2 * magnitude : apart;
        double first = sums[4 + j] + Math.max(sums[j], sums[8 + j]);
        output = Math.max(output, Math.max(first, lines[j]));
      }
      double second = lines[1] + lines[2];
      output = Math.max(output, Math.max(lines[0] + lines[1], Math.max(second, all * magnitude)));
    }
    return new Bounds(product, output);
  }

  /** In arrays: a cold JVM moves floats of arrays ten times as fast as of segments. */
  private static void load(float[] weights, int channels, int channel, double[] kernel) {
    for (int tap = 0; tap < kernel.length; tap++) {
      kernel[tap] = weights[tap * channels + channel];
    }
  }

  /**
   * Fills the weights.
   *
   * @param memory zeroed where they lie
   * @param weight {@code [O, 3, 3, C]} float32
   * @param bias float32 {@code [O]}, or null
   * @param scale of the transformed weights: 1/4 for the layer's own sums, 1 for four times them
   */
  public void pack(MemorySegment memory, MemorySegment weight, MemorySegment bias, double scale) {
    float[] matrix = new float[Math.multiplyExact(NUMBERS, Math.multiplyExact(outputs, channels))];
    float[] biases = new float[NUMBERS * outputs];
    double[] kernel = new double[9];
    double[] rows = new double[12];
    double[] numbers = new double[NUMBERS];
    float[] weights = new float[9 * channels];
    for (int o = 0; o < outputs; o++) {
      MemorySegment.copy(weight, Tensor.FLOAT, o * 36L * channels, weights, 0, weights.length);
      biases[SHARED * outputs + o] = bias == null ? 0 : bias.get(Tensor.FLOAT, o * 4L);
      for (int c = 0; c < channels; c++) {
        load(weights, channels, c, kernel);
        transform(kernel, rows, numbers);
        for (int number = 0; number < NUMBERS; number++) {
          matrix[(number * outputs + o) * channels + c] = (float) (scale * numbers[number]);
        }
      }
    }
    panels.pack(memory, MemorySegment.ofArray(matrix), MemorySegment.ofArray(biases));
  }

  /**
   * Transforms the patches of a row of tiles.
   *
   * @param x byte offset of the first patch in its frame
   * @param lineBytes from one line of the frame to the next
   * @param y byte offset of the chunk's inputs
   * @param tile number of the first tile in the chunk
   * @param tiles how many
   */
  public void input(MemorySegment m, long x, long lineBytes, long y, int tile, int tiles) {
    long pixelBytes = channels * 4L;
    WinogradTransforms.input(
        m, x, lineBytes, pixelBytes, y + tile * (long) Simd.BYTES, planeBytes, columnBytes, tiles);
  }

  /**
   * Multiplies and sums over channels.
   *
   * @param w memory of the weights
   * @param x byte offset of the chunk's inputs
   * @param y byte offset of the chunk's products
   * @param tiles tiles of the chunk
   */
  public void multiply(MemorySegment w, MemorySegment m, long x, long y, int tiles) {
    for (int panel = 0; panel < panels.count(); panel++) {
      int vectors = panels.vectors(panel);
      long number = panel / panelsPerNumber;
      long column = panels.column(panel) - number * outputs;
      long to = y + number * productPlaneBytes + column * 4;
      WinogradTiles.run(
          vectors,
          w,
          panels.offset(panel),
          m,
          x + panels.xShift(panel),
          channels,
          panels.taps,
          columnBytes,
          to,
          productRowBytes,
          tiles);
    }
  }

  /**
   * Sums of the 2 x 2 pixels of each tile of a row.
   *
   * @param x byte offset of the chunk's products
   * @param tile number of the first tile in the chunk
   * @param tiles how many
   * @param y byte offset of the first pixel
   * @param lineBytes from one line to the next
   * @return whether all sums, before the gate, are finite
   */
  public boolean output(
      MemorySegment m, long x, int tile, int tiles, long y, long lineBytes, boolean gate) {
    long from = x + tile * productRowBytes;
    return WinogradTransforms.output(
        m, from, productRowBytes, productPlaneBytes, y, lineBytes, outputs * 4L, tiles, gate);
  }

  /**
   * A block of 64 columns of the 2 x 2 pixels of each tile of a row as INT32.
   *
   * @param x byte offset of the chunk's products
   * @param tile number of the first tile in the chunk
   * @param tiles how many
   * @param y byte offset of the first pixel
   * @param lineBytes from one line to the next
   * @param pixelBytes from one pixel to the next
   * @param biased whether bits have {@link Ints#BIAS}: weights were packed with scale 1/4, and
   *     {@link Bounds#output} is at most 2^24; else they were packed with scale 1
   */
  public void outputIntegers(
      MemorySegment m,
      long x,
      int tile,
      int tiles,
      int block,
      long y,
      long lineBytes,
      long pixelBytes,
      boolean biased) {
    int first = block * Columns.BLOCK;
    long from = x + tile * productRowBytes + first * 4L;
    long bytes = Math.min(Columns.BLOCK, outputs - first) * 4L;
    if (biased) {
      WinogradTransforms.outputBiased(
          m, from, productRowBytes, productPlaneBytes, y, lineBytes, pixelBytes, bytes, tiles);
    } else {
      WinogradTransforms.outputIntegers(
          m, from, productRowBytes, productPlaneBytes, y, lineBytes, pixelBytes, bytes, tiles);
    }
  }
}
