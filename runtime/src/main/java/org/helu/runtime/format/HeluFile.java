package org.helu.runtime.format;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.AtomicFile;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Reads and writes {@code .helu} files: preamble, JSON header, 64-byte aligned tensors; all
 * little-endian. The layout and every check are described in docs/format.md.
 */
public final class HeluFile {
  private static final String READ = "format/read";
  private static final String WRITE = "format/write";

  private HeluFile() {}

  /**
   * What a file says of itself, read without touching its tensors.
   *
   * @param version format version
   * @param fileBytes length of the file
   * @param headerBytes length of its JSON header
   * @param dataOffset where the data section starts; the tensors' offsets count from there
   * @param headerJson the header, indented
   * @param tensors the tensor table
   */
  public record Info(
      int version,
      long fileBytes,
      long headerBytes,
      long dataOffset,
      String headerJson,
      List<TensorEntry> tensors) {}

  /**
   * Writes {@code graph} to {@code file}. The same graph gives the same bytes. The file is written
   * beside its target and renamed, so no reader ever sees a part of it.
   *
   * @throws HeluException of kind IO if the file cannot be written, of kind INVALID_INPUT if the
   *     graph exceeds the format's limits; an existing file is then left as it was
   */
  public static void write(Path file, BinarizedGraph graph) {
    List<TensorEntry> entries;
    byte[] header;
    try {
      entries = TensorSection.layOut(graph.graph().constants());
      header = HeaderJson.write(Header.encode(graph, entries));
      if (header.length > Preamble.MAX_HEADER_BYTES) {
        throw new FormatException(
            "the header takes " + header.length + " bytes of " + Preamble.MAX_HEADER_BYTES,
            "split the network");
      }
      // Names have limits as well: what cannot be read again must not be written.
      Header.decode(HeaderJson.parse(header));
    } catch (FormatException e) {
      throw HeluException.invalid(WRITE, "'" + file + "': " + e.getMessage(), e.remedy());
    }
    long dataOffset = dataOffset(header.length);
    long fileBytes = dataOffset + TensorSection.bytes(entries);
    byte[] preamble = new Preamble(header.length, fileBytes, TensorSection.sha256(header)).encode();
    AtomicFile.write(
        WRITE,
        file,
        channel -> {
          AtomicFile.writeAt(channel, 0, ByteBuffer.wrap(preamble));
          AtomicFile.writeAt(channel, Preamble.BYTES, ByteBuffer.wrap(header));
          // Padding is what a file system gives for bytes that were never written: zeros.
          AtomicFile.writeAt(channel, Preamble.BYTES + header.length, padding(header.length));
          for (TensorEntry entry : entries) {
            MemorySegment data = graph.graph().constant(entry.name()).data();
            AtomicFile.writeAt(channel, dataOffset + entry.offset(), data);
          }
          if (channel.size() < fileBytes) {
            // An empty tensor stands last, behind padding that nothing has been written after.
            AtomicFile.writeAt(channel, fileBytes - 1, ByteBuffer.allocate(1));
          }
        });
  }

  /**
   * Reads a file: maps it into memory and verifies all of it, hashes included. Constants are slices
   * of the mapping, which lives as long as any of them is reachable; do not change the file in
   * place meanwhile ({@link #write} never does).
   *
   * @throws HeluException in one line, of kind IO if the file cannot be read, of kind INVALID_INPUT
   *     if it is not, in every byte, a file that {@link #write} could have written
   */
  public static BinarizedGraph read(Path file) {
    try (FileChannel channel = open(file)) {
      Preamble preamble = readPreamble(channel);
      Header header = Header.decode(readHeader(channel, preamble));
      long dataOffset = checkLayout(header, preamble);
      MemorySegment mapping =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, preamble.fileBytes(), Arena.ofAuto());
      long headerEnd = Preamble.BYTES + preamble.headerBytes();
      TensorSection.requireZeros(
          mapping.asSlice(headerEnd, dataOffset - headerEnd), "behind the header");
      Map<String, Tensor> constants =
          TensorSection.slice(header.tensors(), mapping.asSlice(dataOffset));
      Graph graph =
          new Graph(header.name(), header.inputs(), header.outputs(), header.nodes(), constants);
      checkTypes(header, graph);
      return new BinarizedGraph(graph, header.provenance());
    } catch (FormatException e) {
      throw invalid(file, e);
    } catch (IOException e) {
      throw unreadable(file, e);
    } catch (HeluException e) {
      if (e.stage().equals(READ)) {
        throw e;
      }
      throw HeluException.of(e.kind(), READ, "'" + file + "': " + e.getMessage(), "", e);
    }
  }

  /**
   * Reads the header and checks it and the tensor table, but neither the tensors nor the graph.
   *
   * @throws HeluException as {@link #read}
   */
  public static Info inspect(Path file) {
    try (FileChannel channel = open(file)) {
      Preamble preamble = readPreamble(channel);
      JsonNode tree = readHeader(channel, preamble);
      Header header = Header.decode(tree);
      long dataOffset = checkLayout(header, preamble);
      return new Info(
          Preamble.VERSION,
          preamble.fileBytes(),
          preamble.headerBytes(),
          dataOffset,
          HeaderJson.pretty(tree),
          header.tensors());
    } catch (FormatException e) {
      throw invalid(file, e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static FileChannel open(Path file) throws IOException {
    // A folder fails late and a named pipe would block for ever.
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw HeluException.io(READ, "'" + file + "' is not a regular file", "", null);
    }
    return FileChannel.open(file, StandardOpenOption.READ);
  }

  private static Preamble readPreamble(FileChannel channel) throws IOException {
    long size = channel.size();
    return Preamble.decode(readBytes(channel, 0, (int) Math.min(Preamble.BYTES, size)), size);
  }

  private static JsonNode readHeader(FileChannel channel, Preamble preamble) throws IOException {
    byte[] bytes = readBytes(channel, Preamble.BYTES, (int) preamble.headerBytes());
    byte[] found = TensorSection.sha256(bytes);
    if (!Arrays.equals(found, preamble.headerSha256())) {
      throw new FormatException(
          "header: expected SHA-256 "
              + HexFormat.of().formatHex(preamble.headerSha256())
              + ", found "
              + HexFormat.of().formatHex(found));
    }
    return HeaderJson.parse(bytes);
  }

  private static long checkLayout(Header header, Preamble preamble) {
    long dataOffset = dataOffset(preamble.headerBytes());
    if (preamble.fileBytes() < dataOffset) {
      throw new FormatException("the padding behind the header is truncated");
    }
    TensorSection.check(header.tensors(), preamble.fileBytes() - dataOffset);
    return dataOffset;
  }

  private static void checkTypes(Header header, Graph graph) {
    for (int i = 0; i < header.nodes().size(); i++) {
      TensorType inferred = graph.type(header.nodes().get(i).output());
      TensorType declared = header.nodeTypes().get(i);
      if (!declared.equals(inferred)) {
        throw new FormatException(
            "nodes[" + i + "].type: expected " + inferred + ", found " + declared);
      }
    }
  }

  private static long dataOffset(long headerBytes) {
    return TensorType.align(Preamble.BYTES + headerBytes);
  }

  private static ByteBuffer padding(long headerBytes) {
    return ByteBuffer.allocate((int) (dataOffset(headerBytes) - Preamble.BYTES - headerBytes));
  }

  private static byte[] readBytes(FileChannel channel, long position, int count)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new FormatException("the file became shorter while it was read");
      }
    }
    return buffer.array();
  }

  private static HeluException invalid(Path file, FormatException e) {
    return HeluException.of(
        HeluException.Kind.INVALID_INPUT, READ, "'" + file + "': " + e.getMessage(), e.remedy(), e);
  }

  private static HeluException unreadable(Path file, IOException e) {
    return HeluException.io(
        READ, "cannot read '" + file + "': " + AtomicFile.reason(e), "check the path", e);
  }
}
