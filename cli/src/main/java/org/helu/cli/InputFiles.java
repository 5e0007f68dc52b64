package org.helu.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.Npy;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.tensor.Tensor;

/** A network's inputs from files: .npy, images, and idx (MNIST's format), gzipped or not. */
final class InputFiles {
  private static final String STAGE = "run/input";

  private InputFiles() {}

  /**
   * Reads one file per input.
   *
   * @param arguments {@code FILE} for a network of one input, else {@code NAME=FILE} for each
   */
  static List<Tensor> read(Graph graph, List<String> arguments) {
    List<String> names = graph.inputs().stream().map(GraphInput::name).toList();
    List<Path> files = NamedFiles.assign("input", names, arguments);
    List<Tensor> tensors = new ArrayList<>(files.size());
    for (int i = 0; i < files.size(); i++) {
      tensors.add(read(graph.inputs().get(i), files.get(i)));
    }
    return tensors;
  }

  private static Tensor read(GraphInput input, Path file) {
    String name = file.getFileName() == null ? "" : file.getFileName().toString();
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.endsWith(".npy")) {
      return Npy.readFloat32(file);
    }
    if (lower.endsWith(".png") || lower.endsWith(".jpg") || lower.endsWith(".jpeg")) {
      return ImageInput.read(input, file);
    }
    if (lower.contains("idx") || lower.contains("ubyte")) {
      return IdxInput.read(input, file);
    }
    throw HeluException.invalid(
        STAGE,
        "'" + file + "': the name does not tell the format",
        "name it .npy, .png, .jpg, or as idx files are named (…-idx3-ubyte, …-idx3-ubyte.gz)");
  }
}
