package org.helu.compiler.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The manual lists exactly the ops that the importer knows. */
class OpTableTest {
  @Test
  void manualListsEveryOp() throws IOException {
    Path manual = Path.of(System.getProperty("helu.root", ".."), "docs", "onnx.md");
    Set<String> listed = new TreeSet<>();
    boolean inTable = false;
    for (String line : Files.readAllLines(manual)) {
      if (line.startsWith("| op |")) {
        inTable = true;
      } else if (inTable && line.startsWith("| ")) {
        String ops = line.split("\\|")[1].strip();
        for (String op : Arrays.asList(ops.split(", "))) {
          assertTrue(listed.add(op), op + " is listed twice");
        }
      }
    }
    assertEquals(OpTable.ALL.names(), listed);
  }
}
