package org.helu.device.tornado.fpga;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.TensorType;

/**
 * A value of the graph as the kernel holds it: a C array of one sample's elements, row-major.
 *
 * <p>BIT is packed along the last dimension as in {@link TensorType}, but in words no wider than a
 * row asks for: of 8, 16, 32 or 64 bits.
 */
final class Value {
  private final String array;
  private final TensorType type;
  private final boolean rom;
  private final int[] dims;

  private Value(String array, TensorType type, boolean rom) {
    this.array = array;
    this.type = type;
    this.rom = rom;
    this.dims = sampleDims(type.shape());
  }

  /**
   * A value in RAM.
   *
   * @param array the C array's name
   * @param type as in the graph
   */
  static Value ram(String array, TensorType type) {
    return new Value(array, type, false);
  }

  /** A constant in ROM; as {@link #ram}. */
  static Value rom(String array, TensorType type) {
    return new Value(array, type, true);
  }

  /** The same array under another type. */
  Value as(TensorType other) {
    return new Value(array, other, rom);
  }

  /** The dimensions of a sample: all but the batch; a lone number has one. */
  private static int[] sampleDims(Shape shape) {
    List<Integer> all = shape.toList();
    List<Integer> own = shape.isBatched() ? all.subList(1, all.size()) : all;
    return own.isEmpty() ? new int[] {1} : own.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Whether the array is a constant of file scope, which functions see without being given it. */
  boolean isRom() {
    return rom;
  }

  String array() {
    return array;
  }

  TensorType type() {
    return type;
  }

  ElementType element() {
    return type.elementType();
  }

  boolean isFloat() {
    return element() == ElementType.FLOAT32;
  }

  boolean isPacked() {
    return element() == ElementType.BIT;
  }

  int[] dims() {
    return dims.clone();
  }

  int rank() {
    return dims.length;
  }

  int last() {
    return dims[dims.length - 1];
  }

  /** Rows of a sample: all dimensions but the last. */
  int rows() {
    return Math.toIntExact(type.shape().elementsPerSample() / last());
  }

  int planes() {
    return type.planes();
  }

  /** Bits of a packed word. */
  int wordBits() {
    return wordBits(last());
  }

  /** Bits of the narrowest word that holds {@code bits}, at most 64. */
  static int wordBits(int bits) {
    return bits <= 8 ? 8 : bits <= 16 ? 16 : bits <= 32 ? 32 : 64;
  }

  /** Words of a packed row's plane. */
  int words() {
    return (last() + 63) / 64;
  }

  /** Elements of the C array. */
  long length() {
    return isPacked() ? (long) rows() * planes() * words() : (long) rows() * last();
  }

  /** Memory that the C array takes. */
  long bits() {
    return length() * (isPacked() ? wordBits() : element().bytes() * 8L);
  }

  /** C's type of the array's elements. */
  String cType() {
    return isPacked() ? wordType(wordBits()) : cType(element());
  }

  static String wordType(int bits) {
    return switch (bits) {
      case 8 -> "uchar";
      case 16 -> "ushort";
      case 32 -> "uint";
      default -> "ulong";
    };
  }

  private static String cType(ElementType element) {
    return switch (element) {
      case FLOAT32 -> "float";
      case INT64 -> "long";
      case INT32 -> "int";
      case INT8 -> "char";
      case UINT8, BOOL -> "uchar";
      case BIT -> throw new IllegalArgumentException("BIT is packed");
    };
  }

  /** C's type of an element that is computed with. */
  String computedType() {
    return switch (element()) {
      case FLOAT32 -> "float";
      case INT64 -> "long";
      default -> "int";
    };
  }

  /** The index of a packed word. */
  String word(String row, int plane, String word) {
    return Expr.sum(
        Expr.times(row, (long) planes() * words()), Long.toString((long) plane * words()), word);
  }

  /** An expression of the element in a row, whatever its encoding: its code. */
  String element(String row, String column) {
    if (!isPacked()) {
      return array + "[" + Expr.sum(Expr.times(row, last()), column) + "]";
    }
    String word = words() == 1 ? Expr.ZERO : Expr.over(column, 64);
    String bit = words() == 1 ? Expr.atom(column) : Expr.modulo(column, 64);
    List<String> bits = new ArrayList<>();
    for (int plane = 0; plane < planes(); plane++) {
      String read = "%s[%s]".formatted(array, word(row, plane, word));
      String one = "(int) (%s >> %s & 1)".formatted(read, bit);
      bits.add(plane == 0 ? one : "(%s) << %d".formatted(one, plane));
    }
    return bits.size() == 1 ? bits.getFirst() : String.join(" | ", bits);
  }

  /** The element at a place of a sample. */
  String element(List<String> place) {
    return element(row(place), place.getLast());
  }

  /** The row that a place lies in. */
  String row(List<String> place) {
    int[] outer = java.util.Arrays.copyOf(dims, dims.length - 1);
    return Expr.rowMajor(place.subList(0, place.size() - 1), outer);
  }

  /** The element that is broadcast, as by NumPy, to a place of a larger value. */
  String broadcast(List<String> place) {
    List<String> own = new ArrayList<>();
    int behind = place.size() - dims.length;
    for (int axis = 0; axis < dims.length; axis++) {
      int from = axis + behind;
      own.add(from < 0 || dims[axis] == 1 ? Expr.ZERO : place.get(from));
    }
    return element(own);
  }
}
