package org.helu.compiler.onnx;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Tensor data beside the model file. A model is untrusted: only regular files inside its own folder
 * are read, whatever links or {@code ..} a location holds.
 */
final class ExternalData {
  private final Path folder;

  /**
   * @param folder the model's folder, or null for a model that has none
   */
  ExternalData(Path folder) {
    this.folder = folder;
  }

  /**
   * The bytes of a tensor, mapped.
   *
   * @param bytes how many the tensor's type and shape take
   */
  MemorySegment read(TensorProto proto, long bytes) {
    String location = entry(proto, "location");
    if (location == null || location.isEmpty()) {
      throw NodeProblem.invalid("external data without a location");
    }
    long offset = number(proto, "offset", 0);
    long length = number(proto, "length", bytes);
    if (length != bytes) {
      throw NodeProblem.invalid(
          "external data is declared " + length + " bytes long, the shape takes " + bytes);
    }
    Path file = resolve(location);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (offset > channel.size() || bytes > channel.size() - offset) {
        throw NodeProblem.invalid(
            "external data file '"
                + location
                + "' holds "
                + channel.size()
                + " bytes, expected "
                + bytes
                + " at offset "
                + offset);
      }
      return channel.map(FileChannel.MapMode.READ_ONLY, offset, bytes, Arena.ofAuto());
    } catch (IOException e) {
      throw NodeProblem.invalid("external data file '" + location + "' cannot be read: " + e);
    }
  }

  private Path resolve(String location) {
    if (folder == null) {
      throw NodeProblem.invalid(
          "data lies in external file '"
              + location
              + "', but the model was not read from a folder");
    }
    try {
      Path relative = Path.of(location);
      Path root = folder.toRealPath();
      for (Path part : relative) {
        if (part.toString().equals("..")) {
          throw outside(location);
        }
      }
      if (relative.isAbsolute() || location.startsWith("/") || location.startsWith("\\")) {
        throw outside(location);
      }
      // The real path follows links, so a link that leaves the folder does not pass.
      Path file = root.resolve(relative).toRealPath();
      if (!file.startsWith(root)) {
        throw outside(location);
      }
      if (!Files.isRegularFile(file)) {
        throw NodeProblem.invalid("external data '" + location + "' is not a regular file");
      }
      return file;
    } catch (IOException | InvalidPathException _) {
      throw NodeProblem.invalid(
          "external data file '" + location + "' is missing from the model's folder");
    }
  }

  private static NodeProblem outside(String location) {
    return NodeProblem.invalid(
        "external data '"
            + location
            + "' lies outside the model's folder; only files in it are read");
  }

  private static long number(TensorProto proto, String key, long fallback) {
    String text = entry(proto, key);
    if (text == null) {
      return fallback;
    }
    try {
      long value = Long.parseLong(text.strip());
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException _) {
      // Told below, together with negative numbers.
    }
    throw NodeProblem.invalid("external data " + key + " '" + text + "' is not a size in bytes");
  }

  private static String entry(TensorProto proto, String key) {
    String found = null;
    for (StringStringEntryProto entry : proto.getExternalDataList()) {
      if (entry.getKey().equals(key)) {
        if (found != null) {
          throw NodeProblem.invalid("external data gives " + key + " twice");
        }
        found = entry.getValue();
      }
    }
    return found;
  }
}
