package org.helu.runtime.tensor;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Typed memory. Data is row-major and little-endian, off-heap when helu allocates it (so that it
 * can be mapped from a file and handed to devices), 64-byte aligned.
 *
 * @param type element type, shape (batch bound) and encoding
 * @param data exactly {@link TensorType#byteSize()} bytes
 */
public record Tensor(TensorType type, MemorySegment data) {
  /** Little-endian, alignment 1: segments may be slices of mapped files. */
  public static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Little-endian 32-bit integer. */
  public static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Little-endian 64-bit integer. */
  public static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  public Tensor {
    Objects.requireNonNull(type);
    if (data.byteSize() != type.byteSize()) {
      throw new IllegalArgumentException(
          type + " takes " + type.byteSize() + " bytes, found " + data.byteSize());
    }
  }

  /** A zeroed tensor whose memory the garbage collector frees. */
  public static Tensor zeros(TensorType type) {
    return zeros(type, Arena.ofAuto());
  }

  /** A zeroed tensor in {@code arena}. */
  public static Tensor zeros(TensorType type, Arena arena) {
    return new Tensor(type, arena.allocate(type.byteSize(), TensorType.ALIGNMENT_BYTES));
  }

  /** A float32 tensor with a copy of {@code values}. */
  public static Tensor ofFloats(Shape shape, float... values) {
    Tensor tensor = zeros(new TensorType(ElementType.FLOAT32, shape));
    requireLength(shape, values.length);
    MemorySegment.copy(values, 0, tensor.data, FLOAT, 0, values.length);
    return tensor;
  }

  /** An int64 tensor with a copy of {@code values}. */
  public static Tensor ofLongs(Shape shape, long... values) {
    Tensor tensor = zeros(new TensorType(ElementType.INT64, shape));
    requireLength(shape, values.length);
    MemorySegment.copy(values, 0, tensor.data, LONG, 0, values.length);
    return tensor;
  }

  /** An int32 tensor with a copy of {@code values}. */
  public static Tensor ofInts(Shape shape, int... values) {
    Tensor tensor = zeros(new TensorType(ElementType.INT32, shape));
    requireLength(shape, values.length);
    MemorySegment.copy(values, 0, tensor.data, INT, 0, values.length);
    return tensor;
  }

  /** A one-element float32 tensor of rank 0. */
  public static Tensor scalar(float value) {
    return ofFloats(Shape.of(), value);
  }

  private static void requireLength(Shape shape, int length) {
    if (shape.elements() != length) {
      throw new IllegalArgumentException(shape + " does not hold " + length + " values");
    }
  }

  /** The shape. */
  public Shape shape() {
    return type.shape();
  }

  /** Number of elements. */
  public long elements() {
    return type.shape().elements();
  }

  /** Element {@code index} (row-major) of a float32 tensor. */
  public float getFloat(long index) {
    return data.get(FLOAT, index * 4);
  }

  /** Sets element {@code index} (row-major) of a float32 tensor. */
  public void setFloat(long index, float value) {
    data.set(FLOAT, index * 4, value);
  }

  /** Element {@code index} as a long: floats truncated, the code of a packed tensor. */
  public long getLong(long index) {
    return switch (type.elementType()) {
      case FLOAT32 -> (long) data.get(FLOAT, index * 4);
      case INT64 -> data.get(LONG, index * 8);
      case INT32 -> data.get(INT, index * 4);
      case INT8 -> data.get(JAVA_BYTE, index);
      case UINT8, BOOL -> data.get(JAVA_BYTE, index) & 0xff;
      case BIT -> getCode(index);
    };
  }

  /** Sets element {@code index} of an integer or boolean tensor; the value is truncated to fit. */
  public void setLong(long index, long value) {
    switch (type.elementType()) {
      case FLOAT32 -> data.set(FLOAT, index * 4, value);
      case INT64 -> data.set(LONG, index * 8, value);
      case INT32 -> data.set(INT, index * 4, (int) value);
      case INT8, UINT8 -> data.set(JAVA_BYTE, index, (byte) value);
      case BOOL -> data.set(JAVA_BYTE, index, (byte) (value != 0 ? 1 : 0));
      case BIT -> setCode(index, value);
    }
  }

  private long getCode(long index) {
    long code = 0;
    long word = firstWord(index);
    for (int plane = 0; plane < type.planes(); plane++) {
      long bits = data.get(LONG, word + plane * type.wordsPerRow() * 8L);
      code |= (bits >>> (index % type.shape().last() & 63) & 1) << plane;
    }
    return code;
  }

  private void setCode(long index, long code) {
    long word = firstWord(index);
    long mask = 1L << (index % type.shape().last() & 63);
    for (int plane = 0; plane < type.planes(); plane++) {
      long at = word + plane * type.wordsPerRow() * 8L;
      long bits = data.get(LONG, at);
      data.set(LONG, at, (code >>> plane & 1) != 0 ? bits | mask : bits & ~mask);
    }
  }

  /** Byte offset of the word that holds element {@code index} of a packed tensor's plane 0. */
  private long firstWord(long index) {
    int last = type.shape().last();
    return (index / last * type.planes() * type.wordsPerRow() + (index % last >>> 6)) * 8;
  }

  /** Element {@code index} as a double, whatever the element type. */
  public double getDouble(long index) {
    // A conditional of both types would be a float, and round the integer to one.
    if (type.elementType() == ElementType.FLOAT32) {
      return getFloat(index);
    }
    return getLong(index);
  }

  /** Bit of element {@code index}: of a packed tensor's plane 0, or of a gated tensor's mask. */
  public boolean getBit(long index) {
    if (!(type.encoding() instanceof Encoding.Gated)) {
      return (getCode(index) & 1) != 0;
    }
    int last = type.shape().last();
    long row = index / last;
    long column = index % last;
    long at = type.maskOffset() + (row * type.wordsPerRow() + (column >>> 6)) * 8;
    return (data.get(LONG, at) >>> (column & 63) & 1) != 0;
  }

  /** A copy of the elements of a float32 tensor (the magnitudes of a gated one). */
  public float[] toFloats() {
    float[] values = new float[Math.toIntExact(elements())];
    MemorySegment.copy(data, FLOAT, 0, values, 0, values.length);
    return values;
  }

  /** A copy of the elements of an integer or boolean tensor as longs. */
  public long[] toLongs() {
    long[] values = new long[Math.toIntExact(elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = getLong(i);
    }
    return values;
  }

  /** The same memory under another shape with as many elements; a gated tensor loses its mask. */
  public Tensor reshaped(Shape shape) {
    Encoding kept = type.encoding() instanceof Encoding.Gated ? Encoding.PLAIN : type.encoding();
    TensorType reshaped = new TensorType(type.elementType(), shape, kept);
    return new Tensor(reshaped, data.asSlice(0, reshaped.byteSize()));
  }

  /** A deep copy whose memory the garbage collector frees. */
  public Tensor copy() {
    Tensor copy = zeros(type);
    copy.data.copyFrom(data);
    return copy;
  }

  /** Whether type and every byte are equal. */
  public boolean contentEquals(Tensor other) {
    return type.equals(other.type) && data.mismatch(other.data) < 0;
  }

  static {
    // Kernels read native order; every target of TornadoVM and of the JVM's SIMD is little-endian.
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new ExceptionInInitializerError("helu needs a little-endian machine");
    }
  }
}
