package org.helu.samples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.helu.compiler.CompilerOptions;
import org.helu.compiler.Mode;
import org.helu.compiler.calibration.EncodingsFile;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.AtomicFile;

/**
 * A way in which a sample is compiled: as it was trained, or, where the sample's folder has {@code
 * encodings-MODE.json}, with these encodings of a float network's layers.
 *
 * @param mode for the row: {@code exact}, {@code binarized} for a network that was trained on few
 *     bits and is lowered exactly, {@code int8}, {@code auto}; {@code float-twin} for the float
 *     network of a low-bit one's shape
 * @param encodings the file, or null
 */
record Variant(String mode, Path encodings) {
  private static final String PREFIX = "encodings-";

  /** The name of rows of networks that were trained on few bits. */
  static final String BINARIZED = "binarized";

  /** The float network of the same shape: what a low-bit network's cost is compared with. */
  static final Variant FLOAT_TWIN = new Variant("float-twin", null);

  /** What {@code --mode int8} may lose unless its encodings state another budget. */
  private static final double DEFAULT_BUDGET = 0.005;

  /** Images that a run of a part of the test set may lose beyond its budget: 1 is 2 % of 50. */
  private static final int PART_SLACK = 2;

  /** All variants of a sample, the one without encodings first. */
  static List<Variant> of(Sample sample) {
    List<Variant> variants = new ArrayList<>();
    variants.add(new Variant(sample.lowBit() ? BINARIZED : Mode.EXACT.label(), null));
    for (Mode mode : List.of(Mode.INT8, Mode.AUTO)) {
      Path file = sample.folder().resolve(PREFIX + mode.label() + ".json");
      if (Files.exists(file)) {
        variants.add(new Variant(mode.label(), file));
      }
    }
    requireKnown(sample, variants);
    return variants;
  }

  /** A file under another name would be a variant that nobody runs. */
  private static void requireKnown(Sample sample, List<Variant> variants) {
    try (Stream<Path> files = Files.list(sample.folder())) {
      List<String> known = new ArrayList<>();
      variants.forEach(v -> known.add(PREFIX + v.mode + ".json"));
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(PREFIX) && !known.contains(name))
          .findFirst()
          .ifPresent(
              name -> {
                throw HeluException.invalid(
                    Sample.STAGE,
                    sample.name() + ": '" + name + "' is of no known mode",
                    "name it encodings-int8.json or encodings-auto.json");
              });
    } catch (IOException e) {
      throw HeluException.io(
          Sample.STAGE,
          "cannot read '" + sample.folder() + "': " + AtomicFile.reason(e),
          "check the path",
          e);
    }
  }

  CompilerOptions options() {
    return encodings == null
        ? CompilerOptions.DEFAULT
        : new CompilerOptions(
            mode.equals(Mode.INT8.label()) ? Mode.INT8 : Mode.AUTO,
            null,
            false,
            EncodingsFile.read(encodings));
  }

  /** What is added to the sample's name. */
  String suffix() {
    return encodings == null && this != FLOAT_TWIN ? "" : "-" + mode;
  }

  /**
   * What the mode promises and these answers break, or empty.
   *
   * @param part whether a part of the images was run: an image more or less is then chance
   */
  String failure(Parity parity, boolean part) {
    if (this == FLOAT_TWIN) {
      return "";
    }
    if (encodings == null) {
      return parity.failure();
    }
    if (parity.samples() == 0) {
      return "no image was run";
    }
    if (Double.isNaN(parity.maxAbsLogitDiff())) {
      return "a logit is not a number";
    }
    double allowed = budget() * parity.samples() + (part ? PART_SLACK : 0);
    return parity.lost() <= allowed
        ? ""
        : String.format(
            Locale.ROOT,
            "expected to lose at most %.2f points, lost %.2f",
            100 * allowed / parity.samples(),
            100.0 * parity.lost() / parity.samples());
  }

  private double budget() {
    var certificate = EncodingsFile.read(encodings).certificate();
    return certificate == null || Double.isNaN(certificate.budget())
        ? DEFAULT_BUDGET
        : certificate.budget();
  }
}
