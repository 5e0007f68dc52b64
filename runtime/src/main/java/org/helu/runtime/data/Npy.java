package org.helu.runtime.data;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.helu.runtime.HeluException;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Reads and writes NumPy's .npy files, C order, little-endian. Source:
 * numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
 */
public final class Npy {
  private static final String STAGE = "data/npy";
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_HEADER_BYTES = 1 << 16;
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final Pattern DESCR = Pattern.compile("['\"]descr['\"]\\s*:\\s*'([^']{1,16})'");
  private static final Pattern ORDER =
      Pattern.compile("['\"]fortran_order['\"]\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("['\"]shape['\"]\\s*:\\s*\\(([0-9, ]*)\\)");

  private Npy() {}

  /** Where the elements start, how they are stored, and the shape. */
  private record Header(int dataOffset, String descr, Shape shape) {}

  /**
   * Reads an array: {@code <f4} as FLOAT32, {@code |u1} UINT8, {@code |i1} INT8, {@code <i4} INT32,
   * {@code <i8} INT64, {@code |b1} BOOL, and {@code <f8} as FLOAT32 if no element loses a digit.
   *
   * @throws HeluException if the file is not such an array, is truncated, or has bytes behind it
   */
  public static Tensor read(Path path) {
    DataFile.requireFile(STAGE, path);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        Arena arena = Arena.ofConfined()) {
      long size = channel.size();
      MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
      Header header = header(path, file);
      boolean wide = header.descr().equals("<f8");
      TensorType type =
          new TensorType(
              wide ? ElementType.FLOAT32 : element(path, header.descr()), header.shape());
      long expected = type.byteSize() * (wide ? 2 : 1);
      if (size - header.dataOffset() != expected) {
        throw invalid(
            path,
            "expected "
                + expected
                + " bytes of elements for "
                + header.descr()
                + header.shape()
                + ", found "
                + (size - header.dataOffset()),
            "save the array again");
      }
      MemorySegment elements = file.asSlice(header.dataOffset());
      Tensor tensor = Tensor.zeros(type);
      if (wide) {
        narrow(path, elements, tensor);
      } else {
        tensor.data().copyFrom(elements);
      }
      requireBools(path, tensor);
      return tensor;
    } catch (IOException e) {
      throw DataFile.unreadable(STAGE, path, e);
    }
  }

  /**
   * Reads an array as FLOAT32, the type that networks take. Integers are converted where float32
   * holds their value exactly.
   *
   * @throws HeluException as {@link #read}, or if the array holds BOOLs or an inexact integer
   */
  public static Tensor readFloat32(Path path) {
    Tensor tensor = read(path);
    if (tensor.type().elementType() == ElementType.FLOAT32) {
      return tensor;
    }
    if (tensor.type().elementType() == ElementType.BOOL) {
      throw invalid(path, "expected numbers, found booleans", "save it with .astype('<f4')");
    }
    Tensor floats = Tensor.zeros(new TensorType(ElementType.FLOAT32, tensor.shape()));
    for (long i = 0; i < tensor.elements(); i++) {
      long value = tensor.getLong(i);
      if ((long) (float) value != value || value == Long.MAX_VALUE) {
        throw inexact(path, i, Long.toString(value));
      }
      floats.setFloat(i, value);
    }
    return floats;
  }

  /**
   * Writes a tensor, version 1.0, beside {@code path} and renamed. Of a gated tensor the magnitudes
   * are written.
   *
   * @throws HeluException if the element type is BIT or the file cannot be written
   */
  public static void write(Path path, Tensor tensor) {
    String descr =
        switch (tensor.type().elementType()) {
          case FLOAT32 -> "<f4";
          case INT64 -> "<i8";
          case INT32 -> "<i4";
          case INT8 -> "|i1";
          case UINT8 -> "|u1";
          case BOOL -> "|b1";
          case BIT ->
              throw HeluException.unsupported(
                  STAGE, "'" + path + "': NumPy has no packed bits", "cast them to UINT8");
        };
    String dims =
        Arrays.stream(tensor.shape().dims())
            .mapToObj(Integer::toString)
            .collect(Collectors.joining(", "));
    String shape = tensor.shape().rank() == 1 ? dims + "," : dims;
    String text = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + shape + "), }";
    // The elements start at a multiple of 64; a line feed ends the header.
    int length = (int) TensorType.align(10 + text.length() + 1) - 10;
    ByteBuffer header = ByteBuffer.allocate(10 + length).order(ByteOrder.LITTLE_ENDIAN);
    header.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) length);
    header.put(text.getBytes(StandardCharsets.US_ASCII));
    while (header.remaining() > 1) {
      header.put((byte) ' ');
    }
    header.put((byte) '\n').flip();
    MemorySegment elements = tensor.data().asSlice(0, tensor.type().dataBytes());
    AtomicFile.write(
        STAGE,
        path,
        channel -> {
          AtomicFile.writeAt(channel, 0, header);
          AtomicFile.writeAt(channel, header.capacity(), elements);
        });
  }

  private static Header header(Path path, MemorySegment file) {
    if (file.byteSize() < 10
        || file.asSlice(0, MAGIC.length).mismatch(MemorySegment.ofArray(MAGIC)) >= 0) {
      throw invalid(path, "is not a .npy file", "save the array with numpy.save");
    }
    int major = file.get(ValueLayout.JAVA_BYTE, 6);
    if (major < 1 || major > 3) {
      throw invalid(
          path, "has .npy version " + (major & 0xff) + ", expected 1 to 3", "save it again");
    }
    int start = major == 1 ? 10 : 12;
    long length =
        file.byteSize() < start
            ? Long.MAX_VALUE
            : major == 1 ? file.get(Tensor.INT, 6) >>> 16 : file.get(Tensor.INT, 8) & 0xffffffffL;
    if (length > Math.min(MAX_HEADER_BYTES, file.byteSize() - start)) {
      throw invalid(path, "has a truncated header", "save the array again");
    }
    byte[] bytes = file.asSlice(start, length).toArray(ValueLayout.JAVA_BYTE);
    String text = new String(bytes, StandardCharsets.UTF_8);
    String descr = find(path, text, DESCR, "a plain element type");
    if (!find(path, text, ORDER, "fortran_order").equals("False")) {
      throw invalid(
          path, "is in Fortran order", "save it with numpy.save(f, numpy.ascontiguousarray(a))");
    }
    return new Header(
        (int) (start + length), descr, shape(path, find(path, text, SHAPE, "a shape")));
  }

  private static String find(Path path, String text, Pattern pattern, String what) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw invalid(path, "has a header without " + what, "save a plain numeric array");
    }
    return matcher.group(1);
  }

  private static Shape shape(Path path, String text) {
    // (2, 3) and (2,) and (): a comma may end the list.
    String list = text.strip().replaceFirst(",$", "");
    String[] dims = list.isEmpty() ? new String[0] : list.split(" *, *", -1);
    try {
      return Shape.of(Arrays.stream(dims).mapToInt(Integer::parseInt).toArray());
    } catch (NumberFormatException e) {
      String shown = text.length() <= 80 ? text : text.substring(0, 77) + "...";
      throw invalid(path, "has the shape (" + shown + "), which helu does not read", "");
    } catch (HeluException e) {
      throw invalid(path, e.getMessage(), "");
    }
  }

  private static ElementType element(Path path, String descr) {
    return switch (descr) {
      case "<f4" -> ElementType.FLOAT32;
      case "<i8" -> ElementType.INT64;
      case "<i4" -> ElementType.INT32;
      case "|i1" -> ElementType.INT8;
      case "|u1" -> ElementType.UINT8;
      case "|b1" -> ElementType.BOOL;
      default ->
          throw invalid(
              path,
              "has element type '" + descr + "', expected <f4, <f8, <i8, <i4, |i1, |u1 or |b1",
              "save it with .astype('<f4')");
    };
  }

  private static void narrow(Path path, MemorySegment doubles, Tensor floats) {
    for (long i = 0; i < floats.elements(); i++) {
      double value = doubles.get(DOUBLE, i * 8);
      if ((float) value != value && !Double.isNaN(value)) {
        throw inexact(path, i, Double.toString(value));
      }
      floats.setFloat(i, (float) value);
    }
  }

  private static void requireBools(Path path, Tensor tensor) {
    if (tensor.type().elementType() == ElementType.BOOL) {
      for (long i = 0; i < tensor.elements(); i++) {
        if (tensor.getLong(i) > 1) {
          throw invalid(path, "element " + i + " is not a boolean", "save the array again");
        }
      }
    }
  }

  private static HeluException inexact(Path path, long index, String value) {
    return invalid(
        path,
        "element " + index + ", " + value + ", is not a float32 value",
        "round it yourself: save the array with .astype('<f4')");
  }

  private static HeluException invalid(Path path, String problem, String remedy) {
    return HeluException.invalid(STAGE, "'" + path + "' " + problem, remedy);
  }
}
