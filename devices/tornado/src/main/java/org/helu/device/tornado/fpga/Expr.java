package org.helu.device.tornado.fpga;

import java.util.ArrayList;
import java.util.List;

/** C expressions of indices, without the zeros and ones that generated code is full of. */
final class Expr {
  static final String ZERO = "0";

  private Expr() {}

  /** The sum of expressions. */
  static String sum(String... terms) {
    long constant = 0;
    List<String> parts = new ArrayList<>();
    for (String term : terms) {
      if (isNumber(term)) {
        constant += Long.parseLong(term);
      } else {
        parts.add(term);
      }
    }
    if (parts.isEmpty()) {
      return Long.toString(constant);
    }
    String sum = String.join(" + ", parts);
    return constant == 0
        ? sum
        : sum + (constant < 0 ? " - " : " + ") + Long.toString(Math.abs(constant));
  }

  /** An expression times a number. */
  static String times(String factor, long number) {
    if (isNumber(factor)) {
      return Long.toString(Math.multiplyExact(Long.parseLong(factor), number));
    }
    if (number == 0) {
      return ZERO;
    }
    return number == 1 ? factor : atom(factor) + " * " + number;
  }

  /** An expression that is not negative, divided by a number and rounded down. */
  static String over(String dividend, long number) {
    if (isNumber(dividend)) {
      return Long.toString(Long.parseLong(dividend) / number);
    }
    return number == 1 ? dividend : atom(dividend) + " / " + number;
  }

  /** The remainder of {@link #over}. */
  static String modulo(String dividend, long number) {
    if (isNumber(dividend)) {
      return Long.toString(Long.parseLong(dividend) % number);
    }
    return "(" + atom(dividend) + " % " + number + ")";
  }

  /** The row-major index of a place in an array of these sizes. */
  static String rowMajor(List<String> place, int[] sizes) {
    String[] terms = new String[place.size()];
    long stride = 1;
    for (int axis = sizes.length - 1; axis >= 0; axis--) {
      terms[axis] = times(place.get(axis), stride);
      stride *= sizes[axis];
    }
    return sum(terms);
  }

  /** The expression in parentheses unless it is one name or number. */
  static String atom(String expression) {
    return expression.matches("\\w+(\\[\\w+\\])?") ? expression : "(" + expression + ")";
  }

  static boolean isNumber(String expression) {
    return expression.matches("-?\\d+");
  }

  /** A literal of a float with all of its bits. */
  static String literal(float value) {
    if (Float.isNaN(value)) {
      return "NAN";
    }
    if (Float.isInfinite(value)) {
      return value > 0 ? "INFINITY" : "-INFINITY";
    }
    return Float.toString(value) + "f";
  }

  /** A literal of an int or a long. */
  static String literal(long value) {
    if (value == Integer.MIN_VALUE) {
      return "(-2147483647 - 1)"; // C knows no negative literals
    }
    return (int) value == value ? Long.toString(value) : value + "L";
  }
}
