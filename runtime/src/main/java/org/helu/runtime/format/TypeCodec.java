package org.helu.runtime.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.Range;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Encoding;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.TensorType;

/** JSON form of numbers, shapes, types and ranges. */
final class TypeCodec {
  /** How the symbolic batch dimension is written. */
  private static final String BATCH = "N";

  private TypeCodec() {}

  /**
   * A float as the double of the same value, so that every reader gets back the same bits; a
   * shortest float text would depend on how the reader rounds. Infinities and NaN are strings.
   */
  static JsonNode number(double value) {
    return Double.isFinite(value)
        ? DoubleNode.valueOf(value)
        : TextNode.valueOf(Double.toString(value));
  }

  static ArrayNode shape(Shape shape) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (int dim : shape.dims()) {
      if (dim == Shape.BATCH) {
        array.add(BATCH);
      } else {
        array.add(dim);
      }
    }
    return array;
  }

  static Shape shape(JsonFields fields, String name) {
    JsonNode array = fields.array(name);
    String place = fields.place(name);
    if (array.size() > Shape.MAX_RANK) {
      throw new FormatException(place + ": rank " + array.size() + " exceeds " + Shape.MAX_RANK);
    }
    int[] dims = new int[array.size()];
    for (int axis = 0; axis < dims.length; axis++) {
      JsonNode dim = array.get(axis);
      String at = place + "[" + axis + "]";
      boolean symbolic = axis == 0 && dim.isTextual() && dim.textValue().equals(BATCH);
      dims[axis] = symbolic ? Shape.BATCH : JsonFields.integer(dim, at);
      if (dims[axis] < 0 && !symbolic) {
        throw JsonFields.mismatch("a dimension of at least 0", dim, at);
      }
    }
    try {
      return Shape.of(dims);
    } catch (HeluException e) {
      throw new FormatException(place + ": " + e.getMessage());
    }
  }

  /** Adds the fields {@code element}, {@code shape} and {@code encoding}. */
  static void put(ObjectNode object, TensorType type) {
    object.put("element", type.elementType().name());
    object.set("shape", shape(type.shape()));
    object.put("encoding", type.encoding().toString());
  }

  /** Reads the fields that {@link #put} writes. */
  static TensorType type(JsonFields fields) {
    ElementType element = fields.constant("element", ElementType.class);
    Shape shape = shape(fields, "shape");
    String name = fields.text("encoding");
    Encoding encoding =
        switch (name) {
          case "plain" -> Encoding.PLAIN;
          case "gated" -> Encoding.GATED;
          case "planes2", "planes3", "planes4", "planes5", "planes6", "planes7", "planes8" ->
              Encoding.planes(name.charAt(6) - '0');
          default ->
              throw new FormatException(
                  fields.place("encoding") + ": unknown encoding " + JsonFields.quote(name),
                  "the file was written by another version of helu; compile the model again");
        };
    try {
      return new TensorType(element, shape, encoding);
    } catch (HeluException e) {
      throw new FormatException(fields.place() + ": " + e.getMessage());
    }
  }

  static ArrayNode range(Range range) {
    return JsonNodeFactory.instance.arrayNode().add(number(range.min())).add(number(range.max()));
  }

  static Range range(JsonFields fields, String name) {
    JsonNode array = fields.array(name);
    String place = fields.place(name);
    if (array.size() != 2) {
      throw new FormatException(place + ": expected [min, max], found " + array.size() + " items");
    }
    double min = JsonFields.number(array.get(0), place + "[0]");
    double max = JsonFields.number(array.get(1), place + "[1]");
    try {
      return new Range(min, max);
    } catch (HeluException e) {
      throw new FormatException(place + ": " + e.getMessage());
    }
  }
}
