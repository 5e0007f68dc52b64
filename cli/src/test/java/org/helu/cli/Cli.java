package org.helu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;

/** Runs the command in this process. */
final class Cli {
  private Cli() {}

  /** What a run printed and returned. */
  record Result(int exitCode, String out, String err) {
    /** Standard output as JSON; fails if it holds anything else. */
    JsonNode json() {
      try {
        return new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .readTree(out);
      } catch (JsonProcessingException e) {
        throw new AssertionError("not JSON: " + out, e);
      }
    }

    Result expect(int expected) {
      assertEquals(expected, exitCode, () -> "out: " + out + "\nerr: " + err);
      return this;
    }

    /** Checks that standard error is one line which contains {@code parts}, and nothing else. */
    Result expectError(int expected, String... parts) {
      expect(expected);
      assertEquals("", out);
      assertEquals(1, err.lines().count(), err);
      assertTrue(err.startsWith("helu: "), err);
      assertFalse(err.contains("Exception"), err);
      for (String part : parts) {
        assertTrue(err.contains(part), () -> "expected '" + part + "' in: " + err);
      }
      return this;
    }
  }

  static Result run(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] texts = Arrays.stream(args).map(Object::toString).toArray(String[]::new);
    int exitCode = Main.run(new PrintWriter(out), new PrintWriter(err), texts);
    return new Result(exitCode, out.toString(), err.toString());
  }
}
