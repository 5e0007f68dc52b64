package org.helu.compiler.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A node's attributes with typed access; remembers which were read to find unknown ones. */
final class Attributes {
  private final Map<String, AttributeProto> byName;
  private final Set<String> read = new HashSet<>();

  private Attributes(Map<String, AttributeProto> byName) {
    this.byName = byName;
  }

  /**
   * Attributes by name.
   *
   * @throws NodeProblem if a name is used twice
   */
  static Attributes of(Collection<AttributeProto> attributes) {
    Map<String, AttributeProto> byName = new LinkedHashMap<>();
    for (AttributeProto attribute : attributes) {
      if (byName.put(attribute.getName(), attribute) != null) {
        throw NodeProblem.invalid("attribute '" + attribute.getName() + "' is given twice");
      }
    }
    return new Attributes(byName);
  }

  /** The attribute as it stands in the file, or null. */
  AttributeProto raw(String name) {
    read.add(name);
    return byName.get(name);
  }

  boolean has(String name) {
    return byName.containsKey(name);
  }

  /** Adds an attribute that a function declares a default for, unless it is given. */
  void addDefault(AttributeProto attribute) {
    byName.putIfAbsent(attribute.getName(), attribute);
  }

  /** Names of all attributes. */
  Set<String> names() {
    return Collections.unmodifiableSet(byName.keySet());
  }

  /** Marks attributes as known although their value does not matter at inference. */
  void ignore(String... names) {
    for (String name : names) {
      read.add(name);
    }
  }

  /** Names that no importer has asked for: the op has no such attribute. */
  Set<String> unread() {
    Set<String> unread = new TreeSet<>(byName.keySet());
    unread.removeAll(read);
    return unread;
  }

  long longOr(String name, long fallback) {
    AttributeProto attribute = typed(name, AttributeType.INT);
    return attribute == null ? fallback : attribute.getI();
  }

  int intOr(String name, int fallback) {
    return toInt(name, longOr(name, fallback));
  }

  /** A 0 or 1 attribute. */
  boolean flag(String name, boolean fallback) {
    return longOr(name, fallback ? 1 : 0) != 0;
  }

  float floatOr(String name, float fallback) {
    AttributeProto attribute = typed(name, AttributeType.FLOAT);
    if (attribute == null) {
      return fallback;
    }
    float value = attribute.getF();
    if (!Float.isFinite(value)) {
      throw NodeProblem.invalid("attribute '" + name + "' is " + value + ", expected a number");
    }
    return value;
  }

  String stringOr(String name, String fallback) {
    AttributeProto attribute = typed(name, AttributeType.STRING);
    return attribute == null ? fallback : attribute.getS().toStringUtf8();
  }

  /** A list of integers, or null where the attribute is absent. */
  long[] longs(String name) {
    AttributeProto attribute = typed(name, AttributeType.INTS);
    if (attribute == null) {
      return null;
    }
    long[] values = new long[attribute.getIntsCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = attribute.getInts(i);
    }
    return values;
  }

  /** A list of integers that fit int, or null where the attribute is absent. */
  int[] ints(String name) {
    long[] longs = longs(name);
    if (longs == null) {
      return null;
    }
    int[] ints = new int[longs.length];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = toInt(name, longs[i]);
    }
    return ints;
  }

  /** A list of floats, or null where the attribute is absent. */
  float[] floats(String name) {
    AttributeProto attribute = typed(name, AttributeType.FLOATS);
    if (attribute == null) {
      return null;
    }
    float[] values = new float[attribute.getFloatsCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = attribute.getFloats(i);
    }
    return values;
  }

  /** A tensor, or null where the attribute is absent. */
  TensorProto tensor(String name) {
    AttributeProto attribute = typed(name, AttributeType.TENSOR);
    return attribute == null ? null : attribute.getT();
  }

  private AttributeProto typed(String name, AttributeType expected) {
    AttributeProto attribute = raw(name);
    if (attribute == null) {
      return null;
    }
    // Models of IR version 1 leave the type out; the field that is set tells it.
    AttributeType type = attribute.getType();
    boolean matches =
        type == AttributeType.UNDEFINED ? holds(attribute, expected) : type == expected;
    if (!matches) {
      throw NodeProblem.invalid(
          "attribute '" + name + "' is of type " + type + ", expected " + expected);
    }
    return attribute;
  }

  private static boolean holds(AttributeProto attribute, AttributeType type) {
    return switch (type) {
      case INT -> attribute.hasI();
      case FLOAT -> attribute.hasF();
      case STRING -> attribute.hasS();
      case TENSOR -> attribute.hasT();
      case INTS -> attribute.getIntsCount() > 0;
      case FLOATS -> attribute.getFloatsCount() > 0;
      default -> false;
    };
  }

  private static int toInt(String name, long value) {
    if (value != (int) value) {
      throw NodeProblem.invalid("attribute '" + name + "' is " + value + ", beyond 32 bits");
    }
    return (int) value;
  }
}
