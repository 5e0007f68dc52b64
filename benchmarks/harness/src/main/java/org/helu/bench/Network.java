package org.helu.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.helu.compiler.Compiler;
import org.helu.compiler.CompilerOptions;
import org.helu.compiler.Mode;
import org.helu.compiler.calibration.EncodingsFile;
import org.helu.compiler.onnx.OnnxImporter;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.AtomicFile;
import org.helu.runtime.format.HeluFile;
import org.helu.runtime.graph.BinarizedGraph;

/**
 * A compiled network, as read back from its file.
 *
 * @param source what it was made of
 * @param graph what devices run
 * @param mode how it was lowered
 * @param compileNanos importing and compiling its ONNX model; 0 if it came compiled
 * @param loadNanos reading the .helu file
 * @param fileBytes size of the .helu file
 * @param layers what each node has to do
 */
record Network(
    ModelSource source,
    BinarizedGraph graph,
    String mode,
    long compileNanos,
    long loadNanos,
    long fileBytes,
    List<LayerWork> layers) {

  static Network load(ModelSource source, Mode mode) {
    if (!source.isOnnx()) {
      return read(source, source.file(), 0);
    }
    long start = System.nanoTime();
    BinarizedGraph graph =
        Compiler.compile(OnnxImporter.read(source.file()), options(source, mode)).graph();
    long compileNanos = System.nanoTime() - start;
    Path file = null;
    try {
      file = Files.createTempFile("helu-bench", ".helu");
      HeluFile.write(file, graph);
      return read(source, file, compileNanos);
    } catch (IOException e) {
      throw HeluException.io(
          Benchmark.STAGE,
          "no temporary file for '" + source.name() + "': " + AtomicFile.reason(e),
          "make java.io.tmpdir writable",
          e);
    } finally {
      delete(file);
    }
  }

  private static CompilerOptions options(ModelSource source, Mode mode) {
    CompilerOptions options = new CompilerOptions(mode, null, false);
    if (mode == Mode.EXACT) {
      return options;
    }
    Path encodings = source.encodings(mode);
    if (!Files.exists(encodings)) {
      throw HeluException.unsupported(
          Benchmark.STAGE,
          source.name() + ": mode " + mode.label() + " needs '" + encodings + "'",
          "`helu compile --mode "
              + mode.label()
              + "` calibrates; measure the .helu file it writes");
    }
    return options.with(EncodingsFile.read(encodings));
  }

  private static Network read(ModelSource source, Path file, long compileNanos) {
    long start = System.nanoTime();
    BinarizedGraph graph = HeluFile.read(file);
    long loadNanos = System.nanoTime() - start;
    String mode = graph.provenance().mode();
    return new Network(
        source,
        graph,
        mode.isEmpty() ? "unknown" : mode,
        compileNanos,
        loadNanos,
        HeluFile.inspect(file).fileBytes(),
        LayerWork.of(graph.graph()));
  }

  static void delete(Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException _) {
      // Left to whoever cleans the temporary folder.
    }
  }

  long macs() {
    return layers.stream().mapToLong(LayerWork::macs).sum();
  }

  long bitOps() {
    return layers.stream().mapToLong(LayerWork::bitOps).sum();
  }
}
