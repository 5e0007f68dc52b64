package org.helu.runtime.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.helu.runtime.HeluException;

/**
 * Text of a header to a tree and back. Reading takes Jackson's parser and its nodes but not its
 * mapper, whose start costs more than twice as much as all of the parsing on a cold JVM.
 */
final class HeaderJson {
  /** Far above what a network needs, far below what would strain a small board's memory. */
  private static final StreamReadConstraints LIMITS =
      StreamReadConstraints.builder()
          .maxNestingDepth(16)
          .maxDocumentLength(Preamble.MAX_HEADER_BYTES)
          .maxTokenCount(4_000_000)
          .maxNameLength(256)
          .maxStringLength(1 << 16)
          .maxNumberLength(64)
          .build();

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(LIMITS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // The header is UTF-8 by definition.
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  /** Loaded by writing alone: a mapper takes longer to start than a header takes to parse. */
  private static final class Writer {
    static final ObjectMapper MAPPER = new ObjectMapper();
  }

  private HeaderJson() {}

  static byte[] write(ObjectNode header) {
    try {
      // By way of a string: Jackson's own UTF-8 output lets half a character at an end through.
      String text = Writer.MAPPER.writeValueAsString(header);
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      return Arrays.copyOf(bytes.array(), bytes.limit());
    } catch (JsonProcessingException e) {
      throw new FormatException("header: " + e.getOriginalMessage(), "");
    } catch (CharacterCodingException e) {
      throw new FormatException("a name is not valid Unicode", "rename the model's values");
    }
  }

  static JsonNode parse(byte[] bytes) {
    try (JsonParser parser = FACTORY.createParser(bytes)) {
      if (parser.nextToken() == null) {
        throw new FormatException("header: expected a JSON object, found nothing");
      }
      JsonNode tree = tree(parser);
      if (parser.nextToken() != null) {
        throw new FormatException("header: more text behind the JSON object");
      }
      return tree;
    } catch (JsonProcessingException e) {
      String message = e.getOriginalMessage();
      long offset = e.getLocation() == null ? -1 : e.getLocation().getByteOffset();
      throw new FormatException(
          "header: "
              + (message.length() <= 200 ? message : message.substring(0, 197) + "...")
              + (offset >= 0 ? " (byte " + offset + " of the header)" : ""));
    } catch (IOException e) {
      // Nothing but malformed UTF-8 is left: the bytes are in memory.
      throw new FormatException("header: " + e.getMessage());
    }
  }

  /** The value that {@code parser} stands on; the nesting limit bounds the recursion. */
  private static JsonNode tree(JsonParser parser) throws IOException {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    JsonToken token = parser.currentToken();
    if (token == null) {
      throw new FormatException("header: the JSON text ends early");
    }
    switch (token) {
      case START_OBJECT -> {
        ObjectNode object = nodes.objectNode();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          object.set(name, tree(parser));
        }
        return object;
      }
      case START_ARRAY -> {
        ArrayNode array = nodes.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          array.add(tree(parser));
        }
        return array;
      }
      case VALUE_STRING -> {
        return nodes.textNode(parser.getText());
      }
      case VALUE_NUMBER_INT -> {
        return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
            ? nodes.numberNode(parser.getBigIntegerValue())
            : nodes.numberNode(parser.getLongValue());
      }
      case VALUE_NUMBER_FLOAT -> {
        return nodes.numberNode(parser.getDoubleValue());
      }
      case VALUE_TRUE, VALUE_FALSE -> {
        return nodes.booleanNode(parser.getBooleanValue());
      }
      case VALUE_NULL -> {
        return nodes.nullNode();
      }
      default -> throw new FormatException("header: the JSON text ends early");
    }
  }

  /** Indented text, for people. */
  static String pretty(JsonNode header) {
    try {
      return Writer.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(header);
    } catch (JsonProcessingException e) {
      throw HeluException.invalid("format/read", "header: " + e.getOriginalMessage(), "");
    }
  }
}
