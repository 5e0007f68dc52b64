package org.helu.runtime.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.helu.runtime.HeluException;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Encoding;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyTest {
  @TempDir Path folder;

  private Path file(int major, String header, byte[] elements) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) major, 0});
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    bytes.write(text.length);
    bytes.write(text.length >>> 8);
    if (major > 1) {
      bytes.write(0);
      bytes.write(0);
    }
    bytes.writeBytes(text);
    bytes.writeBytes(elements);
    return Files.write(folder.resolve("x.npy"), bytes.toByteArray());
  }

  private Path file(String descr, String shape, byte[] elements) throws IOException {
    return file(
        1,
        "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + shape + "), }\n",
        elements);
  }

  private void assertRejected(String expected, Path path) {
    Expect.failure("data/npy", expected, () -> Npy.read(path));
  }

  private static byte[] doubles(double... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      bytes.putDouble(value);
    }
    return bytes.array();
  }

  @Test
  void everyTypeComesBack() {
    Tensor bytes = Tensor.zeros(new TensorType(ElementType.UINT8, Shape.of(2, 2)));
    bytes.setLong(3, 255);
    Tensor signed = Tensor.zeros(new TensorType(ElementType.INT8, Shape.of(3)));
    signed.setLong(0, -128);
    Tensor bool = Tensor.zeros(new TensorType(ElementType.BOOL, Shape.of(2)));
    bool.setLong(1, 1);
    for (Tensor tensor :
        List.of(
            Tensor.ofFloats(Shape.of(2, 3), 1, -0f, Float.NaN, 4, 5, Float.NEGATIVE_INFINITY),
            Tensor.scalar(7),
            Tensor.ofFloats(Shape.of(0, 3)),
            Tensor.ofInts(Shape.of(2), Integer.MIN_VALUE, 5),
            Tensor.ofLongs(Shape.of(1), Long.MAX_VALUE),
            bytes,
            signed,
            bool)) {
      Path path = folder.resolve("x.npy");
      Npy.write(path, tensor);
      assertTrue(tensor.contentEquals(Npy.read(path)), tensor.type().toString());
    }
  }

  @Test
  void writesWhatNumpyWrites() throws IOException {
    Path path = folder.resolve("x.npy");
    Npy.write(path, Tensor.ofInts(Shape.of(1), 258));
    String header = "{'descr': '<i4', 'fortran_order': False, 'shape': (1,), }";
    // numpy.save of numpy.array([258], '<i4'): 128 bytes in front of the elements.
    byte[] bytes = Files.readAllBytes(path);
    assertEquals(128 + 4, bytes.length);
    assertArrayEquals(
        new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0},
        java.util.Arrays.copyOf(bytes, 10));
    assertEquals(
        header + " ".repeat(117 - header.length()) + "\n",
        new String(bytes, 10, 118, StandardCharsets.US_ASCII));
    assertEquals(2, bytes[128]);
    assertEquals(1, bytes[129]);
  }

  @Test
  void aGatedTensorIsWrittenAsItsMagnitudes() {
    Tensor gated = Tensor.zeros(TensorType.float32(1, 2).withEncoding(Encoding.GATED));
    gated.setFloat(1, 3);
    Path path = folder.resolve("x.npy");
    Npy.write(path, gated);
    assertArrayEquals(new float[] {0, 3}, Npy.read(path).toFloats());
  }

  @Test
  void readsOtherHeaders() throws IOException {
    byte[] bytes = {1, 2, 3, 4, 5, 6};
    for (int version = 1; version <= 3; version++) {
      Path path = file(version, "{'shape':(2,3),'fortran_order':False,'descr':'|u1'}", bytes);
      Tensor read = Npy.read(path);
      assertEquals(new TensorType(ElementType.UINT8, Shape.of(2, 3)), read.type());
      assertEquals(6, read.getLong(5));
    }
  }

  @Test
  void doublesAreReadWhereExact() throws IOException {
    Tensor read = Npy.read(file("<f8", "3,", doubles(0.5, -3, Double.NaN)));
    assertArrayEquals(new float[] {0.5f, -3, Float.NaN}, read.toFloats());
    assertRejected("element 1, 0.1, is not a float32", file("<f8", "2,", doubles(1, 0.1)));
    assertRejected("element 0, 1.0E300", file("<f8", "1,", doubles(1e300)));
  }

  @Test
  void integersBecomeFloatsWhereExact() throws IOException {
    Path path = folder.resolve("x.npy");
    Npy.write(path, Tensor.ofLongs(Shape.of(3), -16777216, 0, 1L << 40));
    assertArrayEquals(new float[] {-16777216, 0, 1L << 40}, Npy.readFloat32(path).toFloats());
    for (long inexact : new long[] {16777217, Long.MAX_VALUE, Long.MAX_VALUE - 1}) {
      Npy.write(path, Tensor.ofLongs(Shape.of(1), inexact));
      Expect.failure("data/npy", "element 0, " + inexact, () -> Npy.readFloat32(path));
    }
    Npy.write(path, Tensor.ofLongs(Shape.of(1), Long.MIN_VALUE));
    assertEquals(-0x1p63f, Npy.readFloat32(path).getFloat(0));
    Path bools = file("|b1", "1,", new byte[1]);
    Expect.failure("data/npy", "found booleans", () -> Npy.readFloat32(bools));
  }

  @Test
  void badFilesAreNamed() throws IOException {
    assertRejected("no such file", folder.resolve("missing.npy"));
    assertRejected("is not a regular file", folder);
    assertRejected("is not a .npy", Files.write(folder.resolve("x"), new byte[0]));
    assertRejected("is not a .npy", Files.write(folder.resolve("x"), new byte[100]));
    assertRejected("has .npy version 4", file(4, "", new byte[0]));
    byte[] longHeader = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, -1, -1, -1, -1, '{'};
    assertRejected("truncated header", Files.write(folder.resolve("x"), longHeader));
    byte[] noLength = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, 1, 0};
    assertRejected("truncated header", Files.write(folder.resolve("x"), noLength));
    assertRejected("without a plain element type", file(1, "{}", new byte[0]));
    assertRejected(
        "without a plain element type",
        file(1, "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", new byte[4]));
    assertRejected("without fortran_order", file(1, "{'descr': '<f4'}", new byte[0]));
    assertRejected(
        "without a shape", file(1, "{'descr': '<f4', 'fortran_order': False}", new byte[0]));
    assertRejected(
        "is in Fortran order",
        file(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1), }", new byte[4]));
    assertRejected("element type '>f4'", file(">f4", "1,", new byte[4]));
    assertRejected("element type '<f2'", file("<f2", "1,", new byte[2]));
    assertRejected("element type '|O'", file("|O", "1,", new byte[2]));
    assertRejected("expected 24 bytes of elements", file("<f4", "2, 3", new byte[23]));
    assertRejected("expected 24 bytes of elements", file("<f4", "2, 3", new byte[25]));
    assertRejected("expected 4398046511104 bytes", file("<f4", "1048576, 1048576", new byte[4]));
    assertRejected("more than 2^40", file("<f4", "1048576, 1048576, 16777216", new byte[4]));
    assertRejected("which helu does not read", file("<f4", "99999999999", new byte[4]));
    assertRejected("which helu does not read", file("<f4", ",,", new byte[4]));
    assertRejected("rank 9 exceeds 8", file("<f4", "1,1,1,1,1,1,1,1,1", new byte[4]));
    assertRejected("element 1 is not a boolean", file("|b1", "2,", new byte[] {1, 2}));
  }

  @Test
  void unwritableOutputLeavesNothing() throws IOException {
    Tensor tensor = Tensor.scalar(1);
    Expect.failure("data/npy", "no such file", () -> Npy.write(folder.resolve("no/x.npy"), tensor));
    Tensor bits = Tensor.zeros(new TensorType(ElementType.BIT, Shape.of(3)));
    Expect.failure("data/npy", "packed bits", () -> Npy.write(folder.resolve("b.npy"), bits));
    assertFalse(Files.list(folder).findAny().isPresent());
  }

  @Test
  void mutatedFilesNeverCrash() throws IOException {
    long seed = 7;
    Random random = new Random(seed);
    Path path = folder.resolve("good.npy");
    Npy.write(path, Tensor.ofFloats(Shape.of(2, 3), 1, 2, 3, 4, 5, 6));
    byte[] good = Files.readAllBytes(path);
    for (int round = 0; round < 1500; round++) {
      byte[] bytes = good.clone();
      for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
        bytes[random.nextInt(70)] = (byte) random.nextInt(256);
      }
      Files.write(path, java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 8)));
      try {
        Npy.readFloat32(path);
      } catch (HeluException e) {
        assertEquals(1, e.getMessage().lines().count());
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed + " round " + round, e);
      }
    }
  }
}
