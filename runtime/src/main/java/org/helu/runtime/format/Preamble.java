package org.helu.runtime.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The first 64 bytes of a file: what it is, how long it is, and the hash of its header.
 *
 * @param headerBytes length of the JSON header behind the preamble
 * @param fileBytes length of the whole file
 * @param headerSha256 SHA-256 of the header's bytes
 */
record Preamble(long headerBytes, long fileBytes, byte[] headerSha256) {
  static final int BYTES = 64;

  /** The one version that this build writes and reads. */
  static final int VERSION = 1;

  /**
   * Bounds memory before the header is understood: a parsed header takes some 20 times its size. 16
   * MiB hold the nodes of a network a hundred times the size of ResNet-152.
   */
  static final int MAX_HEADER_BYTES = 16 << 20;

  /** As in PNG, the line ends and the control-Z show a file that was transferred as text. */
  private static final byte[] MAGIC = {'H', 'E', 'L', 'U', '\r', '\n', 0x1a, '\n'};

  byte[] encode() {
    ByteBuffer buffer = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    buffer.put(MAGIC).putInt(VERSION).putInt(0).putLong(headerBytes).putLong(fileBytes);
    return buffer.put(headerSha256).array();
  }

  /**
   * Reads and checks a preamble.
   *
   * @param bytes the first bytes of the file, 64 if it is that long
   * @param actualFileBytes the length of the file on disk
   */
  static Preamble decode(byte[] bytes, long actualFileBytes) {
    int known = Math.min(bytes.length, MAGIC.length);
    if (known == 0 || !Arrays.equals(bytes, 0, known, MAGIC, 0, known)) {
      throw new FormatException(
          "not a .helu file: it does not start with the magic bytes HELU",
          "compile a model with `helu compile`");
    }
    if (bytes.length < BYTES) {
      throw new FormatException(
          "expected at least " + BYTES + " bytes, found " + actualFileBytes + ": truncated");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int version = buffer.getInt(8);
    if (version != VERSION) {
      throw new FormatException(
          "format version "
              + Integer.toUnsignedString(version)
              + ", this build reads version "
              + VERSION,
          "compile the model again with this version of helu");
    }
    if (buffer.getInt(12) != 0) {
      throw new FormatException(
          "reserved field: expected 0, found " + Integer.toUnsignedString(buffer.getInt(12)));
    }
    long headerBytes = buffer.getLong(16);
    long fileBytes = buffer.getLong(24);
    if (fileBytes != actualFileBytes) {
      throw new FormatException(
          "expected "
              + Long.toUnsignedString(fileBytes)
              + " bytes, found "
              + actualFileBytes
              + (Long.compareUnsigned(actualFileBytes, fileBytes) < 0
                  ? ": truncated"
                  : ": bytes behind the end"));
    }
    if (headerBytes < 2 || headerBytes > Math.min(MAX_HEADER_BYTES, fileBytes - BYTES)) {
      throw new FormatException(
          "header length "
              + Long.toUnsignedString(headerBytes)
              + " is outside 2.."
              + Math.min(MAX_HEADER_BYTES, fileBytes - BYTES));
    }
    return new Preamble(headerBytes, fileBytes, Arrays.copyOfRange(bytes, 32, BYTES));
  }
}
