package org.helu.runtime.tensor;

import java.util.Objects;
import org.helu.runtime.HeluException;

/** What a tensor or an edge holds: element type, shape, encoding. */
public record TensorType(ElementType elementType, Shape shape, Encoding encoding) {
  /** Alignment in bytes of every tensor, in memory and in files: one cache line. */
  public static final int ALIGNMENT_BYTES = 64;

  public TensorType {
    Objects.requireNonNull(elementType);
    Objects.requireNonNull(shape);
    Objects.requireNonNull(encoding);
    if (encoding instanceof Encoding.Gated && elementType != ElementType.FLOAT32) {
      throw HeluException.invalid(
          "type", "gated edges hold FLOAT32 magnitudes, found " + elementType, "");
    }
    if (encoding instanceof Encoding.Planes && elementType != ElementType.BIT) {
      throw HeluException.invalid("type", "bit planes hold BIT elements, found " + elementType, "");
    }
  }

  // A record's own methods are made at run time when they are first called, which costs a cold JVM
  // ten milliseconds; loading a network compares types.

  @Override
  public boolean equals(Object other) {
    return other instanceof TensorType type
        && elementType == type.elementType
        && shape.equals(type.shape)
        && encoding.equals(type.encoding);
  }

  @Override
  public int hashCode() {
    return (elementType.hashCode() * 31 + shape.hashCode()) * 31 + encoding.hashCode();
  }

  /** A plain type. */
  public TensorType(ElementType elementType, Shape shape) {
    this(elementType, shape, Encoding.PLAIN);
  }

  /** Codes of {@code bits} bits, packed: {@code BIT} with one plane or several. */
  public static TensorType bits(Shape shape, int bits) {
    return new TensorType(ElementType.BIT, shape, Encoding.planes(bits));
  }

  /** A plain float32 type. */
  public static TensorType float32(int... dims) {
    return new TensorType(ElementType.FLOAT32, Shape.of(dims));
  }

  /** This type with another shape. */
  public TensorType withShape(Shape newShape) {
    return new TensorType(elementType, newShape, encoding);
  }

  /** This type with another encoding. */
  public TensorType withEncoding(Encoding newEncoding) {
    return new TensorType(elementType, shape, newEncoding);
  }

  /** This type with another element type, plain. */
  public TensorType withElementType(ElementType newElementType) {
    return new TensorType(newElementType, shape);
  }

  /** This type with its symbolic batch bound. */
  public TensorType withBatch(int batch) {
    return withShape(shape.withBatch(batch));
  }

  /** Rows of the packed layout: all dimensions but the last. */
  public long rows() {
    int last = shape.last();
    return last == 0 ? 0 : shape.elements() / last;
  }

  /** 64-bit words that one packed row takes: {@code ceil(last / 64)}. */
  public int wordsPerRow() {
    return (shape.last() + 63) >>> 6;
  }

  /** Bit planes of a {@code BIT} tensor; of any other, its element's bits. */
  public int planes() {
    if (elementType != ElementType.BIT) {
      return elementType.bytes() * 8;
    }
    return encoding instanceof Encoding.Planes planes ? planes.bits() : 1;
  }

  /** Bytes of the elements themselves (a gated edge's magnitudes without its mask). */
  public long dataBytes() {
    return elementType == ElementType.BIT
        ? Math.multiplyExact(rows(), wordsPerRow() * 8L * planes())
        : Math.multiplyExact(shape.elements(), elementType.bytes());
  }

  /** Byte offset of a gated edge's mask behind its magnitudes, aligned. */
  public long maskOffset() {
    return align(dataBytes());
  }

  /** Bytes of a gated edge's mask. */
  public long maskBytes() {
    return rows() * wordsPerRow() * 8;
  }

  /** Bytes that the tensor takes in memory, mask included. */
  public long byteSize() {
    return encoding instanceof Encoding.Gated ? maskOffset() + maskBytes() : dataBytes();
  }

  /** {@code bytes} rounded up to {@link #ALIGNMENT_BYTES}. */
  public static long align(long bytes) {
    return (bytes + ALIGNMENT_BYTES - 1) & -ALIGNMENT_BYTES;
  }

  @Override
  public String toString() {
    String suffix = encoding instanceof Encoding.Plain ? "" : " " + encoding;
    return elementType.name().toLowerCase(java.util.Locale.ROOT) + shape + suffix;
  }
}
