package org.helu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

class InspectCommandTest {
  @TempDir Path folder;

  @Test
  void tableTellsCostsPerLayer() {
    String text = Cli.run("inspect", TinyModels.helu(folder, 0)).expect(ExitCode.OK).out();
    assertTrue(text.contains("fc1"), text);
    assertTrue(
        text.matches("(?s).*fc1 +Dense<\\+bias \\+gate> +float32\\[Nx3] +gated +12 .*"), text);
    assertTrue(text.contains("activations at peak"), text);
  }

  @Test
  void jsonTellsTotals() {
    JsonNode json = Cli.run("inspect", TinyModels.helu(folder, 0), "--json").expect(0).json();
    assertEquals("helu", json.get("format").textValue());
    assertEquals(12 + 6, json.get("totals").get("macs").intValue());
    assertEquals(12 + 3 + 6, json.get("totals").get("parameters").intValue());
    assertEquals(1, json.get("totals").get("gatedValues").intValue());
    // h: 3 floats, padded to 64 bytes, and one mask word, again padded; y: 2 floats.
    assertEquals(128 + 64, json.get("totals").get("peakActivationBytes").intValue());
    assertEquals("[\"N\",4]", json.get("inputs").get(0).get("shape").toString());
    JsonNode layer = json.get("layers").get(0);
    assertEquals("fc1", layer.get("name").textValue());
    assertEquals(12, layer.get("macs").intValue());
    assertEquals((12 + 3) * 4, layer.get("weightBytes").intValue());
  }

  @Test
  void onnxIsShownAsImported() throws IOException {
    JsonNode json = Cli.run("inspect", TinyModels.onnx(folder), "--json").expect(0).json();
    assertEquals("onnx", json.get("format").textValue());
    assertEquals(3, json.get("layers").size());
    assertEquals("Helu", json.get("layers").get(1).get("op").textValue());
    assertEquals(12 + 6, json.get("totals").get("macs").intValue());
    assertEquals(64, json.get("provenance").get("sourceSha256").textValue().length());
  }

  @Test
  void dotAndSvgAreDrawn() throws Exception {
    Path model = TinyModels.helu(folder, 0);
    String dot = Cli.run("inspect", model, "--dot", "-").expect(ExitCode.OK).out();
    assertTrue(dot.startsWith("digraph \"tiny\" {"), dot);
    assertEquals(3, dot.lines().filter(line -> line.contains(" -> ")).count(), dot);

    Path svg = folder.resolve("tiny.svg");
    Cli.run("inspect", model, "--svg", svg).expect(ExitCode.OK);
    Document document =
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.toFile());
    assertEquals("svg", document.getDocumentElement().getTagName());
    // Two nodes, an input, an output, and the background.
    assertEquals(5, document.getElementsByTagName("rect").getLength());

    Cli.Result both = Cli.run("inspect", model, "--dot", "-", "--json").expect(ExitCode.OK);
    assertEquals("tiny", both.json().get("name").textValue());
    assertTrue(both.err().contains("digraph"), both.err());
    Cli.run("inspect", model, "--svg", folder.resolve("no/folder.svg"))
        .expectError(ExitCode.IO, "folder.svg");
  }

  @Test
  void randomBytesAreRefused() throws IOException {
    long seed = 11;
    byte[] bytes = new byte[10_000];
    new Random(seed).nextBytes(bytes);
    Path random = Files.write(folder.resolve("random.helu"), bytes);
    Cli.run("inspect", random).expectError(ExitCode.BAD_INPUT, "random.helu");
    Path empty = Files.write(folder.resolve("empty.helu"), new byte[0]);
    Cli.run("inspect", empty).expectError(ExitCode.BAD_INPUT, "empty.helu");
    Cli.run("inspect", folder).expectError(ExitCode.IO);
  }
}
