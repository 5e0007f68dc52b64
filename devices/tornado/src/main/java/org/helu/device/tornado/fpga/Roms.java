package org.helu.device.tornado.fpga;

import java.util.function.IntFunction;
import org.helu.runtime.tensor.Tensor;

/**
 * Constants of the kernel as arrays of file scope that are initialized: of those both vendors'
 * tools make ROM.
 */
final class Roms {
  private static final int LINE_CHARACTERS = 100;

  /** AMD's tools read no wider word of a memory. */
  private static final int WIDEST_BITS = 4096;

  /** A ROM has to fit a chip; the largest hold about 2^28 bits in all. */
  static final long MAX_BITS = 1L << 28;

  private final StringBuilder text = new StringBuilder();
  private long bits;

  /**
   * Declares an array and returns its name.
   *
   * @param lanes elements that are read at once, one behind the other
   */
  String add(
      String name,
      String cType,
      int elementBits,
      int lanes,
      int length,
      IntFunction<String> element) {
    bits += (long) length * elementBits;
    text.append("__constant ").append(cType).append(' ').append(name).append('[').append(length);
    text.append(']').append(lanes(Math.min(lanes, length), elementBits)).append(" = {");
    int column = LINE_CHARACTERS;
    for (int i = 0; i < length; i++) {
      String literal = element.apply(i);
      if (column + literal.length() + 2 > LINE_CHARACTERS) {
        text.append("\n  ");
        column = 2;
      } else {
        text.append(' ');
        column++;
      }
      text.append(literal).append(i + 1 < length ? "," : "");
      column += literal.length() + 1;
    }
    text.append("};\n");
    return name;
  }

  /** What is said of an array of which several elements are read at once, or nothing. */
  static String lanes(int lanes, int elementBits) {
    if (lanes == 1) {
      return "";
    }
    boolean wide = (long) lanes * elementBits > WIDEST_BITS;
    return (wide ? " HELU_BANKS(" : " HELU_LANES(") + lanes + ")";
  }

  String ints(String name, int lanes, int[] values) {
    return add(name, "int", 32, lanes, values.length, i -> Expr.literal(values[i]));
  }

  String longs(String name, int lanes, long[] values) {
    return add(name, "long", 64, lanes, values.length, i -> values[i] + "L");
  }

  String floats(String name, int lanes, float[] values) {
    return add(name, "float", 32, lanes, values.length, i -> Expr.literal(values[i]));
  }

  /** Words of 8 to 64 bits. */
  String words(String name, int lanes, int wordBits, long[] words) {
    String suffix = wordBits == 64 ? "UL" : "";
    return add(
        name,
        Value.wordType(wordBits),
        wordBits,
        lanes,
        words.length,
        i -> "0x" + Long.toHexString(words[i]) + suffix);
  }

  /** A constant of the graph, in the layout that kernels read values in. */
  Value value(String name, Tensor tensor) {
    Value value = Value.rom(name, tensor.type());
    if (value.isPacked()) {
      words(name, 1, value.wordBits(), packed(tensor, value));
      return value;
    }
    int elementBits = tensor.type().elementType().bytes() * 8;
    boolean wide = elementBits == 64;
    add(
        name,
        value.cType(),
        elementBits,
        1,
        Math.toIntExact(tensor.elements()),
        i ->
            value.isFloat()
                ? Expr.literal(tensor.getFloat(i))
                : wide ? tensor.getLong(i) + "L" : Expr.literal(tensor.getLong(i)));
    return value;
  }

  private static long[] packed(Tensor tensor, Value value) {
    long[] words = new long[Math.toIntExact(value.length())];
    for (int i = 0; i < words.length; i++) {
      words[i] = tensor.data().get(Tensor.LONG, i * 8L);
    }
    return words;
  }

  /** All declarations. */
  CharSequence text() {
    return text;
  }

  /** Bits of all arrays so far. */
  long bits() {
    return bits;
  }
}
