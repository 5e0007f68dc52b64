package org.helu.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import org.helu.compiler.CompilerOptions;
import org.helu.compiler.Mode;
import org.helu.compiler.calibration.CalibrationData;
import org.helu.compiler.calibration.CostModel;
import org.helu.compiler.calibration.CostProbe;
import org.helu.compiler.calibration.PostTraining;
import org.helu.compiler.calibration.RangeMethod;
import org.helu.compiler.onnx.ImportedModel;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.Devices;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options of {@code --mode int8} and {@code --mode auto}. */
final class CalibrationOptions {
  @Option(
      names = "--calibrate",
      paramLabel = "PATH",
      description = {
        "int8, auto: typical samples, .npy, idx, CIFAR-10 .bin, or a folder of pictures, whose",
        "subfolders are the classes. One half chooses, the other certifies"
      })
  Path data;

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description = "true classes of these samples, idx (.gz) or .npy; else top-1 agreement counts")
  Path labels;

  @Option(
      names = "--calibration-method",
      paramLabel = "METHOD",
      defaultValue = "mse",
      converter = Methods.class,
      completionCandidates = Methods.class,
      description = "how ranges are chosen: ${COMPLETION-CANDIDATES} (default: mse)")
  RangeMethod method;

  @Option(
      names = "--max-drop",
      paramLabel = "POINTS",
      description = "largest loss of accuracy in percentage points; auto needs it")
  Double maxDrop;

  @Option(
      names = "--cost-model",
      paramLabel = "MODEL",
      defaultValue = "measured",
      converter = CostModels.class,
      completionCandidates = CostModels.class,
      description = {
        "auto: what graphs cost, ${COMPLETION-CANDIDATES}: time measured on the device, or bit",
        "operations, the same everywhere (default: measured)"
      })
  String costModel;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = "vector",
      description = "device that runs the calibration data and is measured (default: vector)")
  String device;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "threads of the device; 0 lets it choose (default: 0)")
  int threads;

  @Option(
      names = "--encodings",
      paramLabel = "FILE",
      description = "int8, auto: take the encodings from this file instead of calibrating")
  Path encodings;

  @Option(
      names = "--save-encodings",
      paramLabel = "FILE",
      description = "write the encodings that were found")
  Path saved;

  @Option(
      names = "--curve",
      paramLabel = "FILE.svg",
      description = "auto: draw accuracy over cost of the graphs that were tried")
  Path curve;

  /** What is wrong with the options of a mode, or null. */
  String problem(Mode mode) {
    if (mode == Mode.EXACT) {
      return data == null && encodings == null && maxDrop == null && saved == null && curve == null
          ? null
          : "--calibrate, --encodings, --max-drop, --save-encodings and --curve go with --mode int8"
              + " or auto";
    }
    if ((data == null) == (encodings == null)) {
      return "--mode " + mode.label() + " takes --calibrate or --encodings";
    }
    if (encodings != null) {
      return maxDrop == null && saved == null && curve == null && labels == null
          ? null
          : "--encodings takes no --max-drop, --labels, --save-encodings or --curve";
    }
    if (mode == Mode.AUTO && maxDrop == null) {
      return "--mode auto takes --max-drop";
    }
    if (curve != null && mode != Mode.AUTO) {
      return "--curve goes with --mode auto";
    }
    return maxDrop == null || maxDrop >= 0 && maxDrop <= 100
        ? null
        : "--max-drop: expected 0 to 100 points, found " + maxDrop;
  }

  PostTraining.Result run(ImportedModel model, CompilerOptions compiler) {
    CalibrationData samples = CalibrationFiles.read(model.graph(), data, labels);
    try (Device opened = Devices.open(device, new DeviceOptions(threads));
        Progress.Sequence progress = new Progress.Sequence()) {
      boolean measured = compiler.mode() == Mode.AUTO && costModel.equals(CostModels.MEASURED);
      CostModel cost =
          measured ? CostProbe.measure(opened, progress::step) : CostModel.bitOperations();
      double budget = maxDrop == null ? Double.NaN : maxDrop / 100;
      PostTraining.Options options = new PostTraining.Options(compiler, method, budget, cost);
      return PostTraining.run(model, samples, options, opened, progress::step);
    }
  }

  /** Range methods by name. */
  static final class Methods implements Iterable<String>, ITypeConverter<RangeMethod> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(RangeMethod.values()).map(RangeMethod::label).iterator();
    }

    @Override
    public RangeMethod convert(String label) {
      return Arrays.stream(RangeMethod.values())
          .filter(method -> method.label().equals(label))
          .findFirst()
          .orElseThrow(
              () -> new TypeConversionException("expected one of " + String.join(", ", this)));
    }
  }

  /** Cost models by name. */
  static final class CostModels implements Iterable<String>, ITypeConverter<String> {
    static final String MEASURED = "measured";

    @Override
    public Iterator<String> iterator() {
      return java.util.List.of(MEASURED, "bops").iterator();
    }

    @Override
    public String convert(String label) {
      if (label.equals(MEASURED) || label.equals("bops")) {
        return label;
      }
      throw new TypeConversionException("expected one of " + String.join(", ", this));
    }
  }
}
