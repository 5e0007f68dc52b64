package org.helu.bench;

import java.nio.file.Path;
import java.util.Locale;
import org.helu.samples.Sample;

/**
 * A network to measure.
 *
 * @param name what rows call it
 * @param file a .helu or .onnx file
 * @param onnx the float network that competitors run, or null
 * @param onnxInt8 its quantized form that competitors run, or null
 * @param sample where its inputs come from, or null for random ones
 */
public record ModelSource(String name, Path file, Path onnx, Path onnxInt8, Sample sample) {
  /** A network from a file; an .onnx file is what competitors run too, if nothing else is given. */
  public static ModelSource of(Path file, Path onnx, Path onnxInt8) {
    Path base = onnx == null && isOnnx(file) ? file : onnx;
    Path folder = file.toAbsolutePath().getParent();
    String name = file.getFileName().toString().replaceFirst("\\.(onnx|helu)$", "");
    // Samples all call their network model.onnx.
    boolean generic = name.equals("model") && folder != null && folder.getFileName() != null;
    return new ModelSource(
        generic ? folder.getFileName().toString() : name, file, base, onnxInt8, null);
  }

  /** A sample's network, with its test images as inputs. */
  public static ModelSource of(Sample sample) {
    return new ModelSource(sample.name(), sample.model(), sample.model(), null, sample);
  }

  boolean isOnnx() {
    return isOnnx(file);
  }

  private static boolean isOnnx(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".onnx");
  }
}
