package org.helu.runtime.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.helu.runtime.HeluException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way in which a file can be wrong is told in one line before anything runs. */
class HeluFileCorruptionTest {
  @TempDir Path folder;
  private Path file;
  private byte[] good;

  @BeforeEach
  void write() {
    file = folder.resolve("small.helu");
    HeluFile.write(file, Graphs.small());
    good = FileBytes.of(file);
  }

  private String failure(byte[] bytes) {
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return failure(file);
  }

  private static String failure(Path path) {
    HeluException e = assertThrows(HeluException.class, () -> HeluFile.read(path));
    assertEquals("format/read", e.stage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    assertTrue(e.getMessage().startsWith("format/read: "), e.getMessage());
    assertTrue(e.getMessage().contains(path.toString()), e.getMessage());
    return e.getMessage();
  }

  private void assertRejected(String expected, byte[] bytes) {
    String message = failure(bytes);
    assertTrue(message.contains(expected), "expected '" + expected + "' in: " + message);
  }

  private void assertHeaderRejected(String expected, UnaryOperator<String> edit) {
    assertRejected(expected, FileBytes.editHeader(good, edit));
  }

  private void assertHeaderRejected(String expected, String find, String replacement) {
    assertHeaderRejected(expected, text -> text.replace(find, replacement));
  }

  private byte[] with(int offset, long value, int bytes) {
    ByteBuffer copy = ByteBuffer.wrap(good.clone()).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes == 8) {
      copy.putLong(offset, value);
    } else {
      copy.putInt(offset, (int) value);
    }
    return copy.array();
  }

  @Test
  void theUndamagedFileIsRead() throws IOException {
    Files.write(file, FileBytes.assemble(FileBytes.header(good), FileBytes.data(good)));
    assertEquals("small", HeluFile.read(file).name());
  }

  @Test
  void magic() {
    assertRejected("not a .helu file", new byte[0]);
    assertRejected("not a .helu file", "ONNX model".repeat(20).getBytes(StandardCharsets.UTF_8));
    assertRejected("not a .helu file", new byte[4096]);
    byte[] textTransfer = good.clone();
    textTransfer[4] = '\n';
    assertRejected("not a .helu file", textTransfer);
  }

  @Test
  void versionNamesBoth() {
    assertRejected("format version 2, this build reads version 1", with(8, 2, 4));
    assertRejected("format version 4294967295, this build reads version 1", with(8, -1, 4));
    assertRejected("reserved field: expected 0, found 7", with(12, 7, 4));
  }

  @Test
  void lengths() {
    assertRejected("truncated", Arrays.copyOf(good, 40));
    assertRejected("truncated", Arrays.copyOf(good, 64));
    assertRejected("truncated", Arrays.copyOf(good, good.length - 1));
    assertRejected("bytes behind the end", Arrays.copyOf(good, good.length + 1));
    assertRejected("header length 0 is outside", with(16, 0, 8));
    assertRejected("header length 9223372036854775807 is outside", with(16, Long.MAX_VALUE, 8));
    assertRejected("header length 18446744073709551615 is outside", with(16, -1, 8));
    assertRejected("header length 4611686018427387904", with(16, 1L << 62, 8));
    assertRejected("expected 18446744073709551615 bytes", with(24, -1, 8));
    assertRejected("header: expected SHA-256", with(16, FileBytes.headerLength(good) - 1, 8));
  }

  @Test
  void aHugeSparseFileAllocatesNothing() throws IOException {
    // 1 TiB that takes no room on disk, and a header length within it but beyond the limit.
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(1L << 40);
      byte[] preamble = new Preamble(1L << 39, 1L << 40, new byte[32]).encode();
      sparse.write(preamble);
    }
    assertTrue(failure(file).contains("is outside 2..16777216"));
  }

  @Test
  void anyFlippedByteIsFound() {
    for (int i = 0; i < good.length; i++) {
      byte[] damaged = good.clone();
      damaged[i] ^= 0x10;
      failure(damaged);
    }
  }

  @Test
  void hashes() {
    byte[] damaged = good.clone();
    damaged[good.length - 1] ^= 1;
    assertRejected("tensor 'w2': expected SHA-256", damaged);
    damaged = good.clone();
    damaged[70] ^= 1;
    assertRejected("header: expected SHA-256", damaged);
  }

  @Test
  void paddingIsZero() {
    byte[] data = FileBytes.data(good);
    data[30] = 1;
    assertRejected(
        "padding before tensor 'b1' is not zero", FileBytes.assemble(FileBytes.header(good), data));
    int behindHeader = 64 + FileBytes.headerLength(good);
    assertTrue(behindHeader < FileBytes.dataOffset(good), "the header leaves padding");
    byte[] damaged = good.clone();
    damaged[behindHeader] = 1;
    assertRejected("padding behind the header is not zero", damaged);
  }

  @Test
  void paddingBehindTheHeaderMayNotBeMissing() {
    byte[] header = FileBytes.header(good);
    byte[] bytes = new byte[64 + header.length];
    Preamble preamble = new Preamble(header.length, bytes.length, TensorSection.sha256(header));
    System.arraycopy(preamble.encode(), 0, bytes, 0, 64);
    System.arraycopy(header, 0, bytes, 64, header.length);
    assertRejected("the padding behind the header is truncated", bytes);
  }

  @Test
  void json() {
    byte[] data = FileBytes.data(good);
    assertHeaderRejected("header: ", text -> text.substring(0, text.length() - 1));
    assertHeaderRejected("more text behind the JSON object", text -> text + "{}");
    assertHeaderRejected("header: ", text -> text + "x");
    assertHeaderRejected(
        "Duplicate field 'name'", "{\"name\":\"fc1\"", "{\"name\":\"a\",\"name\":\"fc1\"");
    assertHeaderRejected("header: expected an object, found an array", _ -> "[]");
    assertHeaderRejected("header: expected an object, found null", _ -> "null");
    assertHeaderRejected("found nothing", _ -> "   ");
    assertHeaderRejected("header: ", _ -> "[".repeat(100_000));
    assertHeaderRejected("header: ", "\"alpha\":0.5", "\"alpha\":NaN");
    assertHeaderRejected("header: ", "\"alpha\":0.5", "\"alpha\":0." + "1".repeat(1000));
    assertHeaderRejected("is not a float32", "\"alpha\":0.5", "\"alpha\":0.1");
    assertHeaderRejected("header: ", "\"alpha\":0.5", "\"" + "k".repeat(1000) + "\":0.5");
    assertHeaderRejected("header: ", "small", "s".repeat(100_000));
    assertHeaderRejected("header: ", "small", "sm\u0001all");
    assertHeaderRejected("name: the text is not valid Unicode", "small", "sm\\ud800all");
    assertHeaderRejected("name: the text is not valid Unicode", "small", "\\ude00");
    byte[] header = FileBytes.header(good);
    header[10] = (byte) 0xff;
    assertRejected("header: ", FileBytes.assemble(header, data));
    byte[] utf16 =
        new String(FileBytes.header(good), StandardCharsets.UTF_8)
            .getBytes(StandardCharsets.UTF_16LE);
    assertRejected("header: ", FileBytes.assemble(utf16, data));
  }

  @Test
  void schema() {
    assertHeaderRejected("header: field 'name' is missing", "{\"name\":\"small\",", "{");
    assertHeaderRejected(
        "header: unknown field 'author'",
        "{\"name\":\"small\",",
        "{\"name\":\"small\",\"author\":1,");
    assertHeaderRejected("name: expected a string, found 7", "\"small\"", "7");
    assertHeaderRejected(
        "outputs: expected an array, found 'y'", "\"outputs\":[\"y\"]", "\"outputs\":\"y\"");
    assertHeaderRejected(
        "outputs[0]: expected a string, found null", "\"outputs\":[\"y\"]", "\"outputs\":[null]");
    assertHeaderRejected(
        "nodes[0].op: unknown op 'Fft'", "\"fc1\",\"op\":\"Dense\"", "\"fc1\",\"op\":\"Fft\"");
    assertHeaderRejected(
        "nodes[0].op: unknown op 'Helu'", "\"fc1\",\"op\":\"Dense\"", "\"fc1\",\"op\":\"Helu\"");
    assertHeaderRejected("nodes[0].attributes: field 'bias' is missing", "\"bias\":true,", "");
    assertHeaderRejected(
        "nodes[0].attributes.bias: expected a boolean, found 1", "\"bias\":true,", "\"bias\":1,");
    assertHeaderRejected("unknown epilogue 'sign'", "\"gate\"", "\"sign\"");
    assertHeaderRejected(
        "inputs[0].element: unknown ElementType 'FLOAT16'",
        "\"element\":\"FLOAT32\",\"shape\":[\"N\",3]",
        "\"element\":\"FLOAT16\",\"shape\":[\"N\",3]");
    assertHeaderRejected(
        "nodes[0].type.encoding: unknown encoding 'planes'", "\"gated\"", "\"planes\"");
    assertHeaderRejected(
        "inputs[0].range: expected [min, max], found 1 items", "[0.0,1.0]", "[0.0]");
    assertHeaderRejected("expected min <= max", "[0.0,1.0]", "[1.0,0.0]");
    assertHeaderRejected("expected min <= max", "[0.0,1.0]", "[\"NaN\",0.0]");
    assertHeaderRejected("provenance.sourceSha256: expected 64", "abab", "ABAB");
    assertHeaderRejected("tensors[0].sha256: expected 64", "\"sha256\":\"", "\"sha256\":\"0");
    assertHeaderRejected(
        "inputs[0].shape[0]: expected a dimension of at least 0, found -1",
        "\"shape\":[\"N\",3]",
        "\"shape\":[-1,3]");
  }

  @Test
  void graph() {
    assertHeaderRejected(
        "type: expected float32[Nx2] gated, found float32[Nx2]", "\"gated\"", "\"plain\"");
    assertHeaderRejected(
        "nodes[1].type",
        "\"type\":{\"element\":\"FLOAT32\",\"shape\":[\"N\",2],\"encoding\":\"plain\"}",
        "\"type\":{\"element\":\"FLOAT32\",\"shape\":[\"N\",3],\"encoding\":\"plain\"}");
    assertHeaderRejected(
        "is not written before it is read", "\"inputs\":[\"x\",", "\"inputs\":[\"y\",");
    assertHeaderRejected("is written twice", "\"output\":\"h\"", "\"output\":\"w2\"");
    assertHeaderRejected("the name is used twice", "\"name\":\"y\"", "\"name\":\"fc1\"");
    assertHeaderRejected(
        "output 'z' is never written", "\"outputs\":[\"y\"]", "\"outputs\":[\"z\"]");
    assertHeaderRejected("has no output", "\"outputs\":[\"y\"]", "\"outputs\":[]");
    assertHeaderRejected("expected 2 inputs, found 3", "\"bias\":true", "\"bias\":false");
    assertHeaderRejected(
        "gated edges hold FLOAT32",
        "FLOAT32\",\"shape\":[\"N\",3],\"encoding\":\"plain\"",
        "INT32\",\"shape\":[\"N\",3],\"encoding\":\"gated\"");
  }

  @Test
  void tensorTable() {
    assertHeaderRejected(
        "tensor 'w1': float32[2x3] takes 24 bytes, found length 28",
        "\"length\":24",
        "\"length\":28");
    assertHeaderRejected(
        "tensor 'w1': float32[2x4] takes 32 bytes, found length 24",
        "\"shape\":[2,3]",
        "\"shape\":[2,4]");
    assertHeaderRejected(
        "tensor 'w1': a stored tensor has no symbolic batch",
        "\"shape\":[2,3]",
        "\"shape\":[\"N\",3]");
    assertHeaderRejected("offset 68 is not a multiple of 64", "\"offset\":64", "\"offset\":68");
    assertHeaderRejected("tensor 'b1': offset 0 overlaps", "\"offset\":64", "\"offset\":0");
    assertHeaderRejected(
        "tensor 'b1': offset 128 leaves a gap, expected 64", "\"offset\":64", "\"offset\":128");
    assertHeaderRejected("leave the file", "\"offset\":128", "\"offset\":192");
    assertHeaderRejected("leave the file", "\"offset\":128", "\"offset\":9223372036854775744");
    assertHeaderRejected(
        "offset: expected an integer of at least 0", "\"offset\":128", "\"offset\":-64");
    assertHeaderRejected(
        "offset: expected an integer of at least 0",
        "\"offset\":128",
        "\"offset\":18446744073709551616");
    assertHeaderRejected(
        "offset: expected an integer of at least 0", "\"offset\":128", "\"offset\":128.0");
    assertHeaderRejected(
        "takes 4398046511104 bytes", "\"shape\":[2,3]", "\"shape\":[1048576,1048576]");
    assertHeaderRejected(
        "leave the file",
        "\"shape\":[2,3],\"encoding\":\"plain\",\"offset\":0,\"length\":24",
        "\"shape\":[1048576,1048576],\"encoding\":\"plain\",\"offset\":0,\"length\":4398046511104");
    assertHeaderRejected(
        "more than 2^40 elements", "\"shape\":[2,3]", "\"shape\":[1048576,1048576,16777216]");
    assertHeaderRejected("rank 9 exceeds 8", "\"shape\":[2,3]", "\"shape\":[2,3,1,1,1,1,1,1,1]");
    assertHeaderRejected("stands twice in the table", "{\"name\":\"b1\"", "{\"name\":\"w1\"");
    assertRejected(
        "tensors end at byte 144, found 145 bytes",
        FileBytes.assemble(FileBytes.header(good), Arrays.copyOf(FileBytes.data(good), 145)));
  }

  @Test
  void whatIsNoFile() throws IOException {
    assertTrue(failure(folder.resolve("missing.helu")).contains("no such file"));
    assertTrue(failure(folder).contains("is not a regular file"));
    assertTrue(failure(Path.of("/dev/null")).contains("is not a regular file"));
  }

  @Test
  void inspectChecksHeaderAndTable() {
    byte[] damaged = FileBytes.editHeader(good, t -> t.replace("\"offset\":64", "\"offset\":0"));
    failure(damaged);
    HeluException e = assertThrows(HeluException.class, () -> HeluFile.inspect(file));
    assertTrue(e.getMessage().contains("overlaps"), e.getMessage());
    e = assertThrows(HeluException.class, () -> HeluFile.inspect(folder.resolve("missing")));
    assertEquals(HeluException.Kind.IO, e.kind());
  }
}
