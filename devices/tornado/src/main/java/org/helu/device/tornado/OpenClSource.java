package org.helu.device.tornado;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.helu.device.tornado.KernelCall.Grid;
import uk.ac.manchester.tornado.api.AccessorParameters;
import uk.ac.manchester.tornado.api.common.Access;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Kernels written in OpenCL C, where TornadoVM's own code is much slower; see {@code matrix.cl}.
 */
final class OpenClSource {
  /** Outputs, and rows, of a work-item. */
  static final int OUTPUTS = 16;

  private static final int ROWS = 4;

  /** Work-items of a work-group, along the rows: a few, since a work-group costs a microsecond. */
  private static final int GROUP = 8;

  private static final String MATRIX = "matrix.cl";

  /** TornadoVM wants a file. */
  private static Path file;

  private OpenClSource() {}

  /**
   * A call of a kernel of {@code matrix.cl}.
   *
   * @param rows at the largest batch
   */
  static KernelCall call(
      KernelCall.Factory call,
      String kernel,
      FloatArray x,
      FloatArray w,
      FloatArray bias,
      FloatArray residual,
      FloatArray y,
      IntArray batch,
      IntArray sizes,
      long rows,
      int outputs) {
    List<Object> arguments = List.of(x, w, bias, residual, y, batch, sizes);
    AccessorParameters accesses = new AccessorParameters(arguments.size());
    for (int i = 0; i < arguments.size(); i++) {
      boolean written = arguments.get(i) == y;
      accesses.set(i, arguments.get(i), written ? Access.WRITE_ONLY : Access.READ_ONLY);
    }
    String path = path().toString();
    long down = (rows + ROWS * GROUP - 1) / (ROWS * GROUP) * GROUP;
    int across = (outputs + OUTPUTS - 1) / OUTPUTS;
    return call.written(
        kernel,
        arguments,
        (graph, id) -> graph.prebuiltTask(id, kernel, path, accesses),
        new Grid(across, Math.toIntExact(down), 1, GROUP));
  }

  private static synchronized Path path() {
    if (file == null || !Files.exists(file)) {
      try (InputStream stream = OpenClSource.class.getResourceAsStream(MATRIX)) {
        String code = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        Path written = Files.createTempFile("helu-", ".cl");
        written.toFile().deleteOnExit();
        Files.writeString(
            written, "#define HEADER " + TornadoNativeArray.ARRAY_HEADER + "\n" + code);
        file = written;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return file;
  }

  /** {@code [O,K]} to {@code [ceil(O/16),K,16]}, zeros beyond the last output. */
  static float[] weights(float[] w, int outputs, int terms) {
    float[] packed = new float[(outputs + OUTPUTS - 1) / OUTPUTS * OUTPUTS * terms];
    for (int o = 0; o < outputs; o++) {
      for (int k = 0; k < terms; k++) {
        packed[(o / OUTPUTS * terms + k) * OUTPUTS + o % OUTPUTS] = w[o * terms + k];
      }
    }
    return packed;
  }
}
