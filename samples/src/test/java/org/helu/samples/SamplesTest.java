package org.helu.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.Devices;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every sample on every device against the training reference. */
class SamplesTest {
  /** The scalar reference device would take minutes for all: it runs the first ones. */
  private static final int REFERENCE_IMAGES = 100;

  @TempDir Path folder;

  static Path samplesFolder() {
    return Path.of(System.getProperty("helu.root")).resolve("samples");
  }

  static Stream<Arguments> samplesOnDevices() {
    return Sample.list(samplesFolder()).stream()
        .flatMap(
            sample ->
                Devices.providers().stream()
                    .map(device -> Arguments.of(sample.name(), device.name())));
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("samplesOnDevices")
  void answersAsTheTrainingReference(String name, String device) {
    Sample sample = Sample.read(samplesFolder().resolve(name));
    int limit = device.equals("reference") ? REFERENCE_IMAGES : 0;
    SampleRunner.Options options = new SampleRunner.Options(limit, DeviceOptions.DEFAULT, folder);
    List<SampleResult> rows =
        SampleRunner.run(List.of(sample), List.of(device), options, Progress.NONE);
    assertEquals(Variant.of(sample).size(), rows.size());
    for (SampleResult row : rows) {
      System.out.println(row.toJson());
      if (row.isSkipped()) {
        assertFalse(
            device.equals(System.getProperty("helu.requireDevice")), "required: " + row.skipped());
        abort(device + " is not available: " + row.skipped());
      }
      assertTrue(row.pass(), row.toJson().toString());
      assertEquals(limit == 0 ? sample.committedImages() : limit, row.samples());
    }
    assertTrue(Files.exists(folder.resolve(name + ".helu")));
  }
}
