package org.helu.runtime.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Certificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateCodecTest {
  @TempDir Path folder;

  private static Certificate certificate(double budget) {
    return new Certificate(
        "cd".repeat(32),
        500,
        499,
        true,
        0.888,
        0.1 + 0.2,
        0.004,
        budget,
        "vector",
        List.of(new Certificate.Layer("fc1", "u8s8"), new Certificate.Layer("fc2", "f32")));
  }

  @Test
  void filesCarryIt() {
    for (double budget : new double[] {0.01, Double.NaN}) {
      BinarizedGraph small = Graphs.small();
      BinarizedGraph certified =
          new BinarizedGraph(small.graph(), small.provenance().with(certificate(budget)));
      Path file = folder.resolve("certified.helu");
      HeluFile.write(file, certified);
      assertEquals(certificate(budget), HeluFile.read(file).provenance().certificate());
      assertTrue(HeluFile.inspect(file).headerJson().contains("\"certificate\""));
    }
  }

  @Test
  void filesWithoutItAreAsTheyWere() {
    Path file = folder.resolve("small.helu");
    HeluFile.write(file, Graphs.small());
    assertFalse(HeluFile.inspect(file).headerJson().contains("certificate"));
    assertNull(HeluFile.read(file).provenance().certificate());
  }

  @Test
  void wrongFieldsAreErrors() {
    rejected("field 'samples' is missing", json -> json.remove("samples"));
    rejected("samples: expected at least 0", json -> json.put("samples", -1));
    rejected("accuracy: expected 0 to 1, found 1.5", json -> json.put("accuracy", 1.5));
    rejected("expected 0 to 1, found NaN", json -> json.put("referenceAccuracy", "NaN"));
    rejected("dataSha256: expected 64", json -> json.put("dataSha256", "CD"));
    rejected("unknown field 'author'", json -> json.put("author", "me"));
    rejected("layers: expected an array", json -> json.put("layers", 1));
  }

  private static void rejected(String expected, Consumer<ObjectNode> change) {
    ObjectNode json = CertificateCodec.encode(certificate(0.01));
    change.accept(json);
    FormatException e =
        assertThrows(
            FormatException.class, () -> CertificateCodec.decode(new JsonFields(json, "c")));
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }
}
