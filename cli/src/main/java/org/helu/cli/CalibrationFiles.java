package org.helu.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.helu.compiler.calibration.CalibrationData;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.AtomicFile;
import org.helu.runtime.data.CifarBinary;
import org.helu.runtime.data.LabeledImages;
import org.helu.runtime.data.Npy;
import org.helu.runtime.data.Pixels;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Calibration data: {@code .npy}, idx, CIFAR-10's binary version ({@code .bin}, labels included),
 * or a folder of pictures, whose subfolders, in alphabetical order, are the classes.
 */
final class CalibrationFiles {
  private static final String STAGE = "compile/calibrate";

  private CalibrationFiles() {}

  /**
   * @param labels true classes, or null: then those that {@code path} tells, if it does
   */
  static CalibrationData read(Graph graph, Path path, Path labels) {
    if (graph.inputs().size() != 1) {
      throw HeluException.unsupported(
          STAGE,
          "'" + graph.name() + "': expected one input, found " + graph.inputs().size(),
          "compile with --mode exact");
    }
    GraphInput input = graph.inputs().getFirst();
    CalibrationData data;
    if (Files.isDirectory(path)) {
      data = folder(input, path);
    } else {
      String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
      if (name.endsWith(".npy")) {
        data = new CalibrationData(Npy.readFloat32(path), null);
      } else if (name.endsWith(".bin") || name.endsWith(".bin.gz")) {
        data = labeled(CifarBinary.read(path));
      } else if (name.contains("idx") || name.contains("ubyte")) {
        data = new CalibrationData(IdxInput.read(input, path), null);
      } else {
        throw HeluException.invalid(
            STAGE,
            "'" + path + "': the name does not tell the format",
            "give a folder of pictures, or name it .npy, .bin (CIFAR-10) or as idx files are named");
      }
    }
    if (data.inputs().shape().rank() == 0) {
      throw HeluException.invalid(
          STAGE, "'" + path + "': expected samples, found a scalar", "stack them: [N,...]");
    }
    return labels == null ? data : new CalibrationData(data.inputs(), classes(Labels.read(labels)));
  }

  private static CalibrationData labeled(LabeledImages images) {
    Tensor inputs = Tensor.zeros(new TensorType(ElementType.FLOAT32, images.images().shape()));
    Pixels.toUnitFloats(images.images(), 0, inputs);
    return new CalibrationData(inputs, classes(images.labels()));
  }

  private static int[] classes(Tensor labels) {
    int[] classes = new int[Math.toIntExact(labels.elements())];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = (int) labels.getDouble(i);
    }
    return classes;
  }

  private static CalibrationData folder(GraphInput input, Path folder) {
    List<Path> classes = list(folder).stream().filter(Files::isDirectory).toList();
    List<Path> files = new ArrayList<>(pictures(folder));
    List<Integer> labels = new ArrayList<>();
    if (!classes.isEmpty()) {
      if (!files.isEmpty()) {
        throw HeluException.invalid(
            STAGE,
            "'" + folder + "' holds both pictures and folders",
            "put every picture into the folder of its class, or all into one");
      }
      for (int c = 0; c < classes.size(); c++) {
        List<Path> members = pictures(classes.get(c));
        files.addAll(members);
        for (int i = 0; i < members.size(); i++) {
          labels.add(c);
        }
      }
    }
    if (files.isEmpty()) {
      throw HeluException.invalid(
          STAGE, "'" + folder + "' holds no .png or .jpg", "give a folder with pictures");
    }
    Tensor first = ImageInput.read(input, files.getFirst());
    Shape shape = first.shape().withDim(0, files.size());
    Tensor inputs = Tensor.zeros(new TensorType(ElementType.FLOAT32, shape));
    long bytes = first.data().byteSize();
    for (int i = 0; i < files.size(); i++) {
      Tensor picture = i == 0 ? first : ImageInput.read(input, files.get(i));
      MemorySegment.copy(picture.data(), 0, inputs.data(), i * bytes, bytes);
    }
    return new CalibrationData(
        inputs, classes.isEmpty() ? null : labels.stream().mapToInt(Integer::intValue).toArray());
  }

  private static List<Path> pictures(Path folder) {
    return list(folder).stream()
        .filter(
            file -> {
              String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
              return name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg");
            })
        .toList();
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    } catch (IOException e) {
      throw HeluException.io(
          STAGE, "cannot read '" + folder + "': " + AtomicFile.reason(e), "check the path", e);
    }
  }
}
