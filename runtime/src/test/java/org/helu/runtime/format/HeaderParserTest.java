package org.helu.runtime.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderParserTest {
  private static final ObjectMapper JACKSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        " [ ] ",
        "{\"a\":[1,-2,0,-0],\"b\":{\"c\":null,\"d\":true,\"e\":false}}",
        "\t{ \"a\" :\r\n \"b\" , \"c\":\"\" }\n",
        "[0.5,-1e3,1E+2,12.25e-2,1e999,0.1]",
        "[9223372036854775807,-9223372036854775808,9223372036854775808,100000000000000000000]",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00x\"",
        "\"\u00e9\u4e2d\ud83d\ude00\"",
        "[[[[[[[[1]]]]]]]]"
      })
  void readsWhatJacksonReads(String text) throws JsonProcessingException {
    assertEquals(JACKSON.readTree(text).toString(), HeaderParser.parse(text).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":1,}", "[1,]", "[1 2]", "{\"a\" 1}", "{a:1}", "[01]", "[1.]", "[.5]", "[+1]", "[-]",
        "[1e]", "[1e+]", "tru", "nul", "[NaN]", "\"a", "\"\\x\"", "\"\\u12g4\"", "\"\\u12", "{",
        "[", "{\"a\"", "{\"a\":", "[1", "'a'", "// x", "\ufeff{}", "\"a\tb\"", "{}x"
      })
  void refusesWhatJacksonRefuses(String text) {
    assertThrows(JsonProcessingException.class, () -> JACKSON.readTree(text));
    assertThrows(FormatException.class, () -> HeaderParser.parse(text));
  }

  @ParameterizedTest
  @CsvSource({
    "'', 'expected a JSON object, found nothing'",
    "'{\"\u00e9\":x}', 'expected a JSON value, found ''x'' (byte 6 of the header)'",
    "'{\"a\":1;}', 'expected '','', found '';'' (byte 6 of the header)'",
    "'{\"a\":1,\"a\":2}', 'Duplicate field ''a'''",
    "'[1', 'the JSON text ends early (byte 2 of the header)'"
  })
  void tellsWhatIsWrongAndWhere(String text, String expected) {
    String message =
        assertThrows(FormatException.class, () -> HeaderParser.parse(text)).getMessage();
    assertTrue(message.startsWith("header: ") && message.contains(expected), message);
  }
}
