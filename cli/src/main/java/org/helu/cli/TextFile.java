package org.helu.cli;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.helu.runtime.data.AtomicFile;

/** Text files, written whole or not at all. */
final class TextFile {
  private TextFile() {}

  static void write(String stage, Path file, String text) {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    AtomicFile.write(stage, file, channel -> AtomicFile.writeAt(channel, 0, bytes));
  }
}
