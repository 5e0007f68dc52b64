package org.helu.runtime.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * A header's text to Jackson's tree: JSON as RFC 8259 has it, without duplicate names, bounded in
 * depth and size.
 *
 * <p>Jackson's own parser initializes {@code BigDecimal}, which squares large integers for its
 * tables: on a cold JVM that alone takes longer than all that is done here.
 */
final class HeaderParser {
  // Far above what a network needs, far below what would strain a small board's memory.
  private static final int MAX_DEPTH = 16;
  private static final int MAX_VALUES = 4_000_000;
  private static final int MAX_NAME_CHARS = 256;
  private static final int MAX_STRING_CHARS = 1 << 16;
  private static final int MAX_NUMBER_CHARS = 64;

  /** Integers of fewer characters fit 64 bits. */
  private static final int LONG_CHARS = 19;

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final String text;
  private int at;
  private int values;

  private HeaderParser(String text) {
    this.text = text;
  }

  /**
   * Reads one value and nothing behind it.
   *
   * @throws FormatException if the text is anything else; the message names the byte
   */
  static JsonNode parse(String text) {
    HeaderParser parser = new HeaderParser(text);
    parser.skipBlanks();
    if (parser.at == text.length()) {
      throw new FormatException("header: expected a JSON object, found nothing");
    }
    JsonNode value = parser.value(0);
    parser.skipBlanks();
    if (parser.at < text.length()) {
      throw parser.problem("more text behind the JSON object");
    }
    return value;
  }

  private JsonNode value(int depth) {
    if (depth > MAX_DEPTH) {
      throw problem("nested deeper than " + MAX_DEPTH + " levels");
    }
    if (++values > MAX_VALUES) {
      throw problem("more than " + MAX_VALUES + " values");
    }
    switch (peek()) {
      case '{':
        return object(depth);
      case '[':
        return array(depth);
      case '"':
        return NODES.textNode(string(MAX_STRING_CHARS));
      case 't':
        return literal("true", NODES.booleanNode(true));
      case 'f':
        return literal("false", NODES.booleanNode(false));
      case 'n':
        return literal("null", NODES.nullNode());
      default:
        return number();
    }
  }

  private ObjectNode object(int depth) {
    ObjectNode object = NODES.objectNode();
    at++;
    skipBlanks();
    if (peek() == '}') {
      at++;
      return object;
    }
    while (true) {
      String name = string(MAX_NAME_CHARS);
      if (object.has(name)) {
        throw problem("Duplicate field " + JsonFields.quote(name));
      }
      skipBlanks();
      expect(':');
      skipBlanks();
      object.set(name, value(depth + 1));
      skipBlanks();
      if (peek() == '}') {
        at++;
        return object;
      }
      expect(',');
      skipBlanks();
    }
  }

  private ArrayNode array(int depth) {
    ArrayNode array = NODES.arrayNode();
    at++;
    skipBlanks();
    if (peek() == ']') {
      at++;
      return array;
    }
    while (true) {
      array.add(value(depth + 1));
      skipBlanks();
      if (peek() == ']') {
        at++;
        return array;
      }
      expect(',');
      skipBlanks();
    }
  }

  private String string(int maxChars) {
    expect('"');
    int from = at;
    StringBuilder unescaped = null;
    while (true) {
      char c = peek();
      int length = at - from + (unescaped == null ? 0 : unescaped.length());
      if (length > maxChars) {
        throw problem("a text of more than " + maxChars + " characters");
      }
      if (c == '"') {
        String tail = text.substring(from, at++);
        return unescaped == null ? tail : unescaped.append(tail).toString();
      }
      if (c < ' ') {
        throw problem("a control character in a text");
      }
      at++;
      if (c == '\\') {
        unescaped = unescaped == null ? new StringBuilder() : unescaped;
        unescaped.append(text, from, at - 1).append(escaped());
        from = at;
      }
    }
  }

  /** The character that the escape sequence behind a backslash stands for. */
  private char escaped() {
    char c = peek();
    at++;
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> codeUnit();
      default -> throw problem("an unknown escape sequence in a text");
    };
  }

  private char codeUnit() {
    int unit = 0;
    for (int i = 0; i < 4; i++) {
      char c = peek();
      int digit = c < 0x80 ? Character.digit(c, 16) : -1;
      if (digit < 0) {
        throw problem("expected four hex digits behind \\u");
      }
      unit = unit << 4 | digit;
      at++;
    }
    return (char) unit;
  }

  private JsonNode number() {
    int from = at;
    if (peek() == '-') {
      at++;
    }
    int first = at;
    digits();
    if (text.charAt(first) == '0' && at > first + 1) {
      throw problem("a number with leading zeros");
    }
    boolean integer = true;
    if (at < text.length() && text.charAt(at) == '.') {
      integer = false;
      at++;
      digits();
    }
    if (at < text.length() && (text.charAt(at) | 0x20) == 'e') {
      integer = false;
      at++;
      if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
        at++;
      }
      digits();
    }
    if (at - from > MAX_NUMBER_CHARS) {
      throw problem("a number of more than " + MAX_NUMBER_CHARS + " characters");
    }
    String digits = text.substring(from, at);
    if (!integer) {
      return NODES.numberNode(Double.parseDouble(digits));
    }
    if (digits.length() < LONG_CHARS) {
      return NODES.numberNode(Long.parseLong(digits));
    }
    BigInteger large = new BigInteger(digits);
    return large.bitLength() < Long.SIZE
        ? NODES.numberNode(large.longValue())
        : NODES.numberNode(large);
  }

  /** One digit or more. */
  private void digits() {
    int from = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    if (at == from) {
      throw at == text.length() ? problem("the JSON text ends early") : unexpected("a JSON value");
    }
  }

  private JsonNode literal(String word, JsonNode value) {
    if (!text.startsWith(word, at)) {
      throw unexpected("a JSON value");
    }
    at += word.length();
    return value;
  }

  private void expect(char wanted) {
    if (peek() != wanted) {
      throw unexpected("'" + wanted + "'");
    }
    at++;
  }

  private char peek() {
    if (at >= text.length()) {
      throw problem("the JSON text ends early");
    }
    return text.charAt(at);
  }

  private void skipBlanks() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
        return;
      }
      at++;
    }
  }

  private FormatException unexpected(String expected) {
    char found = text.charAt(at);
    String shown = found > ' ' && found < 0x7f ? "'" + found + "'" : "character " + (int) found;
    return problem("expected " + expected + ", found " + shown);
  }

  private FormatException problem(String what) {
    int offset = text.substring(0, at).getBytes(StandardCharsets.UTF_8).length;
    return new FormatException("header: " + what + " (byte " + offset + " of the header)");
  }
}
