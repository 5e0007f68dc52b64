package org.helu.runtime.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Encoding;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** The part of a file behind the header: where tensors lie, and whether they are what they were. */
final class TensorSection {
  private static final int CHUNK_BYTES = 1 << 16;

  private TensorSection() {}

  /** One row per constant, packed in order, each at the next multiple of 64. */
  static List<TensorEntry> layOut(Map<String, Tensor> constants) {
    List<TensorEntry> entries = new ArrayList<>(constants.size());
    long end = 0;
    for (Map.Entry<String, Tensor> constant : constants.entrySet()) {
      Tensor tensor = constant.getValue();
      requireContent(constant.getKey(), tensor);
      long offset = TensorType.align(end);
      long length = tensor.type().byteSize();
      entries.add(
          new TensorEntry(constant.getKey(), tensor.type(), offset, length, sha256(tensor.data())));
      end = offset + length;
    }
    return entries;
  }

  /** Bytes of the section: the end of its last tensor. */
  static long bytes(List<TensorEntry> entries) {
    return entries.isEmpty() ? 0 : entries.getLast().offset() + entries.getLast().length();
  }

  /**
   * Checks the table alone.
   *
   * @param sectionBytes bytes that the file has behind the header and its padding
   */
  static void check(List<TensorEntry> entries, long sectionBytes) {
    Set<String> names = new HashSet<>();
    long end = 0;
    for (TensorEntry entry : entries) {
      String label = label(entry.name());
      if (!names.add(entry.name())) {
        throw new FormatException(label + " stands twice in the table");
      }
      if (entry.type().shape().isBatched()) {
        throw new FormatException(label + ": a stored tensor has no symbolic batch");
      }
      if (entry.length() != entry.type().byteSize()) {
        throw new FormatException(
            label
                + ": "
                + entry.type()
                + " takes "
                + entry.type().byteSize()
                + " bytes, found length "
                + entry.length());
      }
      if (entry.offset() % TensorType.ALIGNMENT_BYTES != 0) {
        throw new FormatException(
            label
                + ": offset "
                + entry.offset()
                + " is not a multiple of "
                + TensorType.ALIGNMENT_BYTES);
      }
      if (entry.offset() > sectionBytes || entry.length() > sectionBytes - entry.offset()) {
        throw new FormatException(
            label
                + ": "
                + entry.length()
                + " bytes at offset "
                + entry.offset()
                + " leave the file, which holds "
                + sectionBytes
                + " bytes of tensors");
      }
      if (entry.offset() < end) {
        throw new FormatException(
            label
                + ": offset "
                + entry.offset()
                + " overlaps the tensor before it, which ends at "
                + end);
      }
      if (entry.offset() != TensorType.align(end)) {
        throw new FormatException(
            label
                + ": offset "
                + entry.offset()
                + " leaves a gap, expected "
                + TensorType.align(end));
      }
      end = entry.offset() + entry.length();
    }
    if (end != sectionBytes) {
      throw new FormatException(
          "tensors end at byte " + end + ", found " + sectionBytes + " bytes of tensors");
    }
  }

  /** Slices of {@code section} as tensors, verified: hashes, zero padding, canonical content. */
  static Map<String, Tensor> slice(List<TensorEntry> entries, MemorySegment section) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    long end = 0;
    for (TensorEntry entry : entries) {
      String label = label(entry.name());
      requireZeros(section.asSlice(end, entry.offset() - end), "before " + label);
      Tensor tensor = new Tensor(entry.type(), section.asSlice(entry.offset(), entry.length()));
      String found = sha256(tensor.data());
      if (!found.equals(entry.sha256())) {
        throw new FormatException(
            label + ": expected SHA-256 " + entry.sha256() + ", found " + found);
      }
      requireContent(entry.name(), tensor);
      tensors.put(entry.name(), tensor);
      end = entry.offset() + entry.length();
    }
    return tensors;
  }

  /** Bytes that only fill space are zero, so that equal graphs are equal files. */
  static void requireZeros(MemorySegment padding, String where) {
    for (long i = 0; i < padding.byteSize(); i++) {
      if (padding.get(JAVA_BYTE, i) != 0) {
        throw new FormatException("padding " + where + " is not zero");
      }
    }
  }

  /**
   * What kernels rely on and a hash does not show: BOOLs are 0 or 1, and the tail of a packed row
   * is zero.
   */
  private static void requireContent(String name, Tensor tensor) {
    TensorType type = tensor.type();
    if (type.elementType() == ElementType.BOOL) {
      for (long i = 0; i < tensor.data().byteSize(); i++) {
        if ((tensor.data().get(JAVA_BYTE, i) & 0xfe) != 0) {
          throw new FormatException(label(name) + ": element " + i + " is not a BOOL, 0 or 1");
        }
      }
    }
    boolean gated = type.encoding() instanceof Encoding.Gated;
    int tail = type.shape().last() & 63;
    if ((gated || type.elementType() == ElementType.BIT) && tail != 0) {
      long base = gated ? type.maskOffset() : 0;
      long rows = gated ? type.rows() : type.rows() * type.planes();
      for (long row = 0; row < rows; row++) {
        long lastWord = base + ((row + 1) * type.wordsPerRow() - 1) * 8;
        if (tensor.data().get(Tensor.LONG, lastWord) >>> tail != 0) {
          throw new FormatException(label(name) + ": bits behind row " + row + " are not zero");
        }
      }
    }
  }

  /** SHA-256 of a segment in lower-case hex. */
  static String sha256(MemorySegment data) {
    MessageDigest digest = newDigest();
    byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, data.byteSize())];
    for (long at = 0; at < data.byteSize(); ) {
      int count = (int) Math.min(chunk.length, data.byteSize() - at);
      MemorySegment.copy(data, JAVA_BYTE, at, chunk, 0, count);
      digest.update(chunk, 0, count);
      at += count;
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static byte[] sha256(byte[] bytes) {
    return newDigest().digest(bytes);
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  private static String label(String name) {
    return "tensor " + JsonFields.quote(name);
  }
}
