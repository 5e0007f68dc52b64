package org.helu.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.helu.runtime.HeluException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchComparisonTest {
  @TempDir Path folder;

  private static String row(String model, int batch, double nanos) {
    return String.format(
        java.util.Locale.ROOT,
        "{\"model\":\"%s\",\"mode\":\"exact\",\"device\":\"vector\",\"batch\":%d,\"threads\":1,"
            + "\"p50Nanos\":%f,\"speedupVsOnnxRuntimeFp32\":null}",
        model,
        batch,
        nanos);
  }

  private Path file(String name, String cpu, String... rows) throws IOException {
    Path file = folder.resolve(name);
    Files.writeString(
        file,
        "{\"environment\":{\"cpu\":\"" + cpu + "\"},\"rows\":[" + String.join(",", rows) + "]}");
    return file;
  }

  @Test
  void givesTheRatioOfEveryRowThatBothHave() throws IOException {
    Path before = file("old.json", "a", row("m", 1, 100), row("m", 16, 400), row("gone", 1, 5));
    Path after = file("new.json", "b", row("m", 1, 150), row("m", 16, 200), row("born", 1, 5));
    BenchComparison comparison = BenchComparison.of(before, after);
    List<Double> ratios = comparison.rows().stream().map(BenchComparison.Ratio::ratio).toList();
    assertEquals(List.of(1.5, 0.5), ratios);
    assertEquals(List.of("gone exact vector batch 1 threads 1"), comparison.onlyOld());
    assertEquals(List.of("born exact vector batch 1 threads 1"), comparison.onlyNew());
    assertEquals(List.of("cpu was a, is b"), comparison.warnings());
    assertTrue(comparison.isSlower(1.4));
    assertFalse(comparison.isSlower(1.6));
    JsonNode json = comparison.toJson(1.4);
    assertFalse(json.get("pass").booleanValue());
    assertTrue(json.at("/rows/0/slower").booleanValue());
    assertTrue(json.at("/rows/0/oldSpeedupVsOnnxRuntimeFp32").isNull());
    assertTrue(comparison.toTable(1.4).toMarkdown().contains("SLOWER"));
    assertFalse(comparison.toTable(1.6).toMarkdown().contains("SLOWER"));
  }

  @Test
  void otherFilesAreRefusedInOneLine() throws IOException {
    Path good = file("good.json", "a", row("m", 1, 100));
    refuses("no row in common", good, file("other.json", "a", row("n", 1, 100)));
    refuses("two rows", good, file("twice.json", "a", row("m", 1, 1), row("m", 1, 1)));
    refuses("positive 'p50Nanos'", good, file("zero.json", "a", row("m", 1, 0)));
    Path text = folder.resolve("text.json");
    Files.writeString(text, "hello");
    refuses("is not JSON", good, text);
    Files.writeString(text, "{\"rows\": 3}");
    refuses("array 'rows'", good, text);
    Files.writeString(text, "{\"rows\": [{\"model\": \"m\"}]}");
    refuses("no 'mode'", good, text);
    Files.writeString(text, "");
    refuses("array 'rows'", good, text);
    refuses("cannot read", good, folder.resolve("absent.json"));
  }

  private static void refuses(String expected, Path before, Path after) {
    HeluException problem =
        assertThrows(HeluException.class, () -> BenchComparison.of(before, after));
    assertTrue(problem.getMessage().contains(expected), problem.getMessage());
    assertEquals(1, problem.getMessage().lines().count());
  }
}
