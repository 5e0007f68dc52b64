package org.helu.runtime.data;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.helu.runtime.HeluException;

/**
 * Files written beside their target and renamed over it: a reader sees the old content or all of
 * the new, never a part, and a failure leaves the old content and nothing else behind.
 */
public final class AtomicFile {
  private AtomicFile() {}

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Body {
    /** Writes everything to {@code channel}, which stands at position 0. */
    void write(FileChannel channel) throws IOException;
  }

  /**
   * Writes {@code target}.
   *
   * @param stage the stage that an error message starts with
   * @throws HeluException of kind IO if the target is a folder or device, or cannot be written
   */
  public static void write(String stage, Path target, Body body) {
    Path file = target.toAbsolutePath();
    Path beside = null;
    try {
      if (Files.exists(file)) {
        // A link keeps pointing where it points: the file behind it is replaced.
        file = file.toRealPath();
        if (!Files.isRegularFile(file)) {
          throw HeluException.io(
              stage, "'" + target + "' is not a regular file", "name another output", null);
        }
        if (!Files.isWritable(file)) {
          throw HeluException.io(
              stage, "'" + target + "' is write-protected", "name another output", null);
        }
      } else if (file.getFileName() == null || Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw HeluException.io(
            stage, "'" + target + "' is not a regular file", "name another output", null);
      }
      beside = besideOf(file);
      try (FileChannel channel =
          FileChannel.open(
              beside,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE)) {
        body.write(channel);
        // Before the rename: else a power cut could leave the new name with no content.
        channel.force(true);
      }
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
      beside = null;
    } catch (IOException e) {
      throw HeluException.io(
          stage,
          "cannot write '" + target + "': " + reason(e),
          "name a writable folder with room",
          e);
    } finally {
      deleteQuietly(beside);
    }
  }

  /** Writes all of {@code data}, wherever it lies, at {@code position}. */
  public static void writeAt(FileChannel channel, long position, MemorySegment data)
      throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect((int) Math.min(1 << 20, data.byteSize()));
    for (long at = 0; at < data.byteSize(); ) {
      int count = (int) Math.min(chunk.capacity(), data.byteSize() - at);
      MemorySegment.ofBuffer(chunk.clear()).asSlice(0, count).copyFrom(data.asSlice(at, count));
      writeAt(channel, position + at, chunk.limit(count));
      at += count;
    }
  }

  /** Writes all that remains in {@code bytes} at {@code position}. */
  public static void writeAt(FileChannel channel, long position, ByteBuffer bytes)
      throws IOException {
    long at = position;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }

  /** A name beside {@code file} that nobody else uses. */
  static Path besideOf(Path file) {
    // Not Files.createTempFile: that makes a file which its owner alone may read.
    String writer = ProcessHandle.current().pid() + "-" + Thread.currentThread().threadId();
    String suffix = writer + "-" + Long.toHexString(System.nanoTime());
    return file.resolveSibling("." + file.getFileName() + "." + suffix + ".tmp");
  }

  private static void deleteQuietly(Path path) {
    if (path != null) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException _) {
        // The write has failed already, and that failure is what the user is told.
      }
    }
  }

  /** What went wrong, without the path, which the caller names. */
  public static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (e instanceof FileSystemException file) {
      return file.getReason() != null
          ? file.getReason()
          : file.getClass().getSimpleName().replace("Exception", "");
    }
    return e.getMessage() != null ? e.getMessage() : e.getClass().getSimpleName();
  }
}
