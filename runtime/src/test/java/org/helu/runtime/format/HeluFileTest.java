package org.helu.runtime.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.graph.Range;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Encoding;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeluFileTest {
  @TempDir Path folder;

  private static void assertSameGraph(BinarizedGraph expected, BinarizedGraph actual) {
    assertEquals(expected.provenance(), actual.provenance());
    assertEquals(expected.graph().name(), actual.graph().name());
    assertEquals(expected.graph().inputs(), actual.graph().inputs());
    assertEquals(expected.graph().outputs(), actual.graph().outputs());
    assertEquals(expected.graph().nodes(), actual.graph().nodes());
    assertEquals(
        List.copyOf(expected.graph().constants().keySet()),
        List.copyOf(actual.graph().constants().keySet()));
    for (Map.Entry<String, Tensor> constant : expected.graph().constants().entrySet()) {
      Tensor read = actual.graph().constant(constant.getKey());
      assertTrue(constant.getValue().contentEquals(read), constant.getKey());
      assertEquals(0, read.data().address() % TensorType.ALIGNMENT_BYTES, "aligned");
    }
    for (Node node : expected.graph().nodes()) {
      assertEquals(expected.graph().type(node.output()), actual.graph().type(node.output()));
    }
  }

  private List<String> filesInFolder() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void everyOpComesBack() {
    for (Graphs.Case c : Graphs.cases()) {
      Path file = folder.resolve("op.helu");
      BinarizedGraph graph = Graphs.of(c);
      HeluFile.write(file, graph);
      assertSameGraph(graph, HeluFile.read(file));
    }
  }

  @Test
  void everyKindOfTensorComesBack() {
    GraphBuilder builder = new GraphBuilder("tensors \u00e9\ud83d\ude00 \"quoted\"\n");
    Range open = new Range(Double.NEGATIVE_INFINITY, 0.1);
    builder.input(new GraphInput("x", TensorType.float32(4, 0), open));
    TensorType gated = TensorType.float32(2, 65).withEncoding(Encoding.GATED);
    Tensor mask = Tensor.zeros(gated);
    mask.setFloat(64, 2.5f);
    mask.data().set(Tensor.LONG, gated.maskOffset() + 8, 1L);
    Tensor bits = Tensor.zeros(new TensorType(ElementType.BIT, Shape.of(3, 70)));
    bits.data().set(Tensor.LONG, 8, 0x3fL);
    Tensor bytes = Tensor.zeros(new TensorType(ElementType.INT8, Shape.of(5)));
    bytes.setLong(4, -128);
    builder.constant("gated", mask).constant("bits", bits).constant("bytes", bytes);
    builder.constant("u8", Tensor.zeros(new TensorType(ElementType.UINT8, Shape.of(1, 1))));
    builder.constant("i32", Tensor.ofInts(Shape.of(2), Integer.MIN_VALUE, 7));
    builder.constant("bool", Graphs.bools(0, 1, 1)).constant("scalar", Tensor.scalar(Float.NaN));
    builder.constant("empty", Tensor.zeros(TensorType.float32(0, 7)));
    List.of("x", "gated", "bits", "bytes", "u8", "i32", "bool", "scalar", "empty")
        .forEach(builder::output);
    BinarizedGraph graph = new BinarizedGraph(builder.build(), Provenance.NONE);
    Path file = folder.resolve("t.helu");
    HeluFile.write(file, graph);
    assertSameGraph(graph, HeluFile.read(file));
  }

  @Test
  void aGraphWithoutTensorsComesBack() {
    GraphBuilder builder = new GraphBuilder("no tensors");
    builder.input(new GraphInput("x", TensorType.float32(Shape.BATCH, 2)));
    builder.add(new DeviceOp.Gate(), "y", "x");
    BinarizedGraph graph = new BinarizedGraph(builder.output("y").build(), Provenance.NONE);
    Path file = folder.resolve("t.helu");
    HeluFile.write(file, graph);
    assertSameGraph(graph, HeluFile.read(file));
  }

  @Test
  void largeAndHeapTensorsComeBack() {
    float[] values = new float[400_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 0.37f;
    }
    Tensor heap = new Tensor(TensorType.float32(values.length), MemorySegment.ofArray(values));
    GraphBuilder builder = new GraphBuilder("large").constant("w", heap);
    builder.input(new GraphInput("x", TensorType.float32(Shape.BATCH, values.length)));
    builder.add(new DeviceOp.Binary(BinaryKind.ADD), "y", "x", "w");
    BinarizedGraph graph = new BinarizedGraph(builder.output("y").build(), Provenance.NONE);
    Path file = folder.resolve("t.helu");
    HeluFile.write(file, graph);
    Tensor read = HeluFile.read(file).graph().constant("w");
    assertArrayEquals(values, read.toFloats());
    assertTrue(read.data().isReadOnly() && read.data().isMapped(), "a slice of the mapping");
  }

  @Test
  void theSameGraphGivesTheSameBytes() throws IOException {
    HeluFile.write(folder.resolve("a.helu"), Graphs.small());
    HeluFile.write(folder.resolve("b.helu"), Graphs.small());
    HeluFile.write(folder.resolve("c.helu"), HeluFile.read(folder.resolve("a.helu")));
    byte[] expected = Files.readAllBytes(folder.resolve("a.helu"));
    assertArrayEquals(expected, Files.readAllBytes(folder.resolve("b.helu")));
    assertArrayEquals(expected, Files.readAllBytes(folder.resolve("c.helu")));
    HeluFile.write(folder.resolve("d.helu"), Graphs.of(Graphs.cases().getFirst()));
    assertFalse(Arrays.equals(expected, Files.readAllBytes(folder.resolve("d.helu"))));
  }

  @Test
  void headerIsGolden() throws IOException {
    Path file = folder.resolve("small.helu");
    HeluFile.write(file, Graphs.small());
    byte[] bytes = Files.readAllBytes(file);
    HeluFile.Info info = HeluFile.inspect(file);
    String header = new String(bytes, 64, (int) info.headerBytes(), StandardCharsets.UTF_8);
    String expected =
        """
        {"name":"small",
        "provenance":{"sourceSha256":"%s","mode":"exact","compilerVersion":"0.1.0","alpha":0.5},
        "inputs":[{"name":"x","element":"FLOAT32","shape":["N",3],"encoding":"plain","range":[0.0,1.0]}],
        "outputs":["y"],
        "nodes":[
        {"name":"fc1","op":"Dense",
        "attributes":{"bias":true,"residual":false,"epilogues":[{"kind":"gate"}]},
        "inputs":["x","w1","b1"],"output":"h",
        "type":{"element":"FLOAT32","shape":["N",2],"encoding":"gated"},
        "origins":["/fc1/Gemm","/relu"]},
        {"name":"y","op":"Dense","attributes":{"bias":false,"residual":false,"epilogues":[]},
        "inputs":["h","w2"],"output":"y",
        "type":{"element":"FLOAT32","shape":["N",2],"encoding":"plain"},
        "origins":["y"]}],
        "tensors":[
        {"name":"w1","element":"FLOAT32","shape":[2,3],"encoding":"plain","offset":0,"length":24,
        "sha256":"6031b97709153aeb6e35911a5fbb243a4b5fcc11c7d9bc73a0b311920cc278fb"},
        {"name":"b1","element":"FLOAT32","shape":[2],"encoding":"plain","offset":64,"length":8,
        "sha256":"deea3b24add66f9c401d38a758eb5cb664db0596a3113b5ceaf8c5e774faa321"},
        {"name":"w2","element":"FLOAT32","shape":[2,2],"encoding":"plain","offset":128,"length":16,
        "sha256":"ad73b9acd6e4a74b2f5bb5386658ce3bb146cd040a1867646ab3b973fb6632b1"}]}"""
            .formatted("ab".repeat(32))
            .replace("\n", "");
    assertEquals(expected, header);
    assertEquals("HELU\r\n\u001a\n", new String(bytes, 0, 8, StandardCharsets.US_ASCII));
  }

  @Test
  void infoTellsTheLayout() throws IOException {
    Path file = folder.resolve("small.helu");
    HeluFile.write(file, Graphs.small());
    HeluFile.Info info = HeluFile.inspect(file);
    assertEquals(1, info.version());
    assertEquals(Files.size(file), info.fileBytes());
    assertEquals(0, info.dataOffset() % 64);
    assertEquals(info.fileBytes(), info.dataOffset() + 128 + 16);
    assertEquals(List.of(0L, 64L, 128L), info.tensors().stream().map(TensorEntry::offset).toList());
    assertEquals(TensorType.float32(2, 3), info.tensors().getFirst().type());
    assertTrue(info.headerJson().contains("\"mode\" : \"exact\""), info.headerJson());
  }

  @Test
  void anExistingFileIsReplacedWhole() throws IOException {
    Path file = folder.resolve("small.helu");
    Files.writeString(file, "old");
    BinarizedGraph graph = Graphs.small();
    HeluFile.write(file, graph);
    BinarizedGraph first = HeluFile.read(file);
    HeluFile.write(file, Graphs.of(Graphs.cases().getFirst()));
    // The mapping keeps the file that was replaced.
    assertSameGraph(graph, first);
    assertEquals("one-op", HeluFile.read(file).name());
    assertEquals(List.of("small.helu"), filesInFolder());
  }

  @Test
  void othersMayReadWhatWasWritten() throws IOException {
    Path plain = Files.createFile(folder.resolve("plain"));
    Path file = folder.resolve("small.helu");
    HeluFile.write(file, Graphs.small());
    if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
      java.util.Set<PosixFilePermission> expected = Files.getPosixFilePermissions(plain);
      assertEquals(expected, Files.getPosixFilePermissions(file), "those of any new file");
    }
  }

  @Test
  void aLinkStaysALink() throws IOException {
    Path target = Files.createFile(folder.resolve("target.helu"));
    Path link = Files.createSymbolicLink(folder.resolve("link.helu"), target);
    HeluFile.write(link, Graphs.small());
    assertTrue(Files.isSymbolicLink(link));
    assertEquals("small", HeluFile.read(target).name());
  }

  private void assertCannotWrite(Path target, String expected) throws IOException {
    List<String> before = filesInFolder();
    HeluException e =
        assertThrows(HeluException.class, () -> HeluFile.write(target, Graphs.small()));
    assertEquals(HeluException.Kind.IO, e.kind());
    assertEquals("format/write", e.stage());
    assertTrue(e.getMessage().contains(expected), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
    assertEquals(before, filesInFolder());
  }

  @Test
  void unwritableOutputLeavesNothingBehind() throws IOException {
    Path sub = Files.createDirectory(folder.resolve("folder.helu"));
    assertCannotWrite(sub, "is not a regular file");
    assertCannotWrite(folder.resolve("missing/x.helu"), "no such file or folder");
    Path file = Files.createFile(folder.resolve("file"));
    assertCannotWrite(file.resolve("x.helu"), "cannot write");
    Path dangling = folder.resolve("dangling.helu");
    Files.createSymbolicLink(dangling, folder.resolve("nowhere"));
    assertCannotWrite(dangling, "is not a regular file");
    assertTrue(Files.exists(dangling, LinkOption.NOFOLLOW_LINKS));
    assertCannotWrite(folder.resolve("x".repeat(300)), "cannot write");
  }

  @Test
  void aFailureWhileWritingKeepsTheOldFile() throws IOException {
    Path file = folder.resolve("small.helu");
    Files.writeString(file, "old");
    HeluException e =
        assertThrows(
            HeluException.class,
            () ->
                org.helu.runtime.data.AtomicFile.write(
                    "format/write",
                    file,
                    channel -> {
                      channel.write(java.nio.ByteBuffer.allocate(1000));
                      throw new IOException("No space left on device");
                    }));
    assertTrue(e.getMessage().contains("No space left on device"), e.getMessage());
    assertEquals("old", Files.readString(file));
    assertEquals(List.of("small.helu"), filesInFolder());
  }

  @Test
  void whatCouldNotBeReadAgainIsNotWritten() throws IOException {
    GraphBuilder builder = new GraphBuilder("x".repeat(70_000));
    builder.input(new GraphInput("x", TensorType.float32(2))).output("x");
    BinarizedGraph longName = new BinarizedGraph(builder.build(), Provenance.NONE);
    GraphBuilder surrogate = new GraphBuilder("\ud800");
    surrogate.input(new GraphInput("x", TensorType.float32(2))).output("x");
    BinarizedGraph halfCharacter = new BinarizedGraph(surrogate.build(), Provenance.NONE);
    GraphBuilder bool = new GraphBuilder("bool");
    Tensor two = Graphs.bools(1);
    two.data().fill((byte) 2);
    bool.constant("c", two).output("c");
    BinarizedGraph notBool = new BinarizedGraph(bool.build(), Provenance.NONE);
    Tensor tail = Tensor.zeros(new TensorType(ElementType.BIT, Shape.of(2, 3)));
    tail.data().set(Tensor.LONG, 8, 8L);
    BinarizedGraph dirty =
        new BinarizedGraph(
            new GraphBuilder("bits").constant("c", tail).output("c").build(), Provenance.NONE);
    for (BinarizedGraph graph : List.of(longName, halfCharacter, notBool, dirty)) {
      HeluException e =
          assertThrows(
              HeluException.class,
              () -> HeluFile.write(folder.resolve("x.helu"), graph),
              graph.name());
      assertEquals("format/write", e.stage());
      assertNotEquals(HeluException.Kind.IO, e.kind());
      assertEquals(1, e.getMessage().lines().count());
      assertEquals(List.of(), filesInFolder());
    }
  }
}
