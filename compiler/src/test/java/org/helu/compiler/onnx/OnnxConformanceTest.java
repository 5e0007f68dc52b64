package org.helu.compiler.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * ONNX's own node tests, imported and run by the interpreter, against the checked-in list
 * onnx-conformance.tsv (name, {@code pass} or {@code n/a}, note or reason).
 *
 * <p>They come with Debian's package {@code libonnx-testdata}; {@code -Dhelu.onnxTestData=DIR}
 * names another folder, {@code -Dhelu.requireConformance=true} makes their absence a failure.
 *
 * <p>Notes of passing tests: {@code constant inputs} means that operands which helu needs at import
 * (shapes, axes, bounds: constants in every exported model, inputs in these tests) are made
 * initializers; {@code read as opset 11} that the test is of an older opset whose ops have not
 * changed up to opset 11.
 */
class OnnxConformanceTest {
  private static final String LIST = "/onnx-conformance.tsv";
  private static final Path DEBIAN = Path.of("/usr/share/libonnx-testdata/data/node");

  private Path data;

  private record Entry(boolean passes, String note) {}

  @BeforeEach
  void findData() {
    String folder = System.getProperty("helu.onnxTestData", "");
    data = folder.isEmpty() ? DEBIAN : Path.of(folder);
    if (!Files.isDirectory(data)) {
      String reason =
          "no ONNX node tests in " + data + ": install libonnx-testdata or set helu.onnxTestData";
      if (Boolean.getBoolean("helu.requireConformance")) {
        fail(reason);
      }
      System.err.println("SKIPPED OnnxConformanceTest: " + reason);
      Assumptions.abort(reason);
    }
  }

  @Test
  void listNamesExactlyTheInstalledTests() throws IOException {
    assertEquals(new TreeSet<>(installed()), new TreeSet<>(list().keySet()));
  }

  @TestFactory
  Stream<DynamicTest> nodeTests() throws IOException {
    Map<String, Entry> list = list();
    return installed().stream()
        .map(name -> DynamicTest.dynamicTest(name, () -> check(name, list.get(name))));
  }

  private void check(String name, Entry entry) throws IOException {
    assertNotNull(entry, name + " is missing from " + LIST);
    ConformanceCase test = new ConformanceCase(data.resolve(name));
    boolean bind = entry.note.contains(ConformanceCase.BOUND);
    boolean raise = entry.note.contains(ConformanceCase.RAISED);
    if (entry.passes) {
      assertNull(test.run(bind, raise), name);
    } else {
      assertNotNull(test.run(false, false), name + " passes, but is listed n/a: " + entry.note);
      assertNotNull(test.run(true, false), name + " passes, but is listed n/a: " + entry.note);
    }
  }

  private List<String> installed() throws IOException {
    try (Stream<Path> folders = Files.list(data)) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("model.onnx")))
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  private static Map<String, Entry> list() {
    Map<String, Entry> list = new LinkedHashMap<>();
    try (InputStream stream = OnnxConformanceTest.class.getResourceAsStream(LIST)) {
      assertNotNull(stream, LIST + " is missing");
      String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.lines().filter(l -> !l.startsWith("#")).toList()) {
        String[] columns = line.split("\t", -1);
        assertEquals(3, columns.length, line);
        assertTrue(columns[1].equals("pass") || columns[1].equals("n/a"), line);
        assertTrue(columns[1].equals("pass") || !columns[2].isBlank(), "no reason: " + line);
        assertNull(list.put(columns[0], new Entry(columns[1].equals("pass"), columns[2])), line);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return list;
  }
}
