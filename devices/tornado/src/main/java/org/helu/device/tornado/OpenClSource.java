package org.helu.device.tornado;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.helu.device.tornado.KernelCall.Grid;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.Window;
import uk.ac.manchester.tornado.api.AccessorParameters;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.common.Access;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The kernel written in OpenCL C where TornadoVM's own code is much slower: dense layers and
 * convolutions of floats, of codes, and of bit planes, and chains of dense layers.
 */
final class OpenClSource {
  /** One for all kinds of layers, see {@link #addNothing}. */
  static final String KERNEL = "heluLayer";

  /** Outputs of a work-item. */
  static final int OUTPUTS = 16;

  /** What a layer computes; the places in the kernel's enum. */
  enum Mode {
    NOTHING,
    FLOATS,
    CODES,
    BIT_PLANES,
    QUANTIZE,
    CHAIN
  }

  /** Most codes, and bits, of a row of a chain: what a work-item keeps for itself. */
  static final int CHAIN_BYTES = 4096;

  static final int CHAIN_BITS = 8192;

  /** Rows of a chain's work-item. */
  private static final int CHAIN_ROWS = 8;

  /** Rows of a work-item. */
  private static final int ROWS = 4;

  /** Work-items of a work-group, along the rows: a few, since a work-group costs a microsecond. */
  private static final int GROUP = 8;

  /** Elements that a work-item quantizes. */
  private static final int ELEMENTS = 256;

  private static final List<String> SOURCES =
      List.of("bits.cl", "layers.cl", "chain.cl", "kernel.cl");

  private static final int ARGUMENTS = 9;

  /** Entries of sizes from STEP on, zero for floats. */
  private static final int INTEGER_SIZES = 9;

  /** Keeps the code to what OpenCL C says, so that this is tested where a CPU has more. */
  private static final String PORTABLE = "helu.tornado.portableC";

  /** TornadoVM wants a file; by whether it is portable. */
  private static final Map<Boolean, Path> FILES = new HashMap<>();

  private OpenClSource() {}

  /**
   * The arrays of a layer, which the kernel reads as its mode says; those that it does not read may
   * be any.
   *
   * @param first bias of floats, sums of the weights of integers
   */
  record Operands(
      TornadoNativeArray x,
      TornadoNativeArray w,
      TornadoNativeArray first,
      TornadoNativeArray thresholds,
      TornadoNativeArray multipliers,
      TornadoNativeArray residual,
      TornadoNativeArray y,
      IntArray batch,
      IntArray sizes) {}

  /** What the kernel calls g: sizes, flags or kind of epilogue, and the rest of integer layers. */
  static int[] sizes(
      Mode mode,
      int inH,
      int inW,
      int inC,
      int outW,
      Window window,
      int pixels,
      int outputs,
      int flags,
      int... integer) {
    int[] sizes = {
      mode.ordinal(),
      inH,
      inW,
      inC,
      outW,
      window.kernelH(),
      window.kernelW(),
      window.strideH(),
      window.strideW(),
      window.dilationH(),
      window.dilationW(),
      window.padTop(),
      window.padLeft(),
      pixels,
      outputs,
      flags
    };
    int[] all = Arrays.copyOf(sizes, sizes.length + INTEGER_SIZES);
    System.arraycopy(integer, 0, all, sizes.length, integer.length);
    return all;
  }

  /**
   * A call of the kernel.
   *
   * @param rows at the largest batch
   * @param outputs of a row; of packed ones, as many as its words hold
   */
  static KernelCall call(KernelCall.Factory call, Operands o, long rows, int outputs) {
    long down = (rows + ROWS * GROUP - 1) / (ROWS * GROUP) * GROUP;
    int across = (outputs + OUTPUTS - 1) / OUTPUTS;
    return call(call, o, new Grid(across, Math.toIntExact(down), 1, GROUP));
  }

  private static KernelCall call(KernelCall.Factory call, Operands o, Grid grid) {
    List<Object> arguments =
        List.of(o.x, o.w, o.first, o.thresholds, o.multipliers, o.residual, o.y, o.batch, o.sizes);
    AccessorParameters accesses = accesses(arguments, o.y);
    String path = path().toString();
    return call.prebuilt(
        KERNEL, arguments, (graph, id) -> graph.prebuiltTask(id, KERNEL, path, accesses), grid);
  }

  /** A call of a chain of layers, whose sizes say all the rest, over the largest batch's rows. */
  static KernelCall chain(KernelCall.Factory call, Operands o, long rows) {
    long items = (rows + CHAIN_ROWS - 1) / CHAIN_ROWS;
    return call(call, o, new Grid(1, Math.toIntExact(items), 1, 1));
  }

  /**
   * A call that quantizes floats.
   *
   * @param size elements of a sample
   * @param elements of the largest batch
   */
  static KernelCall quantize(
      KernelCall.Factory call,
      Buffers buffers,
      FloatArray x,
      IntArray y,
      IntArray batch,
      Epilogue.Quantize op,
      int size,
      long elements) {
    Window none = Window.ofKernel(1, 1);
    int scale = Float.floatToRawIntBits(op.scale());
    int[] sizes =
        sizes(Mode.QUANTIZE, 1, 1, 1, 1, none, size, 1, 0, scale, op.zeroPoint(), 0, 0, op.high());
    IntArray g = buffers.constant(sizes);
    IntArray ints = buffers.noInts();
    Operands operands = new Operands(x, ints, ints, ints, buffers.noLongs(), ints, y, batch, g);
    long items = (elements + ELEMENTS * GROUP - 1) / (ELEMENTS * GROUP) * GROUP;
    return call(call, operands, new Grid(1, Math.toIntExact(items), 1, GROUP));
  }

  /**
   * Adds a task that does nothing. TornadoVM 5.2 looks a prebuilt task's code up by a comparison
   * that is never true, and then takes the code of the graph's first task: so that one has to be
   * this kernel, and there can be no second one.
   *
   * @param zero an array that holds {@link Mode#NOTHING}
   */
  static void addNothing(TaskGraph graph, String id, IntArray zero) {
    List<Object> arguments = Collections.nCopies(ARGUMENTS, zero);
    graph.prebuiltTask(id, KERNEL, path().toString(), accesses(arguments, null));
  }

  private static AccessorParameters accesses(List<Object> arguments, Object written) {
    AccessorParameters accesses = new AccessorParameters(arguments.size());
    for (int i = 0; i < arguments.size(); i++) {
      boolean isWritten = arguments.get(i) == written;
      accesses.set(i, arguments.get(i), isWritten ? Access.WRITE_ONLY : Access.READ_ONLY);
    }
    return accesses;
  }

  /** The file of the source, written when first asked for. */
  private static synchronized Path path() {
    boolean portable = Boolean.getBoolean(PORTABLE);
    Path known = FILES.get(portable);
    if (known != null && Files.exists(known)) {
      return known;
    }
    try {
      Path file = Files.createTempFile("helu-", ".cl");
      file.toFile().deleteOnExit();
      Files.writeString(file, source(portable));
      FILES.put(portable, file);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String source(boolean portable) throws IOException {
    StringBuilder code =
        new StringBuilder(
            """
            #define HEADER %d
            #define ELEMENTS %d
            #define CHAIN_BYTES %d
            #define CHAIN_BITS %d
            #define PORTABLE %d
            """
                .formatted(
                    TornadoNativeArray.ARRAY_HEADER,
                    ELEMENTS,
                    CHAIN_BYTES,
                    CHAIN_BITS,
                    portable ? 1 : 0));
    for (String source : SOURCES) {
      try (InputStream stream = OpenClSource.class.getResourceAsStream(source)) {
        code.append(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return code.toString();
  }

  /** {@code [O,K]} to {@code [ceil(O/16),K,16]}, zeros beyond the last output. */
  static float[] blocked(float[] w, int outputs, int terms) {
    float[] packed = new float[blockedSize(outputs, terms)];
    for (int i = 0; i < w.length; i++) {
      packed[blockedPlace(i, terms)] = w[i];
    }
    return packed;
  }

  /** As {@link #blocked(float[], int, int)}. */
  static int[] blocked(int[] w, int outputs, int terms) {
    int[] packed = new int[blockedSize(outputs, terms)];
    for (int i = 0; i < w.length; i++) {
      packed[blockedPlace(i, terms)] = w[i];
    }
    return packed;
  }

  /** As {@link #blocked(float[], int, int)}. */
  static long[] blocked(long[] w, int outputs, int terms) {
    long[] packed = new long[blockedSize(outputs, terms)];
    for (int i = 0; i < w.length; i++) {
      packed[blockedPlace(i, terms)] = w[i];
    }
    return packed;
  }

  private static int blockedSize(int outputs, int terms) {
    return (outputs + OUTPUTS - 1) / OUTPUTS * OUTPUTS * terms;
  }

  private static int blockedPlace(int index, int terms) {
    int o = index / terms;
    return (o / OUTPUTS * terms + index % terms) * OUTPUTS + o % OUTPUTS;
  }
}
