package org.helu.runtime.format;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/** A written file in parts, so that a test can damage one and keep the others right. */
final class FileBytes {
  private FileBytes() {}

  static byte[] of(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static int headerLength(byte[] file) {
    return (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong(16);
  }

  static int dataOffset(byte[] file) {
    return 64 + (headerLength(file) + 63) / 64 * 64;
  }

  static byte[] header(byte[] file) {
    return Arrays.copyOfRange(file, 64, 64 + headerLength(file));
  }

  static byte[] data(byte[] file) {
    return Arrays.copyOfRange(file, dataOffset(file), file.length);
  }

  /** A file with a right preamble around any header and data. */
  static byte[] assemble(byte[] header, byte[] data) {
    int dataOffset = 64 + (header.length + 63) / 64 * 64;
    ByteBuffer bytes = ByteBuffer.allocate(dataOffset + data.length);
    byte[] hash = TensorSection.sha256(header);
    bytes.put(new Preamble(header.length, bytes.capacity(), hash).encode());
    bytes.put(header).position(dataOffset).put(data);
    return bytes.array();
  }

  /** {@code file} with its header's text edited; throws if the edit changes nothing. */
  static byte[] editHeader(byte[] file, UnaryOperator<String> edit) {
    String before = new String(header(file), StandardCharsets.UTF_8);
    String after = edit.apply(before);
    if (after.equals(before)) {
      throw new AssertionError("the edit changes nothing in " + before);
    }
    return assemble(after.getBytes(StandardCharsets.UTF_8), data(file));
  }
}
