package org.helu.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.helu.compiler.Mode;
import org.helu.samples.Sample;

/**
 * A network to measure.
 *
 * @param name what rows call it
 * @param file a .helu or .onnx file
 * @param onnx the float network that competitors run, or null
 * @param int8 its quantized form that competitors run
 * @param sample where its inputs come from, or null for random ones
 */
public record ModelSource(String name, Path file, Path onnx, Int8 int8, Sample sample) {
  /** Where the quantized form of a network comes from. */
  public sealed interface Int8 {
    /** There is none. */
    record None() implements Int8 {}

    /** It is made from the float network, calibrated on the inputs that are measured. */
    record Made() implements Int8 {}

    /**
     * It is given.
     *
     * @param file an ONNX model
     */
    record Given(Path file) implements Int8 {}
  }

  /** A network from a file; an .onnx file is what competitors run too, if nothing else is given. */
  public static ModelSource of(Path file, Path onnx, Int8 int8) {
    Path base = onnx == null && isOnnx(file) ? file : onnx;
    Path folder = file.toAbsolutePath().getParent();
    String name = file.getFileName().toString().replaceFirst("\\.(onnx|helu)$", "");
    // Samples all call their network model.onnx.
    boolean generic = name.equals("model") && folder != null && folder.getFileName() != null;
    return new ModelSource(
        generic ? folder.getFileName().toString() : name, file, base, int8, null);
  }

  /** A sample's network, with its test images as inputs. */
  public static ModelSource of(Sample sample, Int8 int8) {
    return new ModelSource(sample.name(), sample.model(), sample.model(), int8, sample);
  }

  /**
   * Modes that need nothing but what is there: exact, and those with encodings beside the model.
   */
  List<Mode> modes() {
    return Arrays.stream(Mode.values())
        .filter(mode -> mode == Mode.EXACT || Files.exists(encodings(mode)))
        .toList();
  }

  /** How the layers of a float network are encoded in {@code mode}, as samples keep it. */
  Path encodings(Mode mode) {
    return file.resolveSibling("encodings-" + mode.label() + ".json");
  }

  boolean isOnnx() {
    return isOnnx(file);
  }

  private static boolean isOnnx(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".onnx");
  }
}
