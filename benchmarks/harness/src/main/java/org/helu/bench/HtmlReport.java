package org.helu.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;

/**
 * A result as one page that needs nothing else: styles, charts (by Chart.js, MIT licence) and the
 * JSON that they are drawn from are part of it.
 */
public final class HtmlReport {
  private HtmlReport() {}

  /** The page of {@code result}. */
  public static String write(BenchResult result) {
    return write(result.toJson());
  }

  static String write(JsonNode json) {
    Properties places = new Properties();
    try {
      places.load(new StringReader(read("report.properties")));
      String page = read("report.html");
      page = insert(page, "css", read("report.css"));
      page = insert(page, "js", read("report.js"));
      page = insert(page, "chartjs", read("/" + places.getProperty("chartjs")));
      // Names come from files: none may end the script element that holds them.
      return insert(
          page, "data", new ObjectMapper().writeValueAsString(json).replace("<", "\\u003c"));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree without cycles is always writable", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String insert(String page, String place, String text) {
    return page.replace("{{" + place + "}}", text);
  }

  private static String read(String name) throws IOException {
    try (InputStream stream = HtmlReport.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IOException("no resource '" + name + "' on the class path");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
