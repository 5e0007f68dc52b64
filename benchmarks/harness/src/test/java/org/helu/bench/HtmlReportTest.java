package org.helu.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlReportTest {
  private static final int MAX_BYTES = 1_500_000;
  private static final List<String> BROWSERS =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

  @TempDir Path folder;

  /** A made-up result: what is drawn of it is known. */
  static JsonNode example() throws IOException {
    try (var stream = HtmlReportTest.class.getResourceAsStream("example.json")) {
      return new ObjectMapper().readTree(stream);
    }
  }

  @Test
  void thePageNeedsNothingElse() throws IOException {
    String page = HtmlReport.write(example());
    assertTrue(page.length() < MAX_BYTES, page.length() + " characters");
    assertFalse(page.contains("{{"), "a place was not filled");
    for (String loader : List.of("src=", "<link", "@import", "url(", "fetch(", "XMLHttpRequest")) {
      assertFalse(page.contains(loader), loader + " would load something");
    }
  }

  @Test
  void namesCannotEndTheScript() throws IOException {
    JsonNode json = example();
    ((com.fasterxml.jackson.databind.node.ObjectNode) json.at("/rows/0"))
        .put("model", "</script><script>alert(1)</script>{{js}}");
    String page = HtmlReport.write(json);
    assertFalse(page.contains("<script>alert"), "a name became a script");
  }

  @Test
  void aBrowserDrawsAllCharts() throws Exception {
    String browser = browser();
    Path page = folder.resolve("report.html");
    Files.writeString(page, HtmlReport.write(example()));
    String dom = run(browser, "--dump-dom", page.toUri().toString());
    int body = dom.indexOf("<body");
    // An error would be another attribute.
    assertEquals("<body data-charts=\"5\">", dom.substring(body, dom.indexOf('>', body) + 1));
    assertTrue(dom.contains("exact on vector: first answer after 250 ms, peak memory 60.0 MiB"));
    assertTrue(dom.contains("opencl: skipped, no driver; install one"), "no line for a device");

    Path shot = folder.resolve("report.png");
    run(browser, "--screenshot=" + shot, "--window-size=1120,3300", page.toUri().toString());
    keep(page, shot);
    BufferedImage image = ImageIO.read(shot.toFile());
    assertEquals(1120, image.getWidth());
    // Colours of the first two series and of one-bit layers: bars, points and lines were drawn.
    Set<Integer> colours = new HashSet<>();
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        colours.add(image.getRGB(x, y) & 0xffffff);
      }
    }
    for (int expected : new int[] {0x2563a8, 0xd9822b, 0x3d8f5f}) {
      assertTrue(colours.contains(expected), () -> Integer.toHexString(expected) + " is missing");
    }
  }

  /** With -Dhelu.keepReport=DIR, for whoever wants to look. */
  private static void keep(Path... files) throws IOException {
    String target = System.getProperty("helu.keepReport");
    if (target != null) {
      for (Path file : files) {
        Files.copy(
            file,
            Path.of(target).resolve(file.getFileName()),
            java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static String browser() {
    for (String name : BROWSERS) {
      for (String place : System.getenv("PATH").split(File.pathSeparator)) {
        Path file = Path.of(place, name);
        if (Files.isExecutable(file)) {
          return file.toString();
        }
      }
    }
    boolean required = Boolean.getBoolean("helu.requireBrowser");
    assertFalse(required, "no browser on PATH, one of " + BROWSERS);
    Assumptions.abort("no browser on PATH to look at the report with, one of " + BROWSERS);
    throw new AssertionError();
  }

  private String run(String browser, String... arguments) throws Exception {
    Path profile = Files.createTempDirectory(folder, "profile");
    Path out = folder.resolve("out");
    List<String> command =
        new ArrayList<>(
            List.of(
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--hide-scrollbars",
                "--virtual-time-budget=5000",
                "--user-data-dir=" + profile));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError(browser + " did not end");
    }
    assertEquals(0, process.exitValue(), browser);
    return Files.readString(out);
  }
}
