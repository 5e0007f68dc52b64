package org.helu.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.helu.runtime.tensor.Shape;

/** JSON as the command prints it. */
final class Json {
  // Escaped, the text is the same in whatever character set the terminal has. NaN and infinities,
  // which JSON lacks, are the strings "NaN", "Infinity" and "-Infinity" (Jackson's default).
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private Json() {}

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  /** Dimensions; the symbolic batch is {@code "N"}, as in .helu files. */
  static ArrayNode shape(Shape shape) {
    ArrayNode dims = array();
    for (int dim : shape.dims()) {
      if (dim == Shape.BATCH) {
        dims.add("N");
      } else {
        dims.add(dim);
      }
    }
    return dims;
  }

  static ArrayNode strings(Iterable<String> values) {
    ArrayNode array = array();
    values.forEach(array::add);
    return array;
  }

  static String write(JsonNode json) {
    try {
      return MAPPER.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree without cycles is always writable", e);
    }
  }
}
