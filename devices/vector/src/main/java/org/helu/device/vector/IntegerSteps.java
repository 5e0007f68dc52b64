package org.helu.device.vector;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.helu.device.vector.kernel.BitFrame;
import org.helu.device.vector.kernel.BitPanels;
import org.helu.device.vector.kernel.CodeFrame;
import org.helu.device.vector.kernel.CountThresholds;
import org.helu.device.vector.kernel.Finish;
import org.helu.device.vector.kernel.IntPanels;
import org.helu.device.vector.kernel.Ints;
import org.helu.device.vector.kernel.Panels;
import org.helu.device.vector.kernel.Simd;
import org.helu.device.vector.kernel.SubsetSums;
import org.helu.device.vector.kernel.Winograd;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Binds integer layers to kernels: products of bits ({@link BitProductStep}) where a plane of codes
 * meets weights bit by bit; tables of sums ({@link SubsetSumStep}) where many columns of 1-bit
 * weights share a row of bytes; float32 products of bytes ({@link ByteProductStep}, {@link
 * CodeWinogradStep}) where they are exact; products of 32-bit values ({@link IntProductStep}) for
 * other bytes and for groups, whose few channels fill no words.
 */
final class IntegerSteps {
  private static final Window POINT = Window.ofKernel(1, 1);

  private final Graph graph;
  private final Addresses addresses;
  private final Weights weights;
  private final int maxBatch;

  IntegerSteps(Graph graph, Addresses addresses, Weights weights, int maxBatch) {
    this.graph = graph;
    this.addresses = addresses;
    this.weights = weights;
    this.maxBatch = maxBatch;
  }

  Step compile(Node node, IntegerOp op) {
    return switch (op) {
      case IntegerOp.IntegerDense dense -> {
        // Rows are images of one pixel.
        Shape in = pixels(graph.type(node.input(0)).shape());
        Shape out = pixels(graph.type(node.output()).shape());
        yield new Product(node, op, in, out, POINT, 1, dense.codes(), dense.residual()).step();
      }
      case IntegerOp.IntegerConv2d conv -> {
        Shape in = graph.type(node.input(0)).shape();
        Shape out = graph.type(node.output()).shape();
        yield new Product(
                node, op, in, out, conv.window(), conv.groups(), conv.codes(), conv.residual())
            .step();
      }
      case IntegerOp.Convert convert -> convert(node, convert);
    };
  }

  /** {@code [rows..., C]} as {@code [N, 1, rows, C]}. */
  private static Shape pixels(Shape shape) {
    int rows = 1;
    for (int axis = 1; axis < shape.rank() - 1; axis++) {
      rows = Math.multiplyExact(rows, shape.dim(axis));
    }
    return Shape.of(shape.dim(0), 1, rows, shape.last());
  }

  private Finish finish(
      IntegerOp op, int outputs, boolean residual, Tensor parameters, boolean mayBias) {
    Finish finish =
        new Finish(weights.next(), outputs, op.epilogues(), residual, parameters, mayBias);
    weights.reserve(finish.bytes(), memory -> finish.pack(memory, parameters));
    return finish;
  }

  private Step convert(Node node, IntegerOp.Convert op) {
    TensorType from = graph.type(node.input(0));
    long x = addresses.of(node.input(0));
    long y = addresses.of(node.output());
    if (op.epilogue() instanceof Epilogue.Quantize quantize) {
      return new QuantizeStep(quantize, Count.elements(from.shape()), x, y);
    }
    Tensor parameters = graph.constant(node.input(1));
    Finish finish = finish(op, from.shape().last(), false, parameters, false);
    return new ConvertStep(from, finish, Count.outer(from.shape(), from.shape().rank() - 1), x, y);
  }

  /** One layer on its way to a step. */
  private final class Product {
    private final IntegerOp op;
    private final Shape in;
    private final Shape out;
    private final Window window;
    private final int groups;
    private final Codes codes;
    private final TensorType type;
    private final Tensor weight;
    private final Tensor parameters;
    private final boolean residual;
    private final long x;
    private final long y;
    private final long added;

    private Product(
        Node node,
        IntegerOp op,
        Shape in,
        Shape out,
        Window window,
        int groups,
        Codes codes,
        boolean residual) {
      this.op = op;
      this.in = in;
      this.out = out;
      this.window = window;
      this.groups = groups;
      this.codes = codes;
      this.residual = residual;
      this.type = graph.type(node.input(0));
      this.weight = graph.constant(node.input(1));
      this.parameters = op.epilogues().isEmpty() ? null : graph.constant(node.input(2));
      this.x = addresses.of(node.input(0));
      this.y = addresses.of(node.output());
      this.added = residual ? addresses.of(node.inputs().getLast()) : -1;
    }

    private Step step() {
      boolean bytes = type.elementType() == ElementType.UINT8;
      boolean bits = weight.type().elementType() == ElementType.BIT;
      if (bytes
          && bits
          && op instanceof IntegerOp.IntegerDense
          && SubsetSums.areFaster(out.dim(3))) {
        return subsetSum();
      }
      if (groups == 1 && bytes && (!bits || fillsFewWords())) {
        long greatest = greatestSum();
        if (greatest <= ByteProductStep.EXACT) {
          return byteProduct(greatest <= ByteProductStep.BIASED);
        }
      }
      if (groups == 1 && (bits || !bytes)) {
        return bitProduct(bytes);
      }
      return groups > 1 && groups == in.dim(3) ? depthwise() : intProduct();
    }

    /** Whether pixels have so few channels that their words of bits are mostly empty. */
    private boolean fillsFewWords() {
      return window.taps() > 1 && in.dim(3) <= 16;
    }

    /** Bound of the magnitude of any sum of products, in any order. */
    private long greatestSum() {
      int inputs = window.taps() * in.dim(3);
      long value =
          Math.max(
              Math.max(Math.abs(codes.value(0)), Math.abs(codes.value(255))),
              Math.abs(codes.pad()));
      long greatest = 0;
      for (int o = 0; o < out.dim(3); o++) {
        long sum = 0;
        for (int k = 0; k < inputs; k++) {
          sum += Math.abs(IntPanels.value(weight, (long) o * inputs + k));
        }
        greatest = Math.max(greatest, sum * value);
      }
      return greatest;
    }

    private Step subsetSum() {
      int inputs = in.dim(3);
      int outputs = out.dim(3);
      SubsetSums panels = SubsetSums.of(weights.next(), outputs, inputs, codes);
      weights.reserve(panels.bytes(), memory -> panels.pack(memory, weight));
      Count rows = Count.outer(in, 3);
      return new SubsetSumStep(panels, finish(), rows, inputs, outputs, x, y, added);
    }

    /**
     * @param mayBias whether float32 holds every sum with a bias
     */
    private Step byteProduct(boolean mayBias) {
      ConvShape shape = ConvShape.of(window, in, out, in.dim(3));
      int channels = in.dim(3);
      if (WinogradStep.suits(shape)) {
        int least = Math.min(codes.pad(), Math.min(codes.value(0), codes.value(255)));
        int most = Math.max(codes.pad(), Math.max(codes.value(0), codes.value(255)));
        Winograd.Bounds bounds =
            Winograd.bounds(weightsAsFloats(), channels, out.dim(3), least, most);
        if (bounds.product() <= ByteProductStep.EXACT) {
          return winograd(shape, bounds.output() <= ByteProductStep.EXACT);
        }
      }
      Finish finish = finish(mayBias);
      Panels panels = new Panels(weights.next(), 1, out.dim(3), taps(shape), channels, 0);
      float[] biases = new float[out.dim(3)];
      Arrays.fill(biases, finish.bias() == 0 ? 0 : Ints.BIAS);
      weights.reserve(
          panels.bytes(),
          memory -> panels.pack(memory, weightsAsFloats(), MemorySegment.ofArray(biases)));
      return new ByteProductStep(
          shape, frame(shape, true, 1), finish, panels, x, y, added, maxBatch);
    }

    private Step winograd(ConvShape shape, boolean mayBias) {
      WinogradStep.Tiling tiling = WinogradStep.Tiling.of(shape);
      int channels = shape.channels();
      Finish finish = finish(mayBias);
      double scale = finish.bias() == 0 ? 1 : 0.25;
      Winograd winograd = new Winograd(weights.next(), channels, shape.outputs(), tiling.tiles());
      weights.reserve(
          winograd.bytes(), memory -> winograd.pack(memory, weightsAsFloats(), null, scale));
      CodeFrame frame = frame(tiling.shape(), true, 1);
      return new CodeWinogradStep(tiling, winograd, frame, finish, x, y, added);
    }

    private MemorySegment weightsAsFloats() {
      float[] values = new float[Math.toIntExact(weight.type().shape().elements())];
      for (int i = 0; i < values.length; i++) {
        values[i] = IntPanels.value(weight, i);
      }
      return MemorySegment.ofArray(values);
    }

    private Finish finish() {
      return finish(false);
    }

    /**
     * @param mayBias whether sums may come with a bias
     */
    private Finish finish(boolean mayBias) {
      return IntegerSteps.this.finish(op, out.dim(3), residual, parameters, mayBias);
    }

    private Step bitProduct(boolean bytes) {
      int planes = type.planes();
      ConvShape shape = words(planes);
      BitFrame frame =
          new BitFrame(
              bytes,
              planes,
              in.dim(1),
              in.dim(2),
              in.dim(3),
              shape.frameH(),
              shape.frameW(),
              window.padTop(),
              window.padLeft());
      BitPanels panels =
          new BitPanels(
              weights.next(),
              out.dim(3),
              taps(shape),
              in.dim(3),
              planes,
              frame.planeBytes(),
              weight.type().elementType());
      weights.reserve(panels.bytes(), memory -> panels.pack(memory, weight));
      boolean same = codes.pad() == -codes.zero();
      PadClasses classes =
          new PadClasses(window, in.dim(1), in.dim(2), out.dim(1), out.dim(2), same);
      Finish finish = finish();
      boolean bits = weight.type().elementType() == ElementType.BIT;
      int greatest = (1 << planes) - 1;
      CountThresholds thresholds = bits && finish.isPlanes() ? thresholds(finish, classes) : null;
      long rowBytes = finish.columns() * 4L;
      long bases = weights.next();
      if (thresholds == null) {
        weights.reserve(
            (classes.count() + 1) * rowBytes,
            memory -> writeBases(memory, bases, rowBytes, classes, greatest));
      }
      return new BitProductStep(
          shape,
          bytes || shape.isFramed() ? frame : null,
          panels,
          finish,
          thresholds,
          codes.step(),
          bases,
          bases + classes.count() * rowBytes,
          classes,
          x,
          y,
          added,
          maxBatch);
    }

    /** The layer's shape with the input's pixels in words of 32 bits as channels. */
    private ConvShape words(int planes) {
      int words = Math.multiplyExact(planes, (in.dim(3) + 63 >>> 6) * 2);
      return ConvShape.of(window, in.withDim(3, words), out, words);
    }

    /** Byte offset of each tap from the first. */
    private long[] taps(ConvShape shape) {
      long[] taps = new long[window.taps()];
      for (int tap = 0; tap < taps.length; tap++) {
        taps[tap] =
            tap / window.kernelW() * shape.tapLineBytes()
                + tap % window.kernelW() * shape.tapBytes();
      }
      return taps;
    }

    private CountThresholds thresholds(Finish finish, PadClasses classes) {
      CountThresholds thresholds = new CountThresholds(weights.next(), finish, classes.count());
      int greatestCode = (1 << type.planes()) - 1;
      int greatestCount = greatestCode * window.taps() * in.dim(3);
      weights.reserve(
          thresholds.bytes(),
          memory -> {
            int[][] bases = bases(classes, greatestCode);
            for (int which = 0; which < bases.length; which++) {
              thresholds.pack(memory, parameters, which, bases[which], codes.step(), greatestCount);
            }
          });
      return thresholds;
    }

    /**
     * What is added to counts, see {@code BitKernels}, by pad class and output. Taps outside of the
     * image are codes of 0, which stand for {@code -zero}; what they lack to the pad's value is
     * added.
     *
     * @param greatest the greatest code
     */
    private int[][] bases(PadClasses classes, int greatest) {
      boolean bits = weight.type().elementType() == ElementType.BIT;
      int taps = window.taps();
      int channels = in.dim(3);
      int[][] bases = new int[classes.count()][out.dim(3)];
      for (int o = 0; o < out.dim(3); o++) {
        int[] tapSums = new int[taps];
        int sum = 0;
        for (int tap = 0; tap < taps; tap++) {
          for (int c = 0; c < channels; c++) {
            tapSums[tap] += IntPanels.value(weight, ((long) o * taps + tap) * channels + c);
          }
          sum += tapSums[tap];
        }
        int ones = (taps * channels + sum) / 2;
        int base = (bits ? codes.step() * greatest * ones : 0) - codes.zero() * sum;
        for (int which = 0; which < bases.length; which++) {
          int outside = 0;
          for (int tap = 0; tap < taps; tap++) {
            boolean inside =
                classes.isInside(which, tap / window.kernelW(), tap % window.kernelW());
            outside += inside ? 0 : tapSums[tap];
          }
          bases[which][o] = base + (codes.pad() + codes.zero()) * outside;
        }
      }
      return bases;
    }

    /** Writes the bases, a row per pad class, then the constants of int8 weights. */
    private void writeBases(
        MemorySegment memory, long place, long rowBytes, PadClasses classes, int greatest) {
      int[][] bases = bases(classes, greatest);
      int inputs = window.taps() * in.dim(3);
      for (int o = 0; o < out.dim(3); o++) {
        for (int which = 0; which < bases.length; which++) {
          memory.set(Tensor.INT, place + which * rowBytes + o * 4L, bases[which][o]);
        }
        int sum = 128 * inputs;
        for (int i = 0; i < inputs; i++) {
          sum += IntPanels.value(weight, (long) o * inputs + i);
        }
        memory.set(Tensor.INT, place + bases.length * rowBytes + o * 4L, greatest * sum);
      }
    }

    private CodeFrame frame(ConvShape shape, boolean floats, int repeat) {
      return new CodeFrame(
          codes,
          floats,
          type.elementType() == ElementType.UINT8 ? 0 : type.planes(),
          shape.inH(),
          shape.inW(),
          shape.channels(),
          shape.frameH(),
          shape.frameW(),
          shape.frameChannels(),
          window.padTop(),
          window.padLeft(),
          repeat);
    }

    private Step intProduct() {
      ConvShape shape = ConvShape.of(window, in, out, in.dim(3));
      int groupInputs = in.dim(3) / groups;
      // In NHWC the taps of a kernel row are neighbours, unless dilation or groups set them apart.
      boolean rowIsRun = window.dilationW() == 1 && groups == 1;
      long[] runs = new long[rowIsRun ? window.kernelH() : window.taps()];
      for (int i = 0; i < runs.length; i++) {
        int kh = rowIsRun ? i : i / window.kernelW();
        int kw = rowIsRun ? 0 : i % window.kernelW();
        runs[i] = kh * shape.tapLineBytes() + kw * shape.tapBytes();
      }
      int runLength = rowIsRun ? window.kernelW() * groupInputs : groupInputs;
      IntPanels panels =
          new IntPanels(
              weights.next(), groups, out.dim(3) / groups, runs, runLength, groupInputs * 4L);
      weights.reserve(panels.bytes(), memory -> panels.pack(memory, weight));
      return new IntProductStep(
          shape,
          frame(shape, false, 1),
          finish(),
          panels,
          0,
          null,
          groups > 1,
          x,
          y,
          added,
          maxBatch);
    }

    private Step depthwise() {
      int outputs = out.dim(3);
      int lanes = Simd.LANES;
      int frameChannels = (outputs + lanes - 1) / lanes * lanes;
      ConvShape shape = ConvShape.of(window, in, out, frameChannels);
      long[] shifts = taps(shape);
      int taps = shifts.length;
      long place = weights.next();
      weights.reserve(
          (long) taps * frameChannels * 4,
          memory -> {
            for (int o = 0; o < outputs; o++) {
              for (int tap = 0; tap < taps; tap++) {
                long at = place + ((long) tap * frameChannels + o) * 4;
                memory.set(Tensor.INT, at, IntPanels.value(weight, (long) o * taps + tap));
              }
            }
          });
      CodeFrame frame = frame(shape, false, outputs / in.dim(3));
      return new IntProductStep(
          shape, frame, finish(), null, place, shifts, true, x, y, added, maxBatch);
    }
  }
}
