package org.helu.runtime.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.helu.runtime.HeluException;

/**
 * Text of a header to a tree and back. Trees only: binding to classes needs reflection, and that
 * costs start-up time on small boards.
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

  private static final ObjectMapper MAPPER =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(LIMITS)
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              // The header is UTF-8 by definition.
              .disable(JsonFactory.Feature.CHARSET_DETECTION)
              .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
              .build());

  private HeaderJson() {}

  static byte[] write(ObjectNode header) {
    try {
      // By way of a string: Jackson's own UTF-8 output lets half a character at an end through.
      String text = MAPPER.writeValueAsString(header);
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      return Arrays.copyOf(bytes.array(), bytes.limit());
    } catch (JsonProcessingException e) {
      throw new FormatException("header: " + e.getOriginalMessage(), "");
    } catch (CharacterCodingException e) {
      throw new FormatException("a name is not valid Unicode", "rename the model's values");
    }
  }

  static JsonNode parse(byte[] bytes) {
    try (JsonParser parser = MAPPER.createParser(bytes)) {
      JsonNode tree = MAPPER.readTree(parser);
      if (tree == null || tree.isMissingNode()) {
        throw new FormatException("header: expected a JSON object, found nothing");
      }
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

  /** Indented text, for people. */
  static String pretty(JsonNode header) {
    try {
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(header);
    } catch (JsonProcessingException e) {
      throw HeluException.invalid("format/read", "header: " + e.getOriginalMessage(), "");
    }
  }
}
