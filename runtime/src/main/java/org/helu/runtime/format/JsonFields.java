package org.helu.runtime.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Reads the fields of one JSON object, strictly: a field that is missing, of another type or not
 * asked for is an error that tells its place.
 */
final class JsonFields {
  private final JsonNode object;
  private final String place;
  private final Set<String> read = new HashSet<>();

  JsonFields(JsonNode object, String place) {
    this.place = place;
    this.object = require(object, JsonNodeType.OBJECT, place);
  }

  /** Where this object stands, such as {@code nodes[3].attributes}; empty for the header itself. */
  String place() {
    return place;
  }

  /** Where the field {@code name} of this object stands. */
  String place(String name) {
    return place.isEmpty() ? name : place + "." + name;
  }

  /** Whether there is a field of this name. */
  boolean has(String name) {
    return object.has(name);
  }

  JsonNode get(String name) {
    read.add(name);
    JsonNode value = object.get(name);
    if (value == null) {
      throw new FormatException(
          (place.isEmpty() ? "header" : place) + ": field '" + name + "' is missing");
    }
    return value;
  }

  String text(String name) {
    return text(get(name), place(name));
  }

  boolean bool(String name) {
    return require(get(name), JsonNodeType.BOOLEAN, place(name)).booleanValue();
  }

  int integer(String name) {
    return integer(get(name), place(name));
  }

  /** A 64-bit integer that is at least 0. */
  long length(String name) {
    JsonNode value = get(name);
    if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
      throw mismatch("an integer of at least 0", value, place(name));
    }
    return value.longValue();
  }

  JsonFields object(String name) {
    return new JsonFields(get(name), place(name));
  }

  JsonNode array(String name) {
    return require(get(name), JsonNodeType.ARRAY, place(name));
  }

  List<Integer> integers(String name) {
    JsonNode array = array(name);
    List<Integer> values = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      values.add(integer(array.get(i), place(name) + "[" + i + "]"));
    }
    return values;
  }

  List<String> texts(String name) {
    JsonNode array = array(name);
    List<String> values = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      values.add(text(array.get(i), place(name) + "[" + i + "]"));
    }
    return values;
  }

  float float32(String name) {
    double value = number(get(name), place(name));
    if (!Double.isNaN(value) && (float) value != value) {
      throw new FormatException(place(name) + ": " + value + " is not a float32 value");
    }
    return (float) value;
  }

  double float64(String name) {
    return number(get(name), place(name));
  }

  List<JsonFields> objects(String name) {
    JsonNode array = array(name);
    List<JsonFields> objects = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      objects.add(new JsonFields(array.get(i), place(name) + "[" + i + "]"));
    }
    return objects;
  }

  <E extends Enum<E>> E constant(String name, Class<E> type) {
    String text = text(name);
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(text)) {
        return constant;
      }
    }
    throw new FormatException(
        place(name) + ": unknown " + type.getSimpleName() + " " + quote(text),
        "the file was written by another version of helu; compile the model again");
  }

  /** To be called when all fields were read: any other one is an error. */
  void done() {
    for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!read.contains(name)) {
        throw new FormatException(
            (place.isEmpty() ? "header" : place) + ": unknown field " + quote(name),
            "the file was written by another version of helu; compile the model again");
      }
    }
  }

  private static String text(JsonNode value, String place) {
    String text = require(value, JsonNodeType.STRING, place).textValue();
    for (int i = 0; i < text.length(); i++) {
      // JSON can escape half a surrogate pair, which no UTF-8 text can hold.
      if (Character.isSurrogate(text.charAt(i))) {
        if (!Character.isHighSurrogate(text.charAt(i))
            || ++i == text.length()
            || !Character.isLowSurrogate(text.charAt(i))) {
          throw new FormatException(place + ": the text is not valid Unicode");
        }
      }
    }
    return text;
  }

  static int integer(JsonNode value, String place) {
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw mismatch("a 32-bit integer", value, place);
    }
    return value.intValue();
  }

  /** A JSON number, or one of the strings that JSON has no number for. */
  static double number(JsonNode value, String place) {
    if (value.isNumber()) {
      double number = value.doubleValue();
      if (Double.isFinite(number)) {
        return number;
      }
    } else if (value.isTextual()) {
      switch (value.textValue()) {
        case "Infinity" -> {
          return Double.POSITIVE_INFINITY;
        }
        case "-Infinity" -> {
          return Double.NEGATIVE_INFINITY;
        }
        case "NaN" -> {
          return Double.NaN;
        }
        default -> throw mismatch("a number", value, place);
      }
    }
    throw mismatch("a number", value, place);
  }

  private static JsonNode require(JsonNode value, JsonNodeType type, String place) {
    if (value == null || value.getNodeType() != type) {
      String name = type.name().toLowerCase(Locale.ROOT);
      String article = "aeiou".indexOf(name.charAt(0)) >= 0 ? "an " : "a ";
      throw mismatch(article + name, value, place.isEmpty() ? "header" : place);
    }
    return value;
  }

  static FormatException mismatch(String expected, JsonNode found, String place) {
    String text = found == null ? "nothing" : abridge(found);
    return new FormatException(place + ": expected " + expected + ", found " + text);
  }

  private static String abridge(JsonNode value) {
    return switch (value.getNodeType()) {
      case ARRAY -> "an array";
      case OBJECT -> "an object";
      case STRING -> quote(value.textValue());
      default -> shorten(value.asText());
    };
  }

  /** A name from a file in quotes, shortened: messages stay one line that can be read. */
  static String quote(String text) {
    return "'" + shorten(text) + "'";
  }

  private static String shorten(String text) {
    return text.length() <= 80 ? text : text.substring(0, 77) + "...";
  }
}
