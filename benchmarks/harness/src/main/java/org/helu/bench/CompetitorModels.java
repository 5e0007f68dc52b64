package org.helu.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.helu.bench.onnx.FloatTwin;
import org.helu.bench.onnx.Int8Twin;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.AtomicFile;
import org.helu.runtime.tensor.Tensor;

/**
 * The ONNX models that a competitor runs beside a network: as given, or made from what is given.
 */
final class CompetitorModels implements AutoCloseable {
  static final String FP32 = "fp32";
  static final String INT8 = "int8";

  /**
   * A model, or why there is none.
   *
   * @param file the model, or null
   * @param note what it is, where that is not plain; or why there is none
   * @param answers whether its answers mean anything
   */
  record Entry(Path file, String note, boolean answers) {
    static Entry none(String why) {
      return new Entry(null, why, false);
    }
  }

  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, Path> temporary = new LinkedHashMap<>();

  /**
   * @param calibration inputs that give the ranges of activations where a model is to be quantized
   */
  CompetitorModels(ModelSource source, List<Tensor> calibration) {
    Entry fp32 = attempt(() -> fp32(source));
    entries.put(FP32, fp32);
    entries.put(INT8, attempt(() -> int8(source, fp32, calibration)));
  }

  /** By mode, {@link #FP32} first. */
  Map<String, Entry> entries() {
    return entries;
  }

  private Entry fp32(ModelSource source) {
    if (source.onnx() == null) {
      return Entry.none("no ONNX model given; --onnx FILE names one");
    }
    Optional<byte[]> twin = FloatTwin.of(source.onnx());
    return twin.isEmpty()
        ? new Entry(source.onnx(), "", true)
        : new Entry(
            write(FP32, twin.get()),
            "the float network of the same shape: quantizers became ReLUs, batch norms are folded",
            false);
  }

  private Entry int8(ModelSource source, Entry fp32, List<Tensor> calibration) {
    return switch (source.int8()) {
      case ModelSource.Int8.None _ -> Entry.none("not asked for; --onnx-int8 auto or FILE");
      case ModelSource.Int8.Given given -> new Entry(given.file(), "", true);
      case ModelSource.Int8.Made _ when fp32.file() == null -> Entry.none(fp32.note());
      case ModelSource.Int8.Made _ ->
          new Entry(
              write(INT8, Int8Twin.of(fp32.file(), calibration)),
              "quantized by helu bench: QDQ, UINT8 activations, INT8 weights per channel",
              fp32.answers());
    };
  }

  private static Entry attempt(java.util.function.Supplier<Entry> work) {
    try {
      return work.get();
    } catch (HeluException e) {
      return Entry.none(e.getMessage());
    }
  }

  private Path write(String mode, byte[] model) {
    try {
      Path file = Files.createTempFile("helu-bench-" + mode, ".onnx");
      temporary.put(mode, file);
      return Files.write(file, model);
    } catch (IOException e) {
      throw HeluException.io(
          Benchmark.STAGE,
          "no temporary file for a model: " + AtomicFile.reason(e),
          "make java.io.tmpdir writable",
          e);
    }
  }

  @Override
  public void close() {
    for (Path file : temporary.values()) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException _) {
        // Left to whoever cleans the temporary folder.
      }
    }
  }
}
