package org.helu.compiler.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Expected texts in {@code src/test/resources/golden}. */
public final class GoldenFiles {
  private GoldenFiles() {}

  /** Compares, or with {@code -Dhelu.updateGolden=true} rewrites, a golden file. */
  public static void compare(String file, String actual) throws IOException {
    if (Boolean.getBoolean("helu.updateGolden")) {
      Files.writeString(Path.of("src/test/resources/golden", file), actual);
      return;
    }
    try (InputStream in = GoldenFiles.class.getResourceAsStream("/golden/" + file)) {
      assertNotNull(
          in, "no golden file " + file + "; run with -Dhelu.updateGolden=true and read it");
      assertEquals(new String(in.readAllBytes(), StandardCharsets.UTF_8), actual);
    }
  }
}
