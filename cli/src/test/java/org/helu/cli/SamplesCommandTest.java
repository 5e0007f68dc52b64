package org.helu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.helu.runtime.device.Availability;
import org.helu.runtime.device.DeviceProvider;
import org.helu.runtime.device.Devices;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SamplesCommandTest {
  private static final Path SAMPLES = Path.of(System.getProperty("helu.root"), "samples");

  @TempDir Path folder;

  @Test
  void rowsAreTheContract() {
    JsonNode rows =
        Cli.run(
                "samples",
                "mnist-mlp",
                "--device",
                "reference",
                "--images",
                200,
                "--folder",
                SAMPLES,
                "--json")
            .expect(ExitCode.OK)
            .json()
            .get("rows");
    assertEquals(1, rows.size());
    for (JsonNode row : rows) {
      assertEquals("mnist-mlp", row.get("sample").textValue());
      assertEquals("exact", row.get("mode").textValue());
      assertEquals(200, row.get("samples").intValue());
      assertTrue(row.get("device").isTextual());
      assertTrue(row.get("accuracy").doubleValue() > 0.9, row.toString());
      assertTrue(row.get("referenceAccuracy").doubleValue() > 0.9, row.toString());
      assertEquals(1.0, row.get("top1Agreement").doubleValue());
      assertTrue(row.get("maxAbsLogitDiff").doubleValue() < 1e-2, row.toString());
      assertTrue(row.get("pass").booleanValue());
    }
  }

  @Test
  void allIsEveryAvailableDeviceButInterpreterAndSimulator() {
    Set<String> expected = new TreeSet<>();
    for (DeviceProvider provider : Devices.providers()) {
      if (provider.probe() instanceof Availability.Available) {
        expected.add(provider.name());
      }
    }
    assertTrue(expected.remove("reference"));
    expected.remove("rtl"); // available where Verilator is installed
    Cli.Result result =
        Cli.run("samples", "mnist-mlp", "--images", 50, "--folder", SAMPLES, "--json");
    if (expected.isEmpty()) {
      result.expect(ExitCode.DEVICE_UNAVAILABLE);
      return;
    }
    Set<String> found = new TreeSet<>();
    result.expect(ExitCode.OK).json().get("rows").forEach(r -> found.add(r.get("device").asText()));
    assertEquals(expected, found);
  }

  @Test
  void binarizedSamplesStandBesideTheirFloatTwin() {
    Object[] command = {
      "samples", "mnist-mlp-w1a1", "--device", "vector", "--images", 20, "--folder", SAMPLES
    };
    JsonNode rows = run(command, "--json").expect(ExitCode.OK).json().get("rows");
    assertEquals(2, rows.size());
    JsonNode twin = rows.get(0);
    JsonNode binarized = rows.get(1);
    assertEquals("float-twin", twin.get("mode").textValue());
    assertEquals("binarized", binarized.get("mode").textValue());
    // Its answers mean nothing, so there are none to misread.
    assertFalse(twin.has("accuracy") || twin.has("top1Agreement"), twin.toString());
    assertEquals(twin.get("bitOperations"), twin.get("floatBitOperations"));
    assertEquals(twin.get("floatBitOperations"), binarized.get("floatBitOperations"));
    assertTrue(
        twin.get("weightBytes").longValue() > 20 * binarized.get("weightBytes").longValue(),
        rows.toString());
    String text = run(command).expect(ExitCode.OK).out();
    assertTrue(
        text.lines().anyMatch(line -> line.matches("mnist-mlp-w1a1 +float-twin .* - .*pass")),
        text);
  }

  @Test
  void devicesForCheckingRunNoFloatTwin() {
    JsonNode rows =
        Cli.run(
                "samples",
                "mnist-mlp-w1a1",
                "--device",
                "reference",
                "--images",
                20,
                "--folder",
                SAMPLES,
                "--json")
            .expect(ExitCode.OK)
            .json()
            .get("rows");
    assertEquals(1, rows.size());
    assertEquals("binarized", rows.get(0).get("mode").textValue());
  }

  private static Cli.Result run(Object[] start, Object... more) {
    Object[] all = java.util.Arrays.copyOf(start, start.length + more.length);
    System.arraycopy(more, 0, all, start.length, more.length);
    return Cli.run(all);
  }

  @Test
  void tableHasALinePerRow() {
    String text =
        Cli.run(
                "samples",
                "mnist-mlp",
                "--images",
                50,
                "--folder",
                SAMPLES,
                "--device",
                "reference")
            .expect(ExitCode.OK)
            .out();
    assertTrue(
        text.lines().anyMatch(line -> line.matches("mnist-mlp +exact +reference.*pass")), text);
  }

  @Test
  void aDamagedSampleFailsItsRow() throws IOException {
    copy(SAMPLES.resolve("mnist-mlp"), folder.resolve("samples/mnist-mlp"));
    copy(SAMPLES.resolve("data/mnist"), folder.resolve("samples/data/mnist"));
    Files.write(folder.resolve("samples/mnist-mlp/model.onnx"), new byte[] {1, 2, 3});
    Cli.Result result =
        Cli.run("samples", "--folder", folder.resolve("samples"), "--device", "reference", "--json")
            .expect(ExitCode.CHECK_FAILED);
    JsonNode row = result.json().get("rows").get(0);
    assertEquals(false, row.get("pass").booleanValue());
    assertTrue(row.get("failure").textValue().contains("model.onnx"), row.toString());
  }

  @Test
  void unknownNamesAreErrors() {
    Cli.run("samples", "no-such-sample", "--folder", SAMPLES)
        .expectError(ExitCode.BAD_INPUT, "no-such-sample", "mnist-mlp");
    Cli.run("samples", "--device", "abacus", "--folder", SAMPLES)
        .expectError(ExitCode.DEVICE_UNAVAILABLE, "abacus");
    Cli.run("samples", "--folder", folder.resolve("missing")).expectError(ExitCode.IO, "missing");
    Cli.run("samples", "--folder", folder).expectError(ExitCode.BAD_INPUT, "no sample");
  }

  @Test
  void onlyWhatIsPublishedElsewhereIsFetched() throws IOException {
    Cli.run("fetch", "imagenet", "--folder", folder).expectError(ExitCode.BAD_INPUT, "imagenet");
    Cli.run("fetch", "mnist", "--folder", folder).expectError(ExitCode.BAD_INPUT, "mnist");
    Path damaged = folder.resolve("data/cifar10/full/test_batch.bin");
    Files.createDirectories(damaged.getParent());
    Files.write(damaged, new byte[] {1});
    Cli.run("fetch", "cifar10", "--folder", folder)
        .expectError(ExitCode.BAD_INPUT, "test_batch.bin");
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }
}
