package org.helu.runtime.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Idx, CIFAR binary and the conversion of their bytes. */
class DatasetFilesTest {
  @TempDir Path folder;

  private static byte[] idx(int magic, int[] dims, int elements) {
    ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * dims.length + elements).putInt(magic);
    for (int dim : dims) {
      bytes.putInt(dim);
    }
    for (int i = 0; i < elements; i++) {
      bytes.put((byte) (i * 7));
    }
    return bytes.array();
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("data"), bytes);
  }

  private void idxRejected(String expected, byte[] bytes) throws IOException {
    Path path = file(bytes);
    Expect.failure("data/idx", expected, () -> Idx.read(path));
  }

  private void cifarRejected(String expected, byte[] bytes) throws IOException {
    Path path = file(bytes);
    Expect.failure("data/cifar", expected, () -> CifarBinary.read(path));
  }

  @Test
  void idxPlainAndGzipped() throws IOException {
    byte[] bytes = idx(0x0803, new int[] {2, 3, 4}, 24);
    for (byte[] form : new byte[][] {bytes, gzip(bytes)}) {
      Tensor read = Idx.read(file(form));
      assertEquals(new TensorType(ElementType.UINT8, Shape.of(2, 3, 4)), read.type());
      assertEquals(23 * 7, read.getLong(23));
    }
  }

  @Test
  void idxImagesWithLabels() throws IOException {
    Path images = Files.write(folder.resolve("i"), idx(0x0803, new int[] {3, 2, 2}, 12));
    Path labels = Files.write(folder.resolve("l"), gzip(idx(0x0801, new int[] {3}, 3)));
    LabeledImages read = Idx.read(images, labels);
    assertEquals(Shape.of(3, 1, 2, 2), read.images().shape());
    assertEquals(14, read.label(2));
    LabeledImages last = read.slice(2, 1);
    assertEquals(1, last.count());
    assertEquals(14, last.label(0));
    assertEquals(8 * 7, last.images().getLong(0));
    Expect.failure("data/idx", "expected images [n,h,w]", () -> Idx.read(labels, images));
    Files.write(labels, idx(0x0801, new int[] {2}, 2));
    Expect.failure("data/idx", "expected images [n,h,w]", () -> Idx.read(images, labels));
  }

  @Test
  void badIdxFilesAreNamed() throws IOException {
    byte[] good = idx(0x0803, new int[] {2, 3, 4}, 24);
    idxRejected("ends within the magic number", new byte[0]);
    idxRejected("ends within the magic number", new byte[3]);
    idxRejected("is not an idx file", new byte[100]);
    idxRejected("is not an idx file", idx(0x01000803, new int[] {1, 1, 1}, 1));
    idxRejected("is not an idx file", idx(0x0805, new int[] {1, 1, 1, 1, 1}, 1));
    idxRejected("element type 0x0d", idx(0x0d01, new int[] {1}, 4));
    idxRejected("ends within the dimensions", Arrays.copyOf(good, 9));
    idxRejected("declares 24 bytes, more than the file can hold", Arrays.copyOf(good, 20));
    idxRejected("ends within the elements", Arrays.copyOf(good, good.length - 1));
    idxRejected("has more bytes than it declares", Arrays.copyOf(good, good.length + 1));
    idxRejected("has more bytes", gzip(Arrays.copyOf(good, good.length + 1)));
    idxRejected("ends within the elements", gzip(Arrays.copyOf(good, good.length - 1)));
    byte[] zipped = gzip(good);
    idxRejected("is damaged", Arrays.copyOf(zipped, zipped.length - 12));
    zipped[zipped.length - 8] ^= 1;
    idxRejected("is damaged", zipped);
    idxRejected("cannot read", new byte[] {0x1f, (byte) 0x8b, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9});
    Path missing = folder.resolve("missing");
    Expect.failure("data/idx", "no such file", () -> Idx.read(missing));
    Expect.failure("data/idx", "not a regular file", () -> Idx.read(folder));
  }

  @Test
  void giganticDimensionsAllocateNothing() throws IOException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    int huge = Integer.MAX_VALUE;
    idxRejected("more than the file can hold", idx(0x0801, new int[] {huge}, 0));
    idxRejected("more than the file can hold", gzip(idx(0x0801, new int[] {huge}, 0)));
    idxRejected("more than helu reads", idx(0x0801, new int[] {-1}, 0));
    idxRejected("more than helu reads", idx(0x0803, new int[] {huge, huge, huge}, 0));
    idxRejected("more than helu reads", idx(0x0804, new int[] {1 << 30, 1 << 10, 1 << 30, 16}, 0));
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < 4 << 20, "allocated " + allocated);
  }

  @Test
  void aGzipBombIsLeftWhereTheDeclaredSizeEnds() throws IOException {
    Path bomb = folder.resolve("bomb.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(bomb))) {
      out.write(idx(0x0801, new int[] {10}, 10));
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 200; i++) {
        out.write(zeros);
      }
    }
    // Cut off: whoever went on inflating would find the damage instead.
    byte[] bytes = Files.readAllBytes(bomb);
    idxRejected("has more bytes than it declares", Arrays.copyOf(bytes, bytes.length / 2));
  }

  @Test
  void cifarPlainAndGzipped() throws IOException {
    byte[] bytes = new byte[3 * CifarBinary.RECORD_BYTES];
    bytes[0] = 6;
    bytes[CifarBinary.RECORD_BYTES] = 9;
    bytes[CifarBinary.RECORD_BYTES + 1] = (byte) 200;
    bytes[bytes.length - 1] = (byte) 255;
    for (byte[] form : new byte[][] {bytes, gzip(bytes)}) {
      LabeledImages read = CifarBinary.read(file(form));
      assertEquals(3, read.count());
      assertEquals(Shape.of(3, 3, 32, 32), read.images().shape());
      assertEquals(6, read.label(0));
      assertEquals(9, read.label(1));
      assertEquals(200, read.images().getLong(3072));
      assertEquals(255, read.images().getLong(3 * 3072 - 1));
    }
  }

  @Test
  void cifarOfSeveralChunks() throws IOException {
    int count = 2300;
    byte[] bytes = new byte[count * CifarBinary.RECORD_BYTES];
    for (int i = 0; i < count; i++) {
      bytes[i * CifarBinary.RECORD_BYTES] = (byte) (i % 10);
      bytes[i * CifarBinary.RECORD_BYTES + 1] = (byte) i;
    }
    for (byte[] form : new byte[][] {bytes, gzip(bytes)}) {
      LabeledImages read = CifarBinary.read(file(form));
      assertEquals(count, read.count());
      for (int i = 0; i < count; i++) {
        assertEquals(i % 10, read.label(i));
        assertEquals(i & 0xff, read.images().getLong(i * 3072L));
      }
    }
  }

  @Test
  void badCifarFilesAreNamed() throws IOException {
    byte[] good = new byte[2 * CifarBinary.RECORD_BYTES];
    cifarRejected("has 0 bytes", new byte[0]);
    cifarRejected("has 6145 bytes, expected a multiple of 3073", Arrays.copyOf(good, 6145));
    cifarRejected("has 6147 bytes", Arrays.copyOf(good, 6147));
    cifarRejected("has 6145 bytes", gzip(Arrays.copyOf(good, 6145)));
    good[CifarBinary.RECORD_BYTES] = 10;
    cifarRejected("has label 10 in record 1", good);
    byte[] zipped = gzip(good);
    cifarRejected("is damaged", Arrays.copyOf(zipped, zipped.length - 5));
  }

  @Test
  void aCifarBombIsBounded() throws IOException {
    Path bomb = folder.resolve("bomb.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(bomb))) {
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 300; i++) {
        out.write(zeros);
      }
    }
    Expect.failure("data/cifar", "more than 60000 records", () -> CifarBinary.read(bomb));
  }

  @Test
  void pixelsAreDividedBy255() {
    Tensor bytes = Tensor.zeros(new TensorType(ElementType.UINT8, Shape.of(1, 256)));
    for (int i = 0; i < 256; i++) {
      bytes.setLong(i, i);
    }
    Tensor all = Tensor.zeros(TensorType.float32(1, 256));
    Pixels.toUnitFloats(bytes, 0, all);
    for (int i = 0; i < 256; i++) {
      assertEquals((float) (i / 255.0), all.getFloat(i), "correctly rounded quotient of " + i);
    }
    Tensor part = Tensor.zeros(TensorType.float32(2));
    Pixels.toUnitFloats(bytes, 254, part);
    assertArrayEquals(new float[] {254 / 255f, 1}, part.toFloats());
    Expect.failure("data/pixels", "from 255", () -> Pixels.toUnitFloats(bytes, 255, part));
    Expect.failure("data/pixels", "from -1", () -> Pixels.toUnitFloats(bytes, -1, part));
    Expect.failure("data/pixels", "found float32", () -> Pixels.toUnitFloats(all, 0, part));
  }
}
