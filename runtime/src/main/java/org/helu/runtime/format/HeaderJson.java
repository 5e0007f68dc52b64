package org.helu.runtime.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.helu.runtime.HeluException;

/** Text of a header to a tree and back. */
final class HeaderJson {
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
    try {
      return HeaderParser.parse(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      throw new FormatException("header: the text is not valid UTF-8");
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
