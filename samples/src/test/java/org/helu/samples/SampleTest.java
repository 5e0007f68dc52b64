package org.helu.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.Npy;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class SampleTest {
  private static final Path SAMPLES = SamplesTest.samplesFolder();
  private static final SampleRunner.Options FEW =
      new SampleRunner.Options(20, DeviceOptions.DEFAULT, null);

  @TempDir Path temporary;

  /** A copy of mnist-mlp with its data, to be damaged. */
  private Path copy() throws IOException {
    Path samples = Files.createDirectories(temporary.resolve("samples"));
    for (String part : List.of("mnist-mlp", "data/mnist")) {
      Path target = Files.createDirectories(samples.resolve(part));
      try (Stream<Path> files = Files.list(SAMPLES.resolve(part))) {
        for (Path file : files.toList()) {
          Files.copy(file, target.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    return samples.resolve("mnist-mlp");
  }

  private static void edit(Path folder, String find, String replacement) throws IOException {
    Path file = folder.resolve("reference.json");
    String text = Files.readString(file);
    assertTrue(text.contains(find), find);
    Files.writeString(file, text.replace(find, replacement));
  }

  private static void rejected(String expected, Executable action) {
    HeluException e = assertThrows(HeluException.class, action);
    assertEquals(1, e.getMessage().lines().count());
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }

  private static SampleResult run(Path folder) {
    return SampleRunner.run(List.of(Sample.read(folder)), List.of("reference"), FEW, Progress.NONE)
        .getFirst();
  }

  @Test
  void theCommittedSamplesAreComplete() {
    List<Sample> samples = Sample.list(SAMPLES);
    assertEquals(
        List.of(
            "cifar10-resnet8",
            "cifar10-vgg-w1a1",
            "fashion-cnn",
            "fashion-cnn-w1a1",
            "mnist-mlp",
            "mnist-mlp-w1a1"),
        samples.stream().map(Sample::name).toList());
    for (Sample sample : samples) {
      sample.verifyFiles();
      SampleData data = SampleData.load(sample);
      Tensor logits = sample.referenceLogits();
      assertEquals(Shape.of(1000, 10), logits.shape());
      Tensor predictions = sample.referencePredictions();
      int correct = 0;
      Set<Integer> seen = new HashSet<>();
      for (int i = 0; i < data.images().count(); i++) {
        int index = data.testIndices()[i];
        assertTrue(seen.add(index), "test image " + index + " stands once");
        correct += predictions.getLong(index) == data.images().label(i) ? 1 : 0;
      }
      int stated = data.wholeTestSet() ? sample.correct() : sample.committedCorrect();
      assertEquals(stated, correct, sample.name() + ": labels, predictions, reference.json");
    }
  }

  @Test
  void aFetchedTestSetIsPreferredAndChecked() throws IOException {
    Sample cifar = Sample.read(SAMPLES.resolve("cifar10-resnet8"));
    Path root = Files.createDirectories(temporary.resolve("samples/cifar10-resnet8"));
    Path full = Files.createDirectories(temporary.resolve("samples/data/cifar10/full"));
    Files.write(full.resolve("test_batch.bin"), new byte[3073]);
    Sample moved =
        new Sample(
            root,
            cifar.name(),
            cifar.description(),
            cifar.dataset(),
            cifar.classes(),
            cifar.inputShape(),
            cifar.testImages(),
            cifar.correct(),
            cifar.committedImages(),
            cifar.committedCorrect(),
            cifar.lowBit(),
            cifar.files());
    rejected("expected MD5 803d5f7f4d78ea53de84dbe85f74fb6d", () -> SampleData.load(moved));
  }

  @Test
  void badReferencesAreNamed() throws IOException {
    Path folder = copy();
    Path json = folder.resolve("reference.json");
    String good = Files.readString(json);
    String[][] edits = {
      {"\"format\": 1", "\"format\": 2", "has format 2, this build reads format 1"},
      {"\"correct\": 9918", "\"correct\": \"9918\"", "accuracy.correct: expected an integer"},
      {"\"correct\": 9918", "\"correct\": -1", "expected at least 0, found -1"},
      {"\"dataset\"", "\"datum\"", "dataset: expected a string"},
      {"\"files\"", "\"hashes\"", "files: expected an object"},
      {"\"model.onnx\":", "\"other.onnx\":", "gives no SHA-256 of model.onnx"},
      {"\"model.onnx\": \"", "\"model.onnx\": \"x", "gives no SHA-256 of 'model.onnx'"},
      {"../data/mnist/t10k-i", "../../../etc/t10k-i", "lies outside the samples folder"},
      {"28", "0", "expected input.shape [channels, height, width]"},
      {"{", "[", "is not JSON"},
    };
    for (String[] edit : edits) {
      Files.writeString(json, good);
      edit(folder, edit[0], edit[1]);
      rejected(edit[2], () -> Sample.read(folder));
    }
    Files.writeString(json, "");
    rejected("expected", () -> Sample.read(folder));
    Files.write(json, new byte[2 << 20]);
    rejected("has more than 1048576 bytes", () -> Sample.read(folder));
    Files.delete(json);
    rejected("cannot read", () -> Sample.read(folder));
    rejected("no sample in", () -> Sample.list(folder));
    rejected("cannot read", () -> Sample.list(folder.resolve("missing")));
  }

  @Test
  void dataThatDoesNotFitIsNamed() throws IOException {
    Path folder = copy();
    edit(folder, "\"mnist\"", "\"imagenet\"");
    rejected("found 'imagenet'", () -> SampleData.load(Sample.read(folder)));
    edit(folder, "\"imagenet\"", "\"mnist\"");
    edit(folder, "\"testImages\": 10000", "\"testImages\": 9999");
    rejected("expected 9999 images, found 10000", () -> SampleData.load(Sample.read(folder)));
    rejected("expected uint8[9999]", () -> Sample.read(folder).referencePredictions());
    edit(folder, "28", "27");
    rejected("expected images [1x27x27]", () -> SampleData.load(Sample.read(folder)));
    Npy.write(folder.resolve("reference-logits.npy"), Tensor.ofFloats(Shape.of(1, 2), 1, 2));
    rejected("expected shape [images x 10]", () -> Sample.read(folder).referenceLogits());
  }

  @Test
  void aChangedFileFailsTheRow() throws IOException {
    Path folder = copy();
    byte[] model = Files.readAllBytes(folder.resolve("model.onnx"));
    model[model.length / 2] ^= 1;
    Files.write(folder.resolve("model.onnx"), model);
    SampleResult row = run(folder);
    assertFalse(row.pass());
    assertFalse(row.isSkipped());
    assertTrue(row.failure().contains("expected SHA-256"), row.failure());
  }

  /** Writes changed reference answers with their right hash into a copy. */
  private static void replace(Path folder, String file, Tensor tensor) throws IOException {
    Path path = folder.resolve(file);
    String before = Sample.hash("SHA-256", path);
    Npy.write(path, tensor);
    edit(folder, before, Sample.hash("SHA-256", path));
  }

  @Test
  void answersOtherThanTheReferencesFailTheRow() throws IOException {
    Path folder = copy();
    assertTrue(run(folder).pass(), "the copy itself passes");
    Tensor logits = Sample.read(folder).referenceLogits();
    logits.setFloat(7, logits.getFloat(7) + 0.01f);
    replace(folder, "reference-logits.npy", logits);
    SampleResult row = run(folder);
    assertFalse(row.pass());
    assertEquals(0.01, row.maxAbsLogitDiff(), 1e-4);
    assertTrue(row.failure().startsWith("logits differ by"), row.failure());

    logits.setFloat(7, logits.getFloat(7) - 0.01f);
    replace(folder, "reference-logits.npy", logits);
    Tensor predictions = Sample.read(folder).referencePredictions();
    predictions.setLong(3, predictions.getLong(3) == 0 ? 1 : 0);
    replace(folder, "reference-predictions.npy", predictions);
    row = run(folder);
    assertFalse(row.pass());
    assertEquals(0.95, row.top1Agreement());
    assertTrue(row.failure().startsWith("1 of 20 images"), row.failure());
  }

  @Test
  void progressAndResults() throws IOException {
    StringBuilder steps = new StringBuilder();
    Sample sample = Sample.read(SAMPLES.resolve("mnist-mlp"));
    Path kept = temporary.resolve("kept/files");
    SampleRunner.Options options = new SampleRunner.Options(300, DeviceOptions.DEFAULT, kept);
    SampleResult row =
        SampleRunner.run(
                List.of(sample),
                List.of("reference"),
                options,
                (work, done, total) ->
                    steps
                        .append(work)
                        .append(' ')
                        .append(done)
                        .append('/')
                        .append(total)
                        .append(';'))
            .getFirst();
    assertEquals(
        "mnist-mlp on reference 250/300;mnist-mlp on reference 300/300;", steps.toString());
    assertEquals(Files.size(kept.resolve("mnist-mlp.helu")), row.fileBytes());
    assertEquals(300, row.samples());
    assertTrue(row.weightBytes() > 0 && row.weightBytes() < row.fileBytes());
    assertTrue(row.microsPerSample() > 0 && row.compileMillis() > 0);
    String json = row.toJson().toString();
    for (String key :
        List.of(
            "\"sample\":\"mnist-mlp\"",
            "\"mode\":\"exact\"",
            "\"device\":\"reference\"",
            "\"samples\":300",
            "\"referenceAccuracy\":",
            "\"accuracy\":",
            "\"top1Agreement\":1.0",
            "\"maxAbsLogitDiff\":",
            "\"pass\":true")) {
      assertTrue(json.contains(key), key + " in " + json);
    }
  }

  @Test
  void skippedAndFailedRowsAreTold() {
    SampleResult skipped = SampleResult.skipped("s", "exact", "gpu", "no GPU; buy one");
    assertTrue(skipped.isSkipped());
    assertFalse(skipped.pass());
    assertEquals(
        "{\"sample\":\"s\",\"mode\":\"exact\",\"device\":\"gpu\",\"skipped\":\"no GPU; buy one\"}",
        skipped.toJson().toString());
    SampleResult failed = SampleResult.failed("s", "exact", "gpu", "a GPU", "it broke");
    assertFalse(failed.isSkipped());
    assertTrue(failed.toJson().toString().contains("\"pass\":false"));
  }

  @Test
  void unknownDevicesAreNamed() {
    List<Sample> none = List.of();
    rejected(
        "no device 'abacus', found",
        () -> SampleRunner.run(none, List.of("abacus"), FEW, Progress.NONE));
    assertArrayEquals(
        new Object[0], SampleRunner.run(none, List.of("auto"), FEW, Progress.NONE).toArray());
    rejected("at least 0", () -> new SampleRunner.Options(-1, DeviceOptions.DEFAULT, null));
  }
}
