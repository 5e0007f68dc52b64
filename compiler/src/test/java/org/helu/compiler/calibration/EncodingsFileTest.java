package org.helu.compiler.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.helu.compiler.Compiler;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.Certificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncodingsFileTest {
  @TempDir Path folder;

  private Path write() {
    Certificate certificate =
        new Certificate(
            "ef".repeat(32),
            500,
            400,
            true,
            0.9,
            0.895,
            0.004,
            0.01,
            "vector",
            List.of(new Certificate.Layer("a", "u8s8"), new Certificate.Layer("b", "f32")));
    QuantizationPlan plan =
        new QuantizationPlan(
            "ab".repeat(32),
            "auto",
            List.of(new QuantizationPlan.Equalization("a", "b", new float[] {0.1f, 3})),
            List.of(
                new QuantizationPlan.Layer(
                    "a", LayerEncoding.INT8, new Quantizer(0.1f, 3, 255), new float[] {-0.7f, 1}),
                QuantizationPlan.Layer.exact("b")),
            List.of(new QuantizationPlan.Value("s", new Quantizer(0.3f, 7, 255))),
            certificate);
    Path file = folder.resolve("encodings.json");
    EncodingsFile.write(file, plan);
    return file;
  }

  @Test
  void comesBack() throws IOException {
    Path file = write();
    QuantizationPlan plan = EncodingsFile.read(file);
    assertEquals("auto", plan.mode());
    assertEquals(0.1f, plan.layers().getFirst().input().scale());
    assertEquals(-0.7f, plan.layers().getFirst().bias()[0]);
    assertEquals(7, plan.values().getFirst().quantizer().zeroPoint());
    assertEquals(0.895, plan.certificate().accuracy());
    assertEquals(2, plan.certificate().layers().size());
    Path again = folder.resolve("again.json");
    EncodingsFile.write(again, plan);
    assertEquals(Files.readString(file), Files.readString(again));
  }

  @Test
  void certificatesOfOtherCompilersAreDropped() throws IOException {
    Path file = write();
    Files.writeString(file, Files.readString(file).replace(Compiler.VERSION, "helu 0.0"));
    assertNull(EncodingsFile.read(file).certificate());
  }

  @Test
  void damagedFilesAreErrors() throws IOException {
    String good = Files.readString(write());
    String[][] cases = {
      {"\"format\": 2", "\"format\": 1", "format 1"},
      {"u8s8\",\"scale", "u9s9\",\"scale", "unknown encoding 'u9s9'"},
      {"\"scale\":0.1", "\"scale\":-1", "scale > 0"},
      {"\"zeroPoint\":3", "\"zeroPoint\":300", "zero point"},
      {"-0.7", "\"x\"", "bias[0]"},
      {"\"factors\":[0.1", "\"factors\":[0", "equalization by 0"},
      {"\"zeroPoint\":7", "\"zeroPoint\":-7", "zero point"},
      {"\"values\"", "\"value\"", "'values'"},
      {"\"layers\"", "\"layer\"", "'layers'"},
      {"{\n", "{{", "not JSON"},
    };
    for (String[] c : cases) {
      assertTrue(good.contains(c[0]), c[0] + " in " + good);
      Path file = folder.resolve("bad.json");
      Files.writeString(file, good.replace(c[0], c[1]));
      HeluException e = assertThrows(HeluException.class, () -> EncodingsFile.read(file), c[1]);
      assertTrue(e.getMessage().contains(c[2]), e.getMessage());
      assertEquals(1, e.getMessage().lines().count());
    }
    HeluException missing =
        assertThrows(HeluException.class, () -> EncodingsFile.read(folder.resolve("none.json")));
    assertEquals(HeluException.Kind.IO, missing.kind());
  }
}
