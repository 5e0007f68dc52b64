package org.helu.runtime.data;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.helu.runtime.HeluException;

/** A file of bytes, gzipped or not, that is read front to back with its sizes checked. */
final class DataFile implements AutoCloseable {
  /** Deflate spends at least one bit on 258 bytes: no file expands more than this. */
  private static final long MAX_EXPANSION = 1032;

  private final String stage;
  private final Path path;
  private final InputStream stream;
  private final long maxBytes;

  private DataFile(String stage, Path path, InputStream stream, long maxBytes) {
    this.stage = stage;
    this.path = path;
    this.stream = stream;
    this.maxBytes = maxBytes;
  }

  /** Opens a file; gzip is recognized by its magic bytes, whatever the name is. */
  static DataFile open(String stage, Path path) {
    requireFile(stage, path);
    InputStream raw = null;
    try {
      long size = Files.size(path);
      raw = new BufferedInputStream(Files.newInputStream(path));
      raw.mark(2);
      boolean gzip = raw.read() == 0x1f && raw.read() == 0x8b;
      raw.reset();
      InputStream stream = gzip ? new GZIPInputStream(raw, 1 << 16) : raw;
      return new DataFile(
          stage, path, stream, gzip ? Math.multiplyExact(size, MAX_EXPANSION) : size);
    } catch (IOException e) {
      closeQuietly(raw);
      throw unreadable(stage, path, e);
    }
  }

  static void requireFile(String stage, Path path) {
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw HeluException.io(stage, "'" + path + "' is not a regular file", "", null);
    }
  }

  static HeluException unreadable(String stage, Path path, IOException e) {
    return HeluException.io(
        stage, "cannot read '" + path + "': " + AtomicFile.reason(e), "check the file", e);
  }

  /** Most bytes that the content can have, judged by the size on disk: bounds allocations. */
  long maxBytes() {
    return maxBytes;
  }

  /** Fails unless the content can have {@code bytes} bytes. */
  void requireRoomFor(long bytes, String what) {
    if (bytes < 0 || bytes > maxBytes) {
      throw invalid("declares " + what + ", more than the file can hold: truncated");
    }
  }

  /** Big-endian 32-bit unsigned integer. */
  long readUnsignedInt(String what) {
    byte[] bytes = new byte[4];
    readFully(MemorySegment.ofArray(bytes), what);
    return (bytes[0] & 0xffL) << 24
        | (bytes[1] & 0xff) << 16
        | (bytes[2] & 0xff) << 8
        | bytes[3] & 0xff;
  }

  /** Fills {@code target}; a shorter file is an error. */
  void readFully(MemorySegment target, String what) {
    long read = read(target);
    if (read < target.byteSize()) {
      throw invalid(
          "ends within " + what + ": expected " + target.byteSize() + " bytes, found " + read);
    }
  }

  /** Fills {@code target} as far as the file reaches; returns the bytes read. */
  long read(MemorySegment target) {
    byte[] chunk = new byte[(int) Math.min(1 << 16, target.byteSize())];
    long at = 0;
    try {
      while (at < target.byteSize()) {
        int count = (int) Math.min(chunk.length, target.byteSize() - at);
        int read = stream.readNBytes(chunk, 0, count);
        MemorySegment.copy(chunk, 0, target, JAVA_BYTE, at, read);
        at += read;
        if (read < count) {
          break;
        }
      }
    } catch (IOException e) {
      throw damaged(e);
    }
    return at;
  }

  /** Fails unless the file ends here; reads one byte at most. */
  void requireEnd() {
    try {
      if (stream.read() >= 0) {
        throw invalid("has more bytes than it declares");
      }
    } catch (IOException e) {
      throw damaged(e);
    }
  }

  HeluException invalid(String problem) {
    return HeluException.invalid(stage, "'" + path + "' " + problem, "fetch the file again");
  }

  private HeluException damaged(IOException e) {
    return HeluException.of(
        HeluException.Kind.INVALID_INPUT,
        stage,
        "'" + path + "' is damaged: " + AtomicFile.reason(e),
        "fetch the file again",
        e);
  }

  @Override
  public void close() {
    closeQuietly(stream);
  }

  private static void closeQuietly(InputStream stream) {
    if (stream != null) {
      try {
        stream.close();
      } catch (IOException _) {
        // Everything that was wanted from a file that is only read has been read.
      }
    }
  }
}
